import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Registry } from 'prom-client'
import { sendApiError } from './api/api-error.ts'
import { autoTopUpRouter } from './api/auto-top-up.ts'
import { billingProfileRouter } from './api/billing-profile.ts'
import { creditsRouter } from './api/credits.ts'
import { exportsRouter } from './api/exports.ts'
import { invoicesRouter } from './api/invoices.ts'
import { paymentMethodsRouter } from './api/payment-methods.ts'
import { statementsRouter } from './api/statements.ts'
import { stripeWebhookRouter } from './api/stripe-webhook.ts'
import type { Role } from './config.ts'
import { chatCompletions } from './gateway/chat-completions.ts'
import type { Gateway } from './gateway/gateway.ts'
import { GatewayError } from './gateway/gateway-error.ts'
import { listModels } from './gateway/models.ts'
import type { CashDesk } from './orders/cash-desk.ts'
import { orderPagesRouter } from './portal/order-pages.ts'

export interface AppDeps {
  gateway: Gateway
  desk: CashDesk
  registry: Registry
  roles: readonly Role[]
  /** Rejects while requests cannot be served. */
  assertReady: () => Promise<void>
}

/** The one place that fixes the order in which things are mounted: the spend path first, nothing before it. */
export function createApp({ gateway, desk, registry, roles, assertReady }: AppDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', 'simple')

  if (roles.includes('gateway')) {
    app.post('/v1/chat/completions', (request, response) => chatCompletions(gateway, request, response))
    app.get('/v1/models', (request, response) => listModels(gateway, request, response))
  }
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
  if (roles.includes('api')) {
    // The signature is of the body's bytes, so nothing may parse it before.
    app.use(stripeWebhookRouter(desk))
    app.use(orderPagesRouter(desk))
    app.use(creditsRouter(gateway, desk))
    app.use(paymentMethodsRouter(gateway, desk))
    app.use(autoTopUpRouter(gateway, desk))
    app.use(invoicesRouter(gateway, desk))
    app.use(statementsRouter(gateway, desk))
    app.use(exportsRouter(gateway, desk))
    app.use(billingProfileRouter(gateway, desk, desk.vatRegister))
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
