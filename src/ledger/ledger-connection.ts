import { Socket } from 'node:net'
import pg from 'pg'
import { type RowEncoders, readRowEncoders } from './sql/row-encoder.ts'
import { ALL_WRITES } from './sql/writes.ts'

/** The first wait after a failed attempt to connect; doubled up to the last. */
const RECONNECT_FIRST_MS = 50
const RECONNECT_LAST_MS = 1_000
const CONNECT_TIMEOUT_MS = 3_000
/** A batch takes milliseconds; one that takes this long is stuck behind somebody else's lock. */
const STATEMENT_TIMEOUT_MS = 10_000
/** A process that stops in the middle of a batch must not keep wallets locked. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000

/**
 * The ledger's few statements are planned once: the lengths of their arrays must not have them planned anew each time.
 * Each of them reaches single rows through an index; the planner, which guesses at arrays, must not scan a table instead.
 */
const PLANNING = [
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_material=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

export interface LedgerConnection {
  /** The live connection; waits for one attempt to connect, and throws when that fails. */
  client(): Promise<pg.Client>
  /** Writes rows as the database behind this connection has its tables; read once, when the connection was made. */
  encoders(client: pg.Client): RowEncoders
  /** Whether this error means that the connection is gone; if so it is given up, and the next call makes a new one. */
  isLost(client: pg.Client, error: unknown): boolean
  /** Sends what the work submits at once as one packet: each write to the socket wakes the server up. */
  together<Result>(client: pg.Client, work: () => Result): Result
  report(error: Error): void
  close(): Promise<void>
}

/** The one pipelined connection that a process writes its ledger through. It comes back by itself. */
export function createLedgerConnection(connectionString: string, report: (error: Error) => void): LedgerConnection {
  let live: pg.Client | null = null
  let connecting: Promise<pg.Client> | null = null
  let notBefore = 0
  let waitMs = RECONNECT_FIRST_MS
  const lost = new WeakSet<pg.Client>()
  const sockets = new WeakMap<pg.Client, Socket>()
  const encoders = new WeakMap<pg.Client, RowEncoders>()

  function lose(client: pg.Client): void {
    lost.add(client)
    if (live === client) live = null
  }

  async function connect(): Promise<pg.Client> {
    const socket = new Socket()
    const client = new pg.Client({
      stream: () => socket,
      connectionString,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      application_name: 'farebox-ledger',
      options: PLANNING,
    })
    sockets.set(client, socket)
    client.on('error', (error) => {
      lose(client)
      report(error)
    })
    client.on('end', () => lose(client))
    await client.connect()
    try {
      encoders.set(client, await readRowEncoders(client, ALL_WRITES))
    } catch (error) {
      client.end().catch(report)
      throw error
    }
    return client
  }

  function attempt(): Promise<pg.Client> {
    connecting ??= new Promise((resolve) => setTimeout(resolve, Math.max(0, notBefore - performance.now())))
      .then(connect)
      .then(
        (client) => {
          live = client
          waitMs = RECONNECT_FIRST_MS
          return client
        },
        (error: unknown) => {
          notBefore = performance.now() + waitMs
          waitMs = Math.min(waitMs * 2, RECONNECT_LAST_MS)
          throw error
        },
      )
      .finally(() => {
        connecting = null
      })
    return connecting
  }

  return {
    client: () => (live ? Promise.resolve(live) : attempt()),
    encoders(client) {
      const known = encoders.get(client)
      if (!known) throw new Error('this connection is not of the ledger')
      return known
    },
    isLost(client, error) {
      if (!lost.has(client) && !isConnectionFailure(error)) return false
      lose(client)
      client.end().catch(report)
      return true
    },
    together(client, work) {
      const socket = sockets.get(client)
      socket?.cork()
      try {
        return work()
      } finally {
        socket?.uncork()
      }
    },
    report,
    async close() {
      const client = live
      live = null
      if (client) await client.end()
    },
  }
}

/** SQLSTATE classes that end a session: connection exception, operator intervention (manual, appendix A). */
const SESSION_ENDING = /^(08|57P|25P03)/

function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof pg.DatabaseError) return SESSION_ENDING.test(error.code ?? '')
  return 'syscall' in error || DRIVER_LOST.test(error.message)
}

/** The driver has no code of its own for a connection that went away. */
const DRIVER_LOST = /connection terminated|not queryable|connection error|client was closed/i
