import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { applyCatalog } from '../catalog/apply-catalog.ts'
import { loadCatalog } from '../catalog/load-catalog.ts'
import type { Config } from '../config.ts'
import { createPrisma } from '../db/prisma.ts'
import { createPricePlans } from '../gateway/price-plans.ts'
import { createLedger } from '../ledger/ledger.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { writePrivate } from '../lib/private-file.ts'
import { demoClock } from './demo/demo-clock.ts'
import { type DemoLogins, demoLoginsIn } from './demo/demo-logins.ts'
import { DEMO_RESELLER, seedDemo } from './demo/seed-demo.ts'
import { HISTORY_DAYS, seedHistory } from './demo/seed-history.ts'
import { startSandboxProvider } from './provider/start-sandbox-provider.ts'
import { SANDBOX_PROVIDER, sandboxCatalog } from './sandbox-catalog.ts'
import { SANDBOX_STRIPE_KEY, sandboxStripeAddressFile, sandboxWebhookSecret } from './sandbox-stripe-access.ts'
import { type SandboxStripe, startSandboxStripe } from './stripe/start-sandbox-stripe.ts'

/** Set once the demo is there, so that what people change in it stays changed. */
const SEEDED = 'demo.seeded'
const DAY_MS = 86_400_000

export interface Sandbox {
  providerUrl: string
  stripeUrl: string
  /** Tells the payment simulator where its webhooks go, once that is known. */
  sendWebhooksTo(url: string): void
  stop(): Promise<void>
}

export interface SandboxOptions {
  config: Config
  connectionString: string
  secret: string
  clock: Clock
  logger: Logger
}

/** Starts the simulated provider and, on a new database, seeds the demo. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { config, clock } = options
  const provider = config.sandboxProviderUrl === null ? await startSandboxProvider() : null
  const providerUrl = provider?.baseUrl ?? (config.sandboxProviderUrl as string)
  const logins = await demoLoginsIn(config.dataDirectory, `http://${config.host}:${config.port}`)
  const pool = new pg.Pool({ connectionString: options.connectionString, max: 2 })
  try {
    const { rows } = await pool.query('SELECT 1 FROM setting WHERE key = $1', [SEEDED])
    if (rows.length === 0) {
      await seed(options, pool, providerUrl, logins)
      await pool.query('INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        SEEDED,
        JSON.stringify({ at: new Date(clock.now()).toISOString() }),
      ])
    }
    // The simulator listens on another port at each start.
    await pool.query('UPDATE provider SET base_url = $2 WHERE slug = $1 AND base_url <> $2', [
      SANDBOX_PROVIDER,
      providerUrl,
    ])
  } finally {
    await pool.end()
  }
  const stripe = config.sandboxStripeUrl === null ? await startStripe(options) : null
  const addressFile = sandboxStripeAddressFile(config.dataDirectory)
  if (stripe) await writePrivate(addressFile, stripe.url)
  return {
    providerUrl,
    stripeUrl: stripe?.url ?? (config.sandboxStripeUrl as string),
    sendWebhooksTo: (url) => stripe?.setWebhook({ url, secret: sandboxWebhookSecret(options.secret) }),
    async stop() {
      await Promise.all([provider?.close(), stripe?.close()])
      if (stripe) await rm(addressFile, { force: true })
    },
  }
}

/** Next to our own port, so that payment pages keep their addresses over a restart; elsewhere where that one is taken. */
async function startStripe({ config, clock, logger }: SandboxOptions): Promise<SandboxStripe> {
  const options = {
    clock,
    secretKey: SANDBOX_STRIPE_KEY,
    dataFile: join(config.dataDirectory, 'sandbox-stripe.json'),
    report: (error: Error) => logger.warn({ err: error }, 'payment simulator'),
  }
  const preferred = config.port === 0 ? 0 : (config.port + 1) % 65_536
  try {
    return await startSandboxStripe({ ...options, port: preferred })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return startSandboxStripe({ ...options, port: 0 })
  }
}

async function seed(options: SandboxOptions, pool: pg.Pool, providerUrl: string, logins: DemoLogins): Promise<void> {
  const { config, connectionString, logger, secret } = options
  const present = options.clock.now()
  // Its past is played first, in its own time, so that there is something to see from the first minute on.
  const clock = demoClock(options.clock, present - (HISTORY_DAYS + 1) * DAY_MS)
  const prisma = createPrisma(connectionString)
  const ledger = createLedger({ connectionString, pool, clock, report: (error) => logger.warn({ err: error }, 'seed') })
  try {
    await seedDemo({ pool, prisma, ledger, clock, currency: config.currency }, logins)
    const file = await sandboxCatalog(providerUrl, DEMO_RESELLER)
    const client = await pool.connect()
    try {
      const applied = await applyCatalog(client, file, { secret, clock })
      if (!applied.ok) throw new Error(applied.problems.join('\n'))
    } finally {
      client.release()
    }
    const snapshot = await loadCatalog(pool, secret, config.environment, () => undefined, options.clock)
    const catalog = { snapshot, plans: createPricePlans(snapshot, config.processingFeeNano) }
    await seedHistory({ pool, prisma, ledger, catalog, clock, logger }, present)
  } finally {
    await ledger.stop()
    await prisma.$disconnect()
  }
}
