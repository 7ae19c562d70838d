import cluster, { type Worker } from 'node:cluster'
import { type Config, readConfig } from './config.ts'
import { createLogger, type Logger } from './lib/logger.ts'
import type { StripeAccess } from './orders/stripe/stripe-client.ts'
import { sandboxStripeAccess } from './sandbox/sandbox-stripe-access.ts'
import { serve } from './serve.ts'

/** A process that ends by itself is started anew, but not faster than this. */
const RESTART_PAUSE_MS = 1_000

export interface Processes {
  readonly port: number
  stop(): Promise<void>
}

export interface ProcessesOptions {
  config: Config
  connectionString: string
  secret: string
  stripe: StripeAccess
  logger: Logger
}

/** Serves in this process, or in as many as `WEB_CONCURRENCY` says, which share the port. */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  return options.config.processes === 1 ? serve(options) : startWorkers(options)
}

async function startWorkers(options: ProcessesOptions): Promise<Processes> {
  const { config, connectionString, secret, stripe, logger } = options
  const environment = {
    DATABASE_URL: connectionString,
    FAREBOX_SECRET: secret,
    ...(config.isSandbox && stripe.apiUrl !== null && { FAREBOX_SANDBOX_STRIPE_URL: stripe.apiUrl }),
  }
  const workers = new Set<Worker>()
  let isStopping = false
  let port = config.port

  function start(): Promise<void> {
    const worker = cluster.fork(environment)
    workers.add(worker)
    worker.on('exit', (code) => {
      workers.delete(worker)
      if (isStopping) return
      logger.error({ code }, 'a serving process ended and is started anew')
      setTimeout(() => start().catch((error: Error) => logger.error(error.message)), RESTART_PAUSE_MS)
    })
    return new Promise((resolve, reject) => {
      worker.once('listening', (address) => {
        port = address.port
        resolve()
      })
      worker.once('exit', (code) =>
        reject(new Error(`a serving process ended with code ${code} before it could listen`)),
      )
    })
  }

  await Promise.all(Array.from({ length: config.processes }, start))
  return {
    port,
    async stop() {
      isStopping = true
      const ended = [...workers].map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
      for (const worker of workers) worker.process.kill('SIGTERM')
      await Promise.all(ended)
    },
  }
}

/** One serving process among several: its database and secret come from the process that started it. */
export async function runWorker(): Promise<void> {
  const config = readConfig()
  const logger = createLogger(config.logLevel)
  const { databaseUrl, secret } = config
  if (databaseUrl === null || secret === null) throw new Error('a serving process was started without its database')
  const stripe = stripeAccessOf(config, secret)
  const running = await serve({ config, connectionString: databaseUrl, secret, stripe, logger })
  // Ctrl-C reaches the whole group; the first process decides when this one stops.
  process.on('SIGINT', () => logger.debug('waiting to be stopped'))
  process.on('SIGTERM', () => running.stop().then(() => process.exit(0)))
}

/** The payment provider of the settings: Stripe, or the simulator that the first process has started. */
export function stripeAccessOf(config: Config, secret: string): StripeAccess {
  const { stripeSecretKey, stripeWebhookSecrets, sandboxStripeUrl } = config
  if (stripeSecretKey !== null)
    return { secretKey: stripeSecretKey, apiUrl: null, webhookSecrets: stripeWebhookSecrets }
  if (sandboxStripeUrl !== null) return sandboxStripeAccess(sandboxStripeUrl, secret)
  throw new Error('there is neither a Stripe key nor a simulator')
}
