import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import {
  type SandboxStripe,
  type SandboxStripeOptions,
  startSandboxStripe,
} from '../../src/sandbox/stripe/start-sandbox-stripe.ts'

export const WEBHOOK_SECRET = 'whsec_sandbox'
/** 2026-01-15T12:00:00Z */
export const START_MS = 1_768_478_400_000

/** A clock that stands still until it is moved. */
export class ManualClock {
  private time = START_MS

  now(): number {
    return this.time
  }

  advance(seconds: number): void {
    this.time += seconds * 1000
  }
}

export interface Received {
  event: Stripe.Event
  signature: string | undefined
  body: string
}

/** A receiver of webhooks that checks each signature with the SDK and remembers what came. */
export class Receiver {
  readonly received: Received[] = []
  readonly refused: string[] = []
  /** Statuses of the next answers; 200 when there are no more. */
  statuses: number[] = []
  private readonly server: Server
  private readonly clock: ManualClock
  private readonly stripe = new Stripe('sk_test_receiver')

  constructor(clock: ManualClock) {
    this.clock = clock
    this.server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (piece: string) => {
        body += piece
      })
      request.on('end', () => response.writeHead(this.take(body, request.headers['stripe-signature'])).end())
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks`
  }

  types(): string[] {
    return this.received.map(({ event }) => event.type)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private take(body: string, signature: string | string[] | undefined): number {
    const header = Array.isArray(signature) ? signature[0] : signature
    try {
      const now = this.clock.now() / 1000
      const event = this.stripe.webhooks.constructEvent(body, header ?? '', WEBHOOK_SECRET, 300, undefined, now * 1000)
      const status = this.statuses.shift() ?? 200
      if (status === 200) this.received.push({ event, signature: header, body })
      return status
    } catch {
      this.refused.push(body)
      return 400
    }
  }
}

export interface World {
  clock: ManualClock
  sandbox: SandboxStripe
  stripe: Stripe
  receiver: Receiver
  webhookUrl: string
  reports: Error[]
  close(): Promise<void>
}

export function clientFor(sandbox: SandboxStripe, apiKey = sandbox.secretKey): Stripe {
  const { host, port } = sandbox
  return new Stripe(apiKey, { host, port, protocol: 'http', maxNetworkRetries: 0 })
}

/** A simulator, the official SDK pointed at it, and somebody who receives its webhooks. */
export async function startWorld(options: Partial<SandboxStripeOptions> = {}): Promise<World> {
  const clock = new ManualClock()
  const receiver = new Receiver(clock)
  const webhookUrl = await receiver.start()
  const reports: Error[] = []
  const sandbox = await startSandboxStripe({
    clock,
    webhook: { url: webhookUrl, secret: WEBHOOK_SECRET },
    retryDelaysMs: [1, 1, 1],
    report: (error) => reports.push(error),
    ...options,
  })
  const close = async () => {
    await sandbox.close()
    await receiver.close()
  }
  return { clock, sandbox, stripe: clientFor(sandbox), receiver, webhookUrl, reports, close }
}

type SessionParams = Stripe.Checkout.SessionCreateParams

/** What Farebox would ask for: 25.00 USD of credits. */
export function creditsSession(change: SessionParams = {}): SessionParams {
  return {
    mode: 'payment',
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: 2_500, product_data: { name: 'Credits' } } },
    ],
    success_url: 'http://shop.test/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://shop.test/cancelled',
    ...change,
  }
}

/** A customer with a saved card, set up for use off session. */
export async function customerWithCard(
  { stripe, sandbox }: World,
  card: string,
): Promise<{ customer: string; method: string }> {
  const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' })
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    customer,
    success_url: 'http://shop.test/done',
  })
  sandbox.control.pay(session.id, { card })
  const { data } = await stripe.customers.listPaymentMethods(customer)
  return { customer, method: data[0]?.id ?? '' }
}

/** Sends a form of the hosted pages as a browser would, without following the redirect. */
export async function postForm(
  url: string,
  fields: Record<string, string>,
): Promise<{ status: number; location: string | null; page: string }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), page: await response.text() }
}

export const CARD_FIELDS = {
  email: 'ada@example.com',
  card_number: '4242 4242 4242 4242',
  card_expiry: '12 / 30',
  card_cvc: '123',
  card_name: 'Ada Lovelace',
}

/** The error of a call that must fail. */
export async function errorOf(promise: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`expected Stripe's refusal, got ${String(error)}`)
}
