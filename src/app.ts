import type { RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Registry } from 'prom-client'
import type { AdminDoor } from './admin/admin-door.ts'
import { sendApiError } from './api/api-error.ts'
import { managementApi } from './api/management-api.ts'
import { stripeWebhookRouter } from './api/stripe-webhook.ts'
import type { Role } from './config.ts'
import { chatCompletions } from './gateway/chat-completions.ts'
import type { Gateway } from './gateway/gateway.ts'
import { GatewayError } from './gateway/gateway-error.ts'
import { listModels } from './gateway/models.ts'
import type { CashDesk } from './orders/cash-desk.ts'
import { assetsRouter } from './portal/assets.ts'
import { orderPagesRouter } from './portal/order-pages.ts'
import { portalRouter } from './portal/portal-router.ts'
import type { SignIn } from './sign-in/create-sign-in.ts'

export interface AppDeps {
  gateway: Gateway
  desk: CashDesk
  signIn: SignIn
  /** What the secrets of webhooks are sealed under. */
  secret: string
  /** Null = this process has no back office. */
  admin: AdminDoor | null
  /** Where forms on pages may lead besides ourselves. */
  paymentOrigins: readonly string[]
  /** How many proxies in front tell us of a visitor's address. */
  trustedProxies: number
  registry: Registry
  roles: readonly Role[]
  /** Rejects while requests cannot be served. */
  assertReady: () => Promise<void>
}

/**
 * What a server answers with. A completion is looked for before Express sees the request: what Express does to every
 * request (its prototypes, its address, its layers) takes a twentieth of the time that a completion takes. Written in any
 * other way (a query, a slash at its end) the same address is found by Express.
 */
export function createRequestListener(deps: AppDeps): RequestListener {
  const app = createApp(deps)
  const { gateway, roles } = deps
  if (!roles.includes('gateway')) return app
  return (request, response) => {
    if (request.url !== '/v1/chat/completions' || request.method !== 'POST') return app(request, response)
    chatCompletions(gateway, request, response).catch((error: unknown) => {
      gateway.logger.error({ err: error }, 'a completion could not be answered')
      response.destroy()
    })
  }
}

/** The one place that fixes the order in which things are mounted: the spend path first, nothing before it. */
export function createApp(deps: AppDeps): Express {
  const { gateway, desk, signIn, paymentOrigins, registry, roles, assertReady } = deps
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', 'simple')
  app.set('trust proxy', deps.trustedProxies)

  if (roles.includes('gateway')) {
    app.post('/v1/chat/completions', (request, response) => chatCompletions(gateway, request, response))
    app.get('/v1/models', (request, response) => listModels(gateway, request, response))
  }
  // It reads bodies only of what is its own, and is asked for balances thousands of times a second.
  if (roles.includes('api')) app.use(managementApi(gateway, desk))
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' })
  })
  app.get('/readyz', async (_request, response) => {
    try {
      await assertReady()
      response.json({ status: 'ready' })
    } catch {
      response.status(503).json({ status: 'not ready' })
    }
  })
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics())
  })
  // It reads what it is sent by itself.
  if (deps.admin) app.use('/admin', deps.admin.router)
  if (roles.includes('api')) {
    // The signature is of the body's bytes, so nothing may parse it before.
    app.use(stripeWebhookRouter(desk))
    app.use(assetsRouter())
    app.use(orderPagesRouter(desk, paymentOrigins))
  }
  if (roles.includes('portal')) {
    if (!roles.includes('api')) app.use(assetsRouter())
    // After what programs ask for: its checks are for people and their browsers.
    app.use(portalRouter({ signIn, desk, models: gateway, secret: deps.secret, paymentOrigins }))
  }
  app.use((request, response) => {
    const error = new GatewayError('not_found', `Nothing answers ${request.method} at this address.`)
    sendApiError(response, error, gateway.logger)
  })
  // Whatever a route let through: nothing of it is shown, in any environment.
  const lastResort: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    sendApiError(response, error, gateway.logger)
  }
  app.use(lastResort)
  return app
}
