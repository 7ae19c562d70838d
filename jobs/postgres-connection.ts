import { type PgPoolClient, PostgresConnection } from 'bullmq'
import { JOBS_SCHEMA, prepareJobsSchema } from './postgres-schema.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Longer than any statement of a queue takes; shorter than TCP's patience with a machine that is gone. */
const STATEMENT_TIMEOUT_MS = 20_000
const IDLE_TIMEOUT_MS = 30_000
/** Any number that is no other advisory lock's; the letters of "jobs" on a telephone. */
const ALONE_LOCK_KEY = 5627
/** SQLSTATE of a statement that was undone so that another one could go on. */
const DEADLOCK = '40P01'
/** Two commands that met once seldom meet again. */
const DEADLOCK_ATTEMPTS = 5
/** Every queue and worker listens to the one connection. */
const LISTENERS_MAX = 100

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>

/**
 * What all queues and workers of one process share: a small pool, and at most one connection that listens for new
 * jobs. Left to itself, every queue and worker would have a pool and a listener of its own, which for nine kinds is
 * more than most servers grant. Differs from its parent in four ways:
 *
 * - `close` and `disconnect`, which every queue calls at its end, leave it open; `end` closes it.
 * - Readiness is tried again after a failure, so that a process that starts before its database finds it later.
 * - A command that a deadlock has undone is repeated.
 * - Statements of the listening connection wait for each other, as `pg` asks for.
 */
export class SharedPostgresConnection extends PostgresConnection {
  #ready: Promise<void> | null = null
  #repeats = false
  readonly #orderly = new WeakSet<ListenClient>()

  constructor(connectionString: string, connectionsMax: number) {
    super({
      connectionString,
      schema: JOBS_SCHEMA,
      max: connectionsMax,
      application_name: 'farebox-jobs',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
    })
    this.setMaxListeners(LISTENERS_MAX)
  }

  override waitUntilReady(): Promise<void> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = null
      throw error
    })
    return this.#ready
  }

  async #prepare(): Promise<void> {
    await this.#inSession(prepareJobsSchema)
    this.#repeatDeadlocked()
  }

  /** Each command of a queue is one statement: what a deadlock has undone is done again. */
  #repeatDeadlocked(): void {
    if (this.#repeats) return
    this.#repeats = true
    const { pool } = this
    const query = pool.query.bind(pool)
    pool.query = (async (text: string, values?: unknown[]) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await query(text, values)
        } catch (error) {
          if ((error as { code?: unknown }).code !== DEADLOCK || attempt === DEADLOCK_ATTEMPTS) throw error
        }
      }
    }) as typeof pool.query
  }

  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient()
    if (!this.#orderly.has(client)) {
      this.#orderly.add(client)
      putInOrder(client)
    }
    return client
  }

  /**
   * Does the work while no other process does. BullMQ's own plan of a tick reads first and then writes, and processes
   * that start at once would plan it twice, or lose it.
   */
  async alone(work: () => Promise<void>): Promise<void> {
    await this.waitUntilReady()
    await this.#inSession(async (session) => {
      await session.query('SELECT pg_advisory_lock($1)', [ALONE_LOCK_KEY])
      await work()
    })
  }

  /** A session of its own, which is closed after the work: no lock outlives it. */
  async #inSession(work: (session: PgPoolClient) => Promise<void>): Promise<void> {
    const session = await this.pool.connect()
    // A connection that breaks between two statements says so here, and would end the process if nobody listened.
    session.on('error', (error) => this.emit('error', error))
    try {
      await work(session)
    } finally {
      session.release(true)
    }
  }

  override close(): Promise<void> {
    return Promise.resolve()
  }

  override disconnect(): Promise<void> {
    return Promise.resolve()
  }

  /** Closes the connections, once all queues and workers are closed. */
  end(): Promise<void> {
    return super.close()
  }
}

/** Makes a client's statements wait for each other, and room for a waiting worker of each kind. */
function putInOrder(client: ListenClient): void {
  const emitter = client as ListenClient & { setMaxListeners(count: number): void }
  emitter.setMaxListeners(LISTENERS_MAX)
  const query = client.query.bind(client)
  let last: Promise<unknown> = Promise.resolve()
  client.query = ((text: string, values?: readonly unknown[]) => {
    const next = last.then(() => query(text, values))
    last = next.catch(() => undefined)
    return next
  }) as ListenClient['query']
}
