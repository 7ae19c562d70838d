import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import pg from 'pg'
import { pino } from 'pino'
import { createAccessKeySecret } from '../../src/accounts/access-key-secret.ts'
import { addAccessKey } from '../../src/accounts/add-access-key.ts'
import { openAccount } from '../../src/accounts/open-account.ts'
import { applyCatalog } from '../../src/catalog/apply-catalog.ts'
import { parseCatalogFile } from '../../src/catalog/catalog-file.ts'
import { readConfig } from '../../src/config.ts'
import { createPrisma, type Prisma } from '../../src/db/prisma.ts'
import type { BudgetPeriod } from '../../src/ledger/budget.ts'
import { formatVerifyReport } from '../../src/ledger/verify/verify-ledger.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type SandboxProvider, startSandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'
import { sandboxStripeAccess, sandboxWebhookSecret } from '../../src/sandbox/sandbox-stripe-access.ts'
import { type SandboxStripe, startSandboxStripe } from '../../src/sandbox/stripe/start-sandbox-stripe.ts'
import { type Running, serve } from '../../src/serve.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import { ownRedisUrl } from './redis-server.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const SECRET = 'the secret of the tests'
/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9'
/** A webhook that was answered with a failure comes again soon. */
const STRIPE_RETRY_DELAYS_MS = [50, 100, 200, 400, 800, 1_600]
/** Long enough for a busy machine; a wait that fails fails with what was expected. */
export const PATIENCE = { timeout: 20_000, interval: 10 }

/** Real time, shifted by what a test says. */
export interface ShiftedClock extends Clock {
  advance(milliseconds: number): void
}

function shiftedClock(): ShiftedClock {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    advance: (milliseconds) => {
      offset += milliseconds
    },
  }
}

/** With the processing fee of 0.05: a token of input costs 2,050 nano, a cached one 550, one of output 8,050. */
export const PRICE = { input: 2_050n, cacheRead: 550n, output: 8_050n }
const CARDS = 'listPrice: { input: 3, output: 12, cacheRead: 1 }'
const COST = 'cost: { input: 1, output: 4, cacheRead: 0.25 }'

function catalogText(first: string, second: string): string {
  return `
providers:
  - { slug: first, protocol: openai, baseUrl: ${first}, apiKey: key-of-first, outputCapParameter: max_completion_tokens }
  - { slug: second, protocol: openai, baseUrl: ${second}, apiKey: key-of-second }
models:
  - { name: priced, aliases: [nickname], contextWindow: 100000, maxOutputTokens: 10000, maxImageTokens: 1000, ${CARDS} }
  - { name: unpriced, contextWindow: 100000, maxOutputTokens: 10000 }
  - { name: doubled, contextWindow: 100000, maxOutputTokens: 10000, ${CARDS} }
routes:
  - { model: priced, provider: first, upstreamModel: upstream-priced, ${COST} }
  - { model: unpriced, provider: first, upstreamModel: upstream-unpriced }
  - { model: doubled, provider: first, upstreamModel: upstream-doubled, ${COST} }
  - { model: doubled, provider: second, upstreamModel: upstream-doubled, priority: 1, ${COST} }
priceRules:
  - { kind: MARKUP_ON_COST, markupBps: 10000 }
  - { kind: MARKUP_ON_COST, markupBps: 5000, seller: reseller }
`
}

export interface FareboxOptions {
  /** A database of the test's own; dropped with the rest. */
  database?: TestDatabase
  /** Where the first provider is, instead of the sandbox. */
  providerUrl?: string
  /** Starts a simulated Stripe as well; without it the payment provider cannot be reached. */
  stripe?: boolean
  /** Runs the background jobs, on Redis where one is named, else on the same PostgreSQL. */
  workers?: boolean | { redisUrl: string }
}

/** A real Farebox in this process, on a database of its own, with simulated providers behind it. */
export interface Farebox {
  readonly url: string
  readonly running: Running
  readonly clock: ShiftedClock
  /** The provider of every model's first route; `second` is where 'doubled' goes after it. */
  readonly provider: SandboxProvider
  readonly second: SandboxProvider
  /** Only where it was asked for. */
  readonly stripe: SandboxStripe
  /** Where mails become files. */
  readonly outbox: string
  readonly database: TestDatabase
  readonly pool: pg.Pool
  /** Everything that was logged. */
  readonly log: string[]
  readonly resellerId: string
  customer(of?: { creditNano?: bigint; resellerId?: string }): Promise<Customer>
  credit(accountId: string, amountNano: bigint, expiresAt?: number | null): Promise<void>
  budget(customer: Customer, period: BudgetPeriod, limitNano: bigint): Promise<string>
  /** Another serving process on the same database; it may be stopped before the rest. */
  another(): Promise<Running>
  rows<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]>
  /** Every row about money with its physical version: whatever is written, in any way, makes a difference. */
  books(): Promise<unknown>
  /** The verdict of `ledger verify`. */
  verify(): Promise<string>
  close(): Promise<void>
}

/** An account with a wallet, a project and an access key. */
export interface Customer {
  accountId: string
  keyId: string
  secret: string
  /** The official SDK with this key, without retries so that each answer is seen. */
  client: OpenAI
}

export const CLEAN = 'ledger is clean'
const MONEY = [
  ...['wallet', 'credit_lot', 'ledger_entry', 'hold', 'budget', 'usage_event', 'route_attempt'],
  ...['payment_order', 'order_transition', 'refund', 'dispute', 'redemption_code', 'idempotency_key'],
]

