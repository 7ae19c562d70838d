import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { systemClock } from '../../src/lib/clock.ts'
import { startSandboxStripe } from '../../src/sandbox/stripe/start-sandbox-stripe.ts'

/** The simulated Stripe as a process of its own, which tells the bench when each request for a charge arrives. */

/** Where Farebox takes webhooks, as the bench tells it. */
export interface WebhookMessage {
  url: string
  secret: string
}

export type StripeMessage =
  | { kind: 'listening'; url: string }
  /** `at` = nanoseconds of the machine's monotonic clock, which all its processes share, when the headers were read. */
  | { kind: 'charge'; at: string; orderId: string }

const send = (message: StripeMessage): void => void process.send?.(message)

subscribe('http.server.request.start', (message) => {
  const at = process.hrtime.bigint().toString()
  const { method, url, headers } = (message as { request: IncomingMessage }).request
  // An order's id is the idempotency key of its charge.
  if (method === 'POST' && url === '/v1/payment_intents') {
    send({ kind: 'charge', at, orderId: String(headers['idempotency-key']) })
  }
})

const sandbox = await startSandboxStripe({ clock: systemClock })
process.on('message', (webhook: WebhookMessage) => sandbox.setWebhook(webhook))
process.on('disconnect', () => process.exit(0))
send({ kind: 'listening', url: sandbox.url })
