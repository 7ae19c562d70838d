import pg from 'pg'

/** The first wait before connecting anew; doubled up to the last. */
const RECONNECT_FIRST_MS = 100
const RECONNECT_LAST_MS = 2_000

export interface ChangeListener {
  close(): Promise<void>
}

export interface ChangeListenerOptions {
  connectionString: string
  channels: readonly string[]
  onChange(channel: string): void
  /** Called with true once changes are heard, with false as soon as they may be missed. */
  onListening(listening: boolean): void
  report(error: Error): void
}

/** Hears of changes through `LISTEN`/`NOTIFY` on a connection of its own, which comes back by itself. */
export async function listenForChanges(options: ChangeListenerOptions): Promise<ChangeListener> {
  let closed = false
  let current: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null
  let waitMs = RECONNECT_FIRST_MS

  async function connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: options.connectionString,
      application_name: 'farebox-listener',
      keepAlive: true,
    })
    const lost = (): void => {
      if (current !== client) return
      current = null
      options.onListening(false)
      if (!closed) retry()
    }
    client.on('notification', (message) => options.onChange(message.channel))
    client.on('error', (error) => {
      options.report(error)
      lost()
    })
    client.on('end', lost)
    await client.connect()
    current = client
    for (const channel of options.channels) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
    waitMs = RECONNECT_FIRST_MS
    options.onListening(true)
  }

  function retry(): void {
    if (timer) return
    timer = setTimeout(() => {
      timer = null
      connect().catch((error: Error) => {
        options.report(error)
        waitMs = Math.min(waitMs * 2, RECONNECT_LAST_MS)
        current = null
        if (!closed) retry()
      })
    }, waitMs)
    timer.unref()
  }

  await connect()
  return {
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await current?.end()
    },
  }
}
