import pg from 'pg'
import { inject } from 'vitest'
import type { JobDeps } from '../../jobs/job-deps.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLogger } from '../../src/lib/logger.ts'
import { findRedisServer, startRedisServer } from './redis-server.ts'
import { createTestDatabase } from './test-database.ts'

/** A place where the queues live, for the tests of one file. */
export interface QueueServer {
  redisUrl: string | null
  connectionString: string
  /** Forgets all queues, schedules and jobs, as if their server had lost its disk. */
  forget(): Promise<void>
  /** Cuts all connections, and refuses new ones until it comes back. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

export interface QueueBackendUnderTest {
  name: 'PostgreSQL' | 'Redis'
  start(): Promise<QueueServer>
}

const JOB_TABLES = `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
  WHERE schemaname = 'jobs' AND tablename <> 'migration'`

async function connected(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const postgres: QueueBackendUnderTest = {
  name: 'PostgreSQL',
  async start() {
    const database = await createTestDatabase()
    const { connectionString } = database
    const { adminConnectionString } = inject('postgres')
    const name = new URL(connectionString).pathname.slice(1)
    return {
      redisUrl: null,
      connectionString,
      forget: () =>
        connected(connectionString, async (client) => {
          const { rows } = await client.query<{ name: string }>(JOB_TABLES)
          if (rows.length > 0) await client.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`)
        }),
      goAway: () =>
        connected(adminConnectionString, async (admin) => {
          await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
          await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
        }),
      comeBack: () =>
        connected(adminConnectionString, async (admin) => {
          await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
        }),
      stop: () => database.drop(),
    }
  },
}

function redis(program: string): QueueBackendUnderTest {
  return {
    name: 'Redis',
    async start() {
      const server = await startRedisServer(program)
      // Nothing listens there: with Redis the queues need no database.
      const connectionString = 'postgres://nobody@127.0.0.1:1/nowhere'
      return {
        redisUrl: server.url,
        connectionString,
        forget: () => server.flush(),
        goAway: () => server.kill(),
        comeBack: () => server.restart(),
        stop: () => server.stop(),
      }
    },
  }
}

const redisProgram = findRedisServer()
if (redisProgram === null) {
  console.warn('WARNING: redis-server is not installed: the queues are tested on PostgreSQL alone.')
}

/** For `describe.each`: each server that the queues may live in and that can be started here. */
export const queueBackends: readonly QueueBackendUnderTest[] =
  redisProgram === null ? [postgres] : [postgres, redis(redisProgram)]

/** The use cases that jobs call, as a list of calls; `due` ids are what the sweeps find. */
export interface RecordedJobs {
  deps: JobDeps
  /** Such as `mail 0190…`, in the order in which they began. */
  calls: string[]
  due: {
    autoTopUp: string[]
    mail: string[]
    refunds: string[]
    orders: string[]
    documents: string[]
    exports: string[]
    webhooks: string[]
  }
  /** Happens in every use case, before it ends. */
  during: (call: string) => Promise<void>
}

export function recordJobs(): RecordedJobs {
  const record = async (call: string) => {
    recorded.calls.push(call)
    await recorded.during(call)
  }
  const due = {
    autoTopUp: [] as string[],
    mail: [] as string[],
    refunds: [] as string[],
    orders: [] as string[],
    documents: [] as string[],
    exports: [] as string[],
    webhooks: [] as string[],
  }
  const found = async (name: keyof typeof due, limit: number) => {
    await record(`due ${name}`)
    return recorded.due[name].slice(0, limit)
  }
  const counted = async (call: string) => {
    await record(call)
    return 0
  }
  const recorded: RecordedJobs = {
    calls: [],
    due,
    during: () => Promise.resolve(),
    deps: {
      clock: systemClock,
      logger: createLogger('silent'),
      ledger: { reap: () => counted('reap'), sweepExpired: () => counted('sweepExpired') },
      autoTopUp: { run: (id) => record(`auto-top-up ${id}`), due: (limit) => found('autoTopUp', limit) },
      mail: { send: (id) => record(`mail ${id}`), due: (limit) => found('mail', limit) },
      documents: {
        render: (id) => record(`document ${id}`),
        due: (limit) => found('documents', limit),
        issueMissing: async () => 0,
      },
      exports: { run: (id) => record(`export ${id}`), due: (limit) => found('exports', limit) },
      refunds: { run: (id) => record(`refund ${id}`), due: (limit) => found('refunds', limit) },
      orders: { sync: (id) => record(`order ${id}`), due: (limit) => found('orders', limit) },
      notices: { queueExpiryNotices: () => counted('queueExpiryNotices') },
      notifications: {
        tell: async () => {
          await record('tell')
          return []
        },
      },
      webhooks: { deliver: (id) => record(`webhook-delivery ${id}`), due: (limit) => found('webhooks', limit) },
      payments: { reconcile: () => record('reconcile') },
      rollup: { run: () => counted('rollup') },
      usageInvoices: { issue: () => counted('usageInvoices') },
    },
  }
  return recorded
}
