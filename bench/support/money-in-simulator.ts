import { once } from 'node:events'
import type Stripe from 'stripe'
import { openStripeAccount, type StripeAccount } from '../../src/orders/stripe/stripe-client.ts'
import { sandboxStripeAccess, sandboxWebhookSecret } from '../../src/sandbox/sandbox-stripe-access.ts'
import type { StripeMessage, WebhookMessage } from './money-in-stripe.ts'
import { firstMessage, projectPath, startProcess } from './processes.ts'

/** From which every Farebox of the bench derives its webhook secret. */
export const SECRET = 'the secret of the benchmarks'

/** A charge that was asked for but did not arrive by then never will. */
const CHARGE_MS_MAX = 30_000

/** A completed checkout and its payment, each as the event that tells of it. */
export interface ExampleEvents {
  session: Stripe.Event
  intent: Stripe.Event
}

/** The simulated Stripe, seen from the bench. */
export interface Simulator {
  url: string
  account: StripeAccount
  /** When each order's charge was first asked for, in nanoseconds of the monotonic clock. */
  charges: ReadonlyMap<string, bigint>
  /** Waits until so many charges have been asked for since the bench began. */
  charged(count: number): Promise<void>
  sendWebhooksTo(port: number): void
  /** Waits until every webhook was answered, or given up. */
  idle(): Promise<void>
  /** What Stripe says about a purchase. To be asked before webhooks are sent to anybody. */
  exampleEvents(): Promise<ExampleEvents>
  stop(): Promise<void>
}

export async function startSimulator(): Promise<Simulator> {
  const started = startProcess({
    name: 'simulated Stripe',
    arguments: [projectPath('bench/support/money-in-stripe.ts')],
    hasChannel: true,
  })
  const charges = new Map<string, bigint>()
  const first = await firstMessage<StripeMessage>(started)
  if (first.kind !== 'listening') throw new Error('the simulated Stripe did not say where it listens')
  started.child.on('message', (message: StripeMessage) => {
    if (message.kind === 'charge' && !charges.has(message.orderId)) charges.set(message.orderId, BigInt(message.at))
  })
  const { url } = first
  const account = openStripeAccount(sandboxStripeAccess(url, SECRET))
  return {
    ...{ url, account, charges, stop: started.stop },
    async charged(count) {
      const signal = AbortSignal.timeout(CHARGE_MS_MAX)
      while (charges.size < count) await once(started.child, 'message', { signal })
    },
    sendWebhooksTo(port) {
      const webhook: WebhookMessage = {
        url: `http://127.0.0.1:${port}/webhooks/stripe`,
        secret: sandboxWebhookSecret(SECRET),
      }
      started.child.send(webhook)
    },
    idle: () => turnKnob(url, 'idle', {}),
    exampleEvents: () => exampleEvents(url, account.api),
  }
}

async function turnKnob(url: string, name: string, body: object): Promise<void> {
  const response = await fetch(`${url}/_control/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status !== 200) throw new Error(`the simulated Stripe refused '${name}': ${await response.text()}`)
}

/** Of a purchase as a buyer makes it. */
async function exampleEvents(url: string, api: Stripe): Promise<ExampleEvents> {
  const { id: customer } = await api.customers.create({ name: 'Buyer' })
  const { id } = await api.checkout.sessions.create({
    mode: 'payment',
    customer,
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: 2_000, product_data: { name: 'Credits' } } },
    ],
    billing_address_collection: 'required',
    success_url: 'https://example.test/',
  })
  await turnKnob(url, 'pay', { sessionId: id, card: '4242424242424242', name: 'Buyer', email: 'buyer@example.test' })
  const newest = async (type: string): Promise<Stripe.Event> => {
    const { data } = await api.events.list({ type, limit: 1 })
    if (!data[0]) throw new Error(`the simulated Stripe knows no event ${type}`)
    return data[0]
  }
  return { session: await newest('checkout.session.completed'), intent: await newest('payment_intent.succeeded') }
}
