import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { ApiServer } from './api/serve-api.ts'
import { serveControl } from './control/serve-control.ts'
import { StripeControl } from './control/stripe-control.ts'
import { servePages } from './pages/serve-pages.ts'
import { readState, StateFile } from './records/state-file.ts'
import { StripeAccount } from './records/stripe-account.ts'
import { readRequestBody } from './request-body.ts'
import { startSweeping } from './sweep.ts'
import { EventDeliveries, RETRY_DELAYS_MS, type Webhook } from './webhooks/event-deliveries.ts'

export interface SandboxStripeOptions {
  clock: Clock
  /** The key that callers must send. */
  secretKey?: string
  /** Where signed events go; events that happen without it are not sent. Several processes of Farebox may be behind it. */
  webhook?: Webhook | null
  /** State survives a restart in this file; null keeps it in memory only. */
  dataFile?: string | null
  /** 0, the default, lets the system choose. */
  port?: number
  /** Waits between the attempts to deliver an event that was not answered 2xx. */
  retryDelaysMs?: readonly number[]
  /** What becomes of bank debits: they `wait`, the default, for `control.settleDelayed`, or are settled at once. */
  delayedPayments?: 'wait' | 'succeed' | 'fail'
  report?: (error: Error) => void
}

export interface SandboxStripe {
  /** Without a slash at the end. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly secretKey: string
  readonly webhookSecret: string | null
  readonly control: StripeControl
  setWebhook(webhook: Webhook): void
  /** Stops retries, closes connections and writes the state. */
  close(): Promise<void>
}

const SECRET_KEY = 'sk_test_sandbox'
const HOST = '127.0.0.1'
/** Above the keep-alive of usual clients, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 75_000

/** Starts a simulated Stripe on 127.0.0.1, for the official SDK and for people with a browser. */
export async function startSandboxStripe(options: SandboxStripeOptions): Promise<SandboxStripe> {
  const { clock, secretKey = SECRET_KEY, dataFile = null, report = () => {} } = options
  const account = new StripeAccount(clock)
  account.delayedPayments = options.delayedPayments ?? 'wait'
  const stateFile = dataFile === null ? null : new StateFile(account, dataFile, report)
  const deliveries = new EventDeliveries(account, secretKey, options.retryDelaysMs ?? RETRY_DELAYS_MS)
  const api = new ApiServer({ account, secretKey, report })
  const control = new StripeControl(account, deliveries, api)
  account.onEvent = (event) => deliveries.accept(event)
  account.onChange = () => stateFile?.touch()
  // The state tells where the pages are, so it is read when the port is known; requests wait for it.
  const loaded = Promise.withResolvers<void>()
  const rooms = { account, api, control, report, loaded: loaded.promise }
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    void answer(request, response, rooms)
  })
  const port = await listen(server, options.port ?? 0)
  account.origin = `http://${HOST}:${port}`
  try {
    if (dataFile !== null) await readState(account, dataFile)
  } catch (error) {
    await stopServer(server)
    throw error
  }
  loaded.resolve()
  const stopSweeping = startSweeping(account, report)
  if (options.webhook) deliveries.setWebhook(options.webhook)
  return {
    url: account.origin,
    host: HOST,
    port,
    secretKey,
    get webhookSecret() {
      return deliveries.webhook?.secret ?? null
    },
    control,
    setWebhook: (webhook) => deliveries.setWebhook(webhook),
    close: async () => {
      stopSweeping()
      // Calls that are kept waiting are let go, or the server would wait for them.
      api.outages.clear()
      await stopServer(server)
      await deliveries.close()
      await stateFile?.flush()
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  })
  return (server.address() as AddressInfo).port
}

function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

interface Rooms {
  account: StripeAccount
  api: ApiServer
  control: StripeControl
  report: (error: Error) => void
  loaded: Promise<void>
}

async function answer(request: IncomingMessage, response: ServerResponse, rooms: Rooms): Promise<void> {
  try {
    await rooms.loaded
    await route(request, response, rooms)
  } catch (error) {
    rooms.report(error instanceof Error ? error : new Error(String(error)))
    response.destroy()
  }
}

async function route(request: IncomingMessage, response: ServerResponse, rooms: Rooms): Promise<void> {
  const body = await readRequestBody(request)
  if (body === null) {
    response.writeHead(413).end()
    return
  }
  const path = request.url ?? '/'
  if (path.startsWith('/_control')) return serveControl(request, response, body, rooms.control)
  if (path.startsWith('/c/') || path.startsWith('/receipts/') || path === '/')
    return servePages(request, response, body, rooms.account)
  return rooms.api.answer(request, response, body)
}
