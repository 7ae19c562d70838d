import pg from 'pg'
import { verifyBooks } from '../src/verify-books.ts'
import { findRedisServer, startRedisServer } from '../test/support/redis-server.ts'
import type { Bench, BenchOptions, BenchResult } from './support/bench.ts'
import { startLedgerServer } from './support/ledger-server.ts'
import { createToppedUpAccounts } from './support/money-in-accounts.ts'
import { measureCrossings } from './support/money-in-crossings.ts'
import { measureExpiry } from './support/money-in-expiry.ts'
import { startFareboxProcess } from './support/money-in-farebox.ts'
import type { Ground, Scene, Size } from './support/money-in-ground.ts'
import { startSimulator } from './support/money-in-simulator.ts'
import { measureWebhooks } from './support/money-in-webhooks.ts'
import { startUpstream } from './support/target.ts'

/** How soon is a card charged, how many payments a second are booked, and how long does a mass expiry take? */
export const moneyIn: Bench = { name: 'money-in', run }

/** Chosen so that the whole stays under a minute and a half. */
const DEFAULT_SIZE: Size = {
  crossings: 100,
  accounts: 1_000,
  ordersOfOne: 1_000,
  rounds: 4,
  warmUp: 200,
  wallets: 10_000,
  walletsOneByOne: 2_000,
}
const QUICK_SIZE: Size = {
  crossings: 20,
  accounts: 100,
  ordersOfOne: 100,
  rounds: 2,
  warmUp: 50,
  wallets: 1_000,
  walletsOneByOne: 500,
}

/** As many as one serving process of Farebox has, for what is measured beside it. */
const POOL_CONNECTIONS = 8

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const result: BenchResult = { rows: [], ratios: [], notes: [] }
  const upstream = await startUpstream()
  const server = await startLedgerServer()
  try {
    const size = isQuick ? QUICK_SIZE : DEFAULT_SIZE
    const ground: Ground = { server, upstream, size, progress, result }
    await onFarebox(ground, { database: 'money_in_postgres', redisUrl: null }, measureWebhooks)
    await onRedis(ground)
    await measureExpiry(ground)
    result.notes.push('each order was paid and each wallet expired exactly once; the books of every part are clean')
    return result
  } finally {
    await Promise.all([upstream.stop(), server.stop()])
  }
}

interface Place {
  database: string
  /** Null = the queues live in PostgreSQL. */
  redisUrl: string | null
}

/** Starts a process of Farebox and its Stripe, measures its crossings and whatever else, and proves its books. */
async function onFarebox(ground: Ground, place: Place, measureMore?: MeasureMore): Promise<void> {
  const connectionString = await ground.server.createDatabase(place.database)
  const pool = new pg.Pool({ connectionString, max: POOL_CONNECTIONS })
  const simulator = await startSimulator()
  try {
    await measureOnFarebox(ground, place, { connectionString, pool, simulator }, measureMore)
  } finally {
    await Promise.all([simulator.stop(), pool.end()])
  }
  const { ok, findings } = await verifyBooks(connectionString)
  if (!ok) throw new Error(`${place.database}: the books are broken: ${JSON.stringify(findings[0])}`)
}

type MeasureMore = (ground: Ground, scene: Scene) => Promise<void>

async function measureOnFarebox(
  ground: Ground,
  { redisUrl }: Place,
  { connectionString, ...rest }: Pick<Scene, 'pool' | 'simulator'> & { connectionString: string },
  measureMore: MeasureMore | undefined,
): Promise<void> {
  const { size, progress, upstream } = ground
  const { pool, simulator } = rest
  const target = redisUrl === null ? 'queues in PostgreSQL' : 'queues in Redis'
  progress(`money-in: accounts with automatic top-up, ${target}`)
  const accounts = await createToppedUpAccounts(pool, simulator, connectionString, 2 * size.crossings)
  const examples = await simulator.exampleEvents()
  const accessKey = accounts[0]?.accessKey as string
  const farebox = await startFareboxProcess({ upstream, simulator, connectionString, redisUrl }, accessKey)
  try {
    const scene: Scene = { ...rest, farebox, examples }
    progress(`money-in: crossings, ${target}`)
    await measureCrossings(ground, scene, target, accounts)
    await measureMore?.(ground, scene)
  } finally {
    await farebox.stop()
  }
}

async function onRedis(ground: Ground): Promise<void> {
  const program = findRedisServer()
  if (program === null) {
    ground.result.notes.push('queues in Redis were not measured: there is no redis-server on this machine')
    return
  }
  const redis = await startRedisServer(program)
  await onFarebox(ground, { database: 'money_in_redis', redisUrl: redis.url }).finally(() => redis.stop())
}
