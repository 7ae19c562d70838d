import { createSession } from '../checkout/create-session.ts'
import { expireSessionCall, listLineItems, listSessions, retrieveSession } from '../checkout/sessions.ts'
import {
  createCustomer,
  createTaxId,
  listCustomerPaymentMethods,
  listCustomers,
  listTaxIds,
  retrieveCustomer,
  updateCustomer,
} from '../payments/customers.ts'
import { closeDispute, listDisputes, retrieveDispute } from '../payments/disputes.ts'
import {
  cancelPaymentIntent,
  confirmPaymentIntent,
  createPaymentIntent,
  listPaymentIntents,
  retrievePaymentIntent,
} from '../payments/payment-intents.ts'
import {
  attachPaymentMethodCall,
  detachPaymentMethod,
  listPaymentMethods,
  retrievePaymentMethod,
} from '../payments/payment-methods.ts'
import { createRefund, listCharges, listRefunds, retrieveCharge, retrieveRefund } from '../payments/refunds.ts'
import { retrieveSetupIntent } from '../payments/setup-intents.ts'
import { listEvents, retrieveEvent } from '../webhooks/events.ts'
import type { ApiHandler } from './api-call.ts'

type Method = 'GET' | 'POST'

/** Every call that the simulator answers. */
const ROUTES: readonly [Method, string, ApiHandler][] = [
  ['POST', '/v1/customers', createCustomer],
  ['GET', '/v1/customers', listCustomers],
  ['GET', '/v1/customers/:id', retrieveCustomer],
  ['POST', '/v1/customers/:id', updateCustomer],
  ['POST', '/v1/customers/:id/tax_ids', createTaxId],
  ['GET', '/v1/customers/:id/tax_ids', listTaxIds],
  ['GET', '/v1/customers/:id/payment_methods', listCustomerPaymentMethods],
  ['POST', '/v1/checkout/sessions', createSession],
  ['GET', '/v1/checkout/sessions', listSessions],
  ['GET', '/v1/checkout/sessions/:id', retrieveSession],
  ['POST', '/v1/checkout/sessions/:id/expire', expireSessionCall],
  ['GET', '/v1/checkout/sessions/:id/line_items', listLineItems],
  ['POST', '/v1/payment_intents', createPaymentIntent],
  ['GET', '/v1/payment_intents', listPaymentIntents],
  ['GET', '/v1/payment_intents/:id', retrievePaymentIntent],
  ['POST', '/v1/payment_intents/:id/confirm', confirmPaymentIntent],
  ['POST', '/v1/payment_intents/:id/cancel', cancelPaymentIntent],
  ['GET', '/v1/setup_intents/:id', retrieveSetupIntent],
  ['GET', '/v1/payment_methods', listPaymentMethods],
  ['GET', '/v1/payment_methods/:id', retrievePaymentMethod],
  ['POST', '/v1/payment_methods/:id/attach', attachPaymentMethodCall],
  ['POST', '/v1/payment_methods/:id/detach', detachPaymentMethod],
  ['GET', '/v1/charges', listCharges],
  ['GET', '/v1/charges/:id', retrieveCharge],
  ['POST', '/v1/refunds', createRefund],
  ['GET', '/v1/refunds', listRefunds],
  ['GET', '/v1/refunds/:id', retrieveRefund],
  ['GET', '/v1/disputes', listDisputes],
  ['GET', '/v1/disputes/:id', retrieveDispute],
  ['POST', '/v1/disputes/:id/close', closeDispute],
  ['GET', '/v1/events', listEvents],
  ['GET', '/v1/events/:id', retrieveEvent],
]

const COMPILED = ROUTES.map(([method, path, handle]) => ({
  method,
  handle,
  pattern: new RegExp(`^${path.replaceAll(':id', '([A-Za-z0-9_]+)')}$`),
}))

export interface FoundRoute {
  handle: ApiHandler
  ids: readonly string[]
}

export function findRoute(method: string, path: string): FoundRoute | null {
  for (const route of COMPILED) {
    if (route.method !== method) continue
    const match = route.pattern.exec(path)
    if (match) return { handle: route.handle, ids: match.slice(1) }
  }
  return null
}