export async function startFarebox(options: FareboxOptions = {}): Promise<Farebox> {
  const database = options.database ?? (await createTestDatabase())
  const { connectionString } = database
  const clock = shiftedClock()
  const log: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) })
  const [provider, second] = await Promise.all([startSandboxProvider(), startSandboxProvider()])
  const pool = new pg.Pool({ connectionString, max: 4 })
  // Some tests take the database away.
  pool.on('error', () => undefined)
  const prisma = createPrisma(connectionString)
  const resellerId = await account(prisma, clock, 'RESELLER', 'reseller', null)
  await setCatalog(pool, clock, catalogText(options.providerUrl ?? provider.baseUrl, second.baseUrl))
  const dataDirectory = await mkdtemp(join(tmpdir(), 'farebox-data-'))
  const config = readConfig({
    PORT: '0',
    FAREBOX_DATA_DIR: dataDirectory,
    ROLES: options.workers ? 'gateway,api,portal,admin,worker' : 'gateway,api,portal,admin',
    REDIS_URL: await redisUrlFor(options),
  })
  const simulator = options.stripe ? await startSandboxStripe({ clock, retryDelaysMs: STRIPE_RETRY_DELAYS_MS }) : null
  const stripeAccess = sandboxStripeAccess(simulator?.url ?? NOBODY, SECRET)
  const start = () => serve({ config, connectionString, secret: SECRET, stripe: stripeAccess, logger, clock })
  const running = await start()
  simulator?.setWebhook({
    url: `http://127.0.0.1:${running.port}/webhooks/stripe`,
    secret: sandboxWebhookSecret(SECRET),
  })
  const all = new Set([running])
  const url = `http://127.0.0.1:${running.port}`

  const farebox: Farebox = {
    ...{ url, running, clock, provider, second, database, pool, log, resellerId },
    outbox: join(dataDirectory, 'outbox'),
    get stripe() {
      if (!simulator) throw new Error('this Farebox was started without a simulated Stripe')
      return simulator
    },
    async customer({ creditNano = 1_000_000_000n, resellerId: seller = null } = {}) {
      const accountId = await account(prisma, clock, 'CUSTOMER', `customer-${uuidV7(clock)}`, seller)
      const secret = createAccessKeySecret()
      const keyId = await addAccessKey(prisma, clock, {
        accountId,
        projectName: 'Default',
        name: 'Test',
        secret,
        scopes: ['inference', 'balance', 'purchase', 'billing'],
      })
      if (creditNano > 0n) await farebox.credit(accountId, creditNano)
      const client = new OpenAI({ apiKey: secret.secret, baseURL: `${url}/v1`, maxRetries: 0 })
      return { accountId, keyId, secret: secret.secret, client }
    },
    async credit(accountId, amountNano, expiresAt = null) {
      const cause = { kind: 'GRANT', sourceId: uuidV7(clock), actorId: null, reason: null } as const
      await running.gateway.ledger.credit({ accountId, amountNano, promotional: false, expiresAt, ...cause })
    },
    async budget({ accountId, keyId }, period, limitNano) {
      const id = uuidV7(clock)
      await pool.query(
        `INSERT INTO budget (id, account_id, access_key_id, period, limit_nano, period_start, created_at)
         VALUES ($1, $2, $3, $4, $5, to_timestamp(0), now())`,
        [id, accountId, keyId, period, limitNano],
      )
      return id
    },
    async another() {
      const more = await start()
      all.add(more)
      const stop = () => {
        all.delete(more)
        return more.stop()
      }
      return { ...more, stop }
    },
    rows: async (sql, ...values) => (await pool.query(sql, values)).rows,
    async books() {
      const tables = MONEY.map(async (table) => [
        table,
        await farebox.rows(`SELECT t.xmin::text AS version, t::text AS row FROM ${table} t ORDER BY 2`),
      ])
      return Object.fromEntries(await Promise.all(tables))
    },
    async verify() {
      const report = formatVerifyReport(await verifyBooks(connectionString))
      return report.endsWith(CLEAN) ? CLEAN : report
    },
    async close() {
      // The providers first: a request that still hangs there ends, and nothing waits for it.
      await Promise.all([provider.close(), second.close()])
      await simulator?.close()
      await Promise.all([...all].map((one) => one.stop()))
      await rm(dataDirectory, { recursive: true, force: true })
      await prisma.$disconnect()
      await pool.end()
      await database.drop()
    },
  }
  return farebox
}

/** Where a test names no server, the run decides; one that brings its own database has the queues there. */
async function redisUrlFor({ workers, database }: FareboxOptions): Promise<string | undefined> {
  if (typeof workers === 'object') return workers.redisUrl
  return database ? undefined : ((await ownRedisUrl()) ?? undefined)
}

function account(
  prisma: Prisma,
  clock: Clock,
  kind: 'CUSTOMER' | 'RESELLER',
  slug: string,
  resellerId: string | null,
): Promise<string> {
  return openAccount(prisma, clock, { kind, name: slug, slug, resellerId, currency: 'USD' })
}

async function setCatalog(pool: pg.Pool, clock: Clock, text: string): Promise<void> {
  const parsed = parseCatalogFile(text, 'catalog.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  const client = await pool.connect()
  try {
    const applied = await applyCatalog(client, parsed.file, { secret: SECRET, clock })
    if (!applied.ok) throw new Error(applied.problems.join('\n'))
  } finally {
    client.release()
  }
}
