import cluster from 'node:cluster'
import { resolve } from 'node:path'
import pg from 'pg'
import { ConfigError, readConfig } from './config.ts'
import { openDatabase } from './db/open-database.ts'
import { greeting } from './greeting.ts'
import { systemClock } from './lib/clock.ts'
import { createLogger, type Logger } from './lib/logger.ts'
import { ensureDefaultPackages } from './orders/default-packages.ts'
import { platformSecret } from './platform-secret.ts'
import { type Processes, startProcesses, stripeAccessOf } from './processes.ts'
import { demoLoginsIn } from './sandbox/demo/demo-logins.ts'
import { startSandbox } from './sandbox/start-sandbox.ts'

/** Something to be stopped; the last one started is stopped first. */
type Stop = () => Promise<void>

/** Brings everything up: config → database → sandbox → serving → greeting; on a signal down again in reverse. */
async function main(): Promise<void> {
  const config = readConfig()
  const logger = createLogger(config.logLevel)
  const stops: Stop[] = []
  const stopAll = once(() => stopInReverse(stops, logger))
  process.on('SIGINT', () => stopAll().then(() => process.exit(0)))
  process.on('SIGTERM', () => stopAll().then(() => process.exit(0)))
  try {
    const dataDirectory = resolve(config.dataDirectory)
    const database = await openDatabase({
      databaseUrl: config.databaseUrl,
      dataDirectory,
      logger: { info: (message) => logger.info(message), warn: (message) => logger.warn(message) },
    })
    stops.push(() => database.stop())
    const { connectionString } = database
    const secret = await platformSecret(config.secret, dataDirectory)
    const sandbox = config.isSandbox
      ? await startSandbox({
          config: { ...config, dataDirectory },
          connectionString,
          secret,
          clock: systemClock,
          logger,
        })
      : null
    if (sandbox) stops.push(() => sandbox.stop())
    if (!config.isSandbox && config.stripeWebhookSecrets.length === 0) {
      logger.warn('STRIPE_WEBHOOK_SECRET is not set: every webhook is refused, and no payment is credited by one')
    }
    const packages = new pg.Pool({ connectionString, max: 1 })
    await ensureDefaultPackages(packages, systemClock, config.currency).finally(() => packages.end())
    const stripe = stripeAccessOf(sandbox ? { ...config, sandboxStripeUrl: sandbox.stripeUrl } : config, secret)
    const processes: Processes = await startProcesses({ config, connectionString, secret, stripe, logger })
    stops.push(() => processes.stop())
    const { port } = processes
    sandbox?.sendWebhooksTo(`http://${config.host}:${port}/webhooks/stripe`)
    const logins = sandbox ? await demoLoginsIn(dataDirectory, `http://${config.host}:${port}`) : null
    process.stdout.write(greeting({ config, port, logins }))
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function stopInReverse(stops: Stop[], logger: Logger): Promise<void> {
  for (const stop of stops.reverse()) {
    await stop().catch((error: unknown) => logger.error({ err: error }, 'stopping failed'))
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= work()
    return running
  }
}

/** What went wrong, in a sentence a person can act on. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is taken by another program. Stop it, or choose another port: PORT=3001 npm start`
  }
  if (code === 'EACCES') return `Farebox may not listen on port ${port}. Choose one above 1023: PORT=3000 npm start`
  return error instanceof Error ? error.message : String(error)
}

if (cluster.isPrimary) {
  main().catch((error: unknown) => {
    process.stderr.write(`Farebox did not start. ${explain(error)}\n`)
    process.exit(1)
  })
} else {
  const { runWorker } = await import('./processes.ts')
  await runWorker()
}
