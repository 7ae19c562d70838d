import { createServer, type Server } from 'node:http'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createNudger, startWorkers, type Workers } from '../jobs/main.ts'
import { visitorOfSession } from './admin/actor-of-request.ts'
import { openAdminDoor } from './admin/admin-door.ts'
import { createRequestListener } from './app.ts'
import { loadCatalog } from './catalog/load-catalog.ts'
import type { Config } from './config.ts'
import { listenForChanges } from './db/change-listener.ts'
import { createAccessKeyDirectory } from './gateway/access-key-directory.ts'
import { createCatalogCache } from './gateway/catalog-cache.ts'
import type { Gateway } from './gateway/gateway.ts'
import { createGatewayMetrics } from './gateway/gateway-metrics.ts'
import { createUpstreams } from './gateway/upstream.ts'
import { personSession, requirePerson } from './http/person-session.ts'
import { openVatRegister } from './invoicing/ask-vat-register.ts'
import { openDocumentStorage } from './invoicing/document-storage.ts'
import { createJobDeps } from './job-deps.ts'
import { createLedger } from './ledger/ledger.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { createInFlight } from './lib/in-flight.ts'
import type { Logger } from './lib/logger.ts'
import { createMailer } from './mail/mailer.ts'
import { createPublicAgent } from './notifications/public-agent.ts'
import type { CashDesk } from './orders/cash-desk.ts'
import { createOrderMetrics } from './orders/order-metrics.ts'
import { PURCHASE_MINIMUM_MINOR } from './orders/packages.ts'
import { openStripeAccount, type StripeAccess } from './orders/stripe/stripe-client.ts'
import { createSignIn, type SignIn } from './sign-in/create-sign-in.ts'

/** Reads beside the spend path: key look-ups, balances, pages. */
const POOL_CONNECTIONS_MAX = 8
const POOL_CONNECT_TIMEOUT_MS = 3_000
const POOL_STATEMENT_TIMEOUT_MS = 30_000
/** Longer than the idle time of the load balancers in front, so that they and not we close a connection. */
const KEEP_ALIVE_MS = 75_000
/** Answers in progress get this long to finish when the process stops. */
const DRAIN_MS = 30_000
const SWEEP_MS = 100
/** Where Stripe's payment page is. */
const CHECKOUT_ORIGIN = 'https://checkout.stripe.com'
/** A catalog that could not be read is read again after this; prices must not stay behind the database for long. */
const RELOAD_RETRY_MS = 1_000

export interface ServeOptions {
  config: Config
  connectionString: string
  /** Opens sealed provider credentials. */
  secret: string
  /** The payment provider, real or simulated. */
  stripe: StripeAccess
  logger: Logger
  clock?: Clock
  /** How long the end of a request waits for a database that went away, in milliseconds. */
  resolveRetryMs?: number
}

export interface Running {
  readonly port: number
  readonly gateway: Gateway
  readonly desk: CashDesk
  readonly signIn: SignIn
  /** Takes no more requests, lets those in flight finish and be charged, then lets go of the database. */
  stop(): Promise<void>
}

