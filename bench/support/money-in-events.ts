import Stripe from 'stripe'
import { Pool } from 'undici'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { sandboxWebhookSecret } from '../../src/sandbox/sandbox-stripe-access.ts'
import type { FareboxProcess } from './money-in-farebox.ts'
import { inParallel, type MoneyInLoad } from './money-in-load.ts'
import { type AwaitingOrder, ORDER_TOTAL_MINOR } from './money-in-orders.ts'
import { type ExampleEvents, SECRET } from './money-in-simulator.ts'

/** As many as Stripe might send at once after a busy minute; Farebox's pool has 8 connections. */
export const WEBHOOKS_AT_ONCE = 32

/** Both tell of a payment that was made on a page. */
export type EventType = 'checkout.session.completed' | 'payment_intent.succeeded'

interface SignedEvent {
  body: string
  signature: string
}

/** The simulator's event with the order's own ids in it, signed now. */
export function signedEvent(examples: ExampleEvents, type: EventType, order: AwaitingOrder): SignedEvent {
  const isSession = type === 'checkout.session.completed'
  const example = isSession ? examples.session : examples.intent
  const amount = Number(ORDER_TOTAL_MINOR)
  const common = { customer: order.customerId, metadata: { farebox_order: order.id } }
  const own = isSession
    ? { id: order.sessionId, payment_intent: order.intentId, client_reference_id: order.id, amount_total: amount }
    : { id: order.intentId, amount, amount_received: amount }
  const body = JSON.stringify({
    ...example,
    id: `evt_${uuidV7(systemClock).replaceAll('-', '')}`,
    created: Math.floor(systemClock.now() / 1000),
    data: { object: { ...example.data.object, ...common, ...own } },
  })
  const secret = sandboxWebhookSecret(SECRET)
  return { body, signature: Stripe.webhooks.generateTestHeaderString({ payload: body, secret }) }
}

export interface WebhookSender {
  /** Delivers each event once over 32 kept connections. @throws unless every one is answered 200 with this outcome */
  send(events: readonly SignedEvent[], outcome: 'applied' | 'repeated'): Promise<MoneyInLoad>
  close(): Promise<void>
}

export function createWebhookSender({ port }: FareboxProcess): WebhookSender {
  const connections = new Pool(`http://127.0.0.1:${port}`, { connections: WEBHOOKS_AT_ONCE, pipelining: 1 })
  return {
    send: (events, outcome) =>
      inParallel(events, WEBHOOKS_AT_ONCE, async ({ body, signature }) => {
        const answer = await connections.request({
          path: '/webhooks/stripe',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'stripe-signature': signature },
          body,
        })
        const text = await answer.body.text()
        const isDone = answer.statusCode === 200 && (JSON.parse(text) as { outcome: string }).outcome === outcome
        if (!isDone) throw new Error(`a webhook was answered ${answer.statusCode} ${text}, not as ${outcome}`)
      }),
    close: () => connections.close(),
  }
}