/** Starts one serving process on a database that is up to date. */
export async function serve({
  config,
  connectionString,
  secret,
  stripe,
  logger,
  clock = systemClock,
  resolveRetryMs,
}: ServeOptions): Promise<Running> {
  const report = (error: Error): void => logger.warn({ error: error.message }, 'database')
  const pool = new pg.Pool({
    connectionString,
    max: POOL_CONNECTIONS_MAX,
    connectionTimeoutMillis: POOL_CONNECT_TIMEOUT_MS,
    statement_timeout: POOL_STATEMENT_TIMEOUT_MS,
    application_name: 'farebox',
  })
  pool.on('error', report)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const { redisUrl } = config
  const nudger = createNudger({
    redisUrl,
    connectionString,
    clock,
    report: (error) =>
      logger.warn({ error: error.message }, 'the queues cannot be reached; the sweeps will make up for it'),
  })
  const ledger = createLedger({
    ...{ connectionString, pool, clock, report },
    ...(resolveRetryMs && { resolveRetryMs }),
    onTopUpDue: (accountId) => nudger.nudge({ job: 'auto-top-up', accountId }),
  })
  const directory = createAccessKeyDirectory(pool)
  const catalog = await createCatalogCache(
    () => loadCatalog(pool, secret, config.environment, (warning) => logger.debug({ warning }, 'catalog')),
    config.processingFeeNano,
  )
  const reload = (): void => {
    catalog.reload().catch((error: Error) => {
      report(error)
      setTimeout(reload, RELOAD_RETRY_MS).unref()
    })
  }
  const listener = await listenForChanges({
    connectionString,
    channels: ['farebox_access', 'farebox_catalog'],
    onChange(channel) {
      if (channel === 'farebox_access') directory.forget()
      else reload()
    },
    onListening(listening) {
      directory.setTrusted(listening)
      if (listening) reload()
    },
    report,
  })
  const upstreams = createUpstreams()
  const gateway: Gateway = {
    ledger,
    pool,
    directory,
    catalog: catalog.current,
    upstreams,
    inFlight: createInFlight(),
    clock,
    logger,
    metrics: createGatewayMetrics(registry),
    currency: config.currency,
  }
  await ledger.start()
  const assertReady = async (): Promise<void> => {
    await pool.query('SELECT 1')
  }
  const server = createServer()
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await listen(server, config)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  const metrics = createOrderMetrics(registry)
  const vatRegister = openVatRegister(config)
  const desk: CashDesk = {
    ...{ pool, clock, logger, nudge: nudger.nudge, currency: config.currency, isSandbox: config.isSandbox },
    stripe: openStripeAccount(stripe),
    limits: {
      currency: config.currency,
      minimumMinor: PURCHASE_MINIMUM_MINOR,
      maximumMinor: config.purchaseMaximumMinor,
    },
    storage: openDocumentStorage({
      location: config.documentStorage ?? join(resolve(config.dataDirectory), 'documents'),
      credentials: null,
    }),
    vatRegister,
    publicUrl: config.publicUrl ?? `http://${config.host}:${port}`,
    count: metrics.countWebhook,
  }
  const signIn = createSignIn({
    ...{ pool, clock, logger, nudge: nudger.nudge, secret, publicUrl: desk.publicUrl },
    ...{ currency: config.currency, isSandbox: config.isSandbox, staffNeedSecondFactor: config.staffNeedSecondFactor },
  })
  const { roles, trustedProxies } = config
  const admin = roles.includes('admin')
    ? openAdminDoor({
        ...{ pool, connectionString, clock, logger, redisUrl, storage: desk.storage, publicUrl: desk.publicUrl },
        ...{ dataDirectory: config.dataDirectory, isSandbox: config.isSandbox, currency: config.currency },
        ...{ processingFeeNano: config.processingFeeNano, fourEyesLimitMinor: config.fourEyesLimitMinor, desk },
        ...{ session: [personSession(signIn, pool)], visitorOf: visitorOfSession, conditions: [requirePerson] },
      })
    : null
  const paymentOrigins = [stripe.apiUrl === null ? CHECKOUT_ORIGIN : new URL(stripe.apiUrl).origin]
  server.on(
    'request',
    createRequestListener({
      gateway,
      desk,
      signIn,
      secret,
      admin,
      paymentOrigins,
      trustedProxies,
      registry,
      roles,
      assertReady,
    }),
  )
  const mailer = createMailer({
    ...{ pool, clock, logger, smtpUrl: config.smtpUrl, from: config.mailFrom, publicUrl: desk.publicUrl },
    outboxDirectory: join(resolve(config.dataDirectory), 'outbox'),
  })
  const webhookAgent = createPublicAgent(config.isSandbox)
  const workers: Workers | null = config.roles.includes('worker')
    ? await startWorkers({
        ...{ redisUrl, connectionString, report, nudge: nudger.nudge, onEvent: metrics.countJob },
        deps: createJobDeps(desk, ledger, mailer, { secret, agent: webhookAgent }),
      })
    : null
  return {
    port,
    gateway,
    desk,
    signIn,
    async stop() {
      await closeServer(server)
      // A client whose connection was cut is charged for what it got, and that takes a moment more.
      await gateway.inFlight.idle()
      await admin?.close()
      await workers?.close()
      await ledger.stop()
      await nudger.close()
      await mailer.close()
      await vatRegister?.checker.close()
      await webhookAgent.close()
      await Promise.all([upstreams.close(), listener.close(), pool.end()])
    },
  }
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    // A connection that is busy now goes idle with its answer, and would then be kept alive.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    server.close(() => {
      clearTimeout(impatience)
      clearInterval(sweep)
      resolve()
    })
    server.closeIdleConnections()
  })
}
