import Stripe from 'stripe'
import { Agent, request } from 'undici'
import type { Delivery, StoredEvent } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

/** Enough to keep a fast receiver busy; the rest wait in order. */
const CONNECTIONS = 64
/** A receiver that has not answered by then has failed, as with Stripe. */
const ANSWER_TIMEOUT_MS = 20_000
export const RETRY_DELAYS_MS: readonly number[] = [100, 500, 2_000, 10_000, 30_000]

export interface Webhook {
  url: string
  secret: string
}

export interface SendingOptions {
  /** Null sends no signature at all. */
  secret: string | null
  timestampOffsetSeconds?: number
}

/**
 * Sends events, signed, in the order of happening, each on its own: a slow answer holds nothing up. An event that is not
 * answered 2xx is sent again after each of the delays.
 */
export class EventDeliveries {
  mode: 'normal' | 'hold' = 'normal'
  /** Copies of each event that are sent at the same time. */
  copies = 1
  /** Types of the events that are never sent: `all` of them, or none where it is empty. */
  dropped: 'all' | ReadonlySet<string> = new Set<string>()
  webhook: Webhook | null = null
  private readonly account: StripeAccount
  private readonly retryDelaysMs: readonly number[]
  private readonly agent = new Agent({
    connections: CONNECTIONS,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    keepAliveTimeout: 30_000,
  })
  private readonly stripe: Stripe
  private readonly pauses = new Set<() => void>()
  private readonly idleWaiters: (() => void)[] = []
  private underWay = 0
  private isClosed = false

  constructor(account: StripeAccount, secretKey: string, retryDelaysMs: readonly number[]) {
    this.account = account
    this.retryDelaysMs = retryDelaysMs
    this.stripe = new Stripe(secretKey)
  }

  /** Takes in an event that just happened. */
  accept(event: StoredEvent): void {
    const isDropped = this.dropped === 'all' || this.dropped.has(event.type)
    const state = isDropped ? 'dropped' : this.mode === 'hold' ? 'held' : this.webhook ? 'sending' : 'unsent'
    const { id, type } = event
    this.account.deliveries.save({ id, type, state, attempts: 0, lastStatus: null, lastError: null })
    if (state !== 'sending') return
    for (let copy = 0; copy < this.copies; copy += 1) void this.send(event)
  }

  /** From now on events go there; with the first webhook what was under way before a restart goes on. */
  setWebhook(webhook: Webhook): void {
    const isFirst = this.webhook === null
    this.webhook = webhook
    if (isFirst) this.resume()
  }

  /** Sends an event again, whatever became of it; resolves after the first attempt. */
  resend(event: StoredEvent): Promise<void> {
    return new Promise((resolve) => void this.send(event, resolve))
  }

  /** One attempt to send any text; the status of the answer, or null where there was none. */
  async post(body: string, { secret, timestampOffsetSeconds = 0 }: SendingOptions): Promise<number | null> {
    if (!this.webhook) return null
    const headers: Record<string, string> = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    }
    if (secret !== null) {
      const timestamp = this.account.now() + timestampOffsetSeconds
      headers['stripe-signature'] = this.stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp })
    }
    const answer = await request(this.webhook.url, { method: 'POST', headers, body, dispatcher: this.agent })
    await answer.body.dump()
    return answer.statusCode
  }

  /** Resolves when nothing is being sent and nothing waits to be sent again. */
  idle(): Promise<void> {
    if (this.underWay === 0) return Promise.resolve()
    return new Promise((resolve) => this.idleWaiters.push(resolve))
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const wake of this.pauses) wake()
    await this.agent.destroy()
    await this.idle()
  }

  /** Goes on with what was under way when the state was written. */
  private resume(): void {
    for (const delivery of this.account.deliveries.values()) {
      const event = this.account.events.get(delivery.id)
      if (event && (delivery.state === 'waiting' || delivery.state === 'sending')) void this.send(event)
    }
  }

  private async send(event: StoredEvent, afterFirst?: () => void): Promise<void> {
    const { id, type } = event
    const known = this.account.deliveries.get(id)
    const delivery = known ?? { id, type, state: 'sending' as const, attempts: 0, lastStatus: null, lastError: null }
    this.underWay += 1
    try {
      for (let retry = 0; !this.isClosed; retry += 1) {
        const delayMs = this.retryDelaysMs[retry]
        const isDelivered = await this.attempt(event, delivery, delayMs === undefined)
        if (retry === 0) afterFirst?.()
        if (isDelivered || delayMs === undefined) break
        if (!this.isClosed) await this.pause(delayMs)
      }
    } finally {
      afterFirst?.()
      this.underWay -= 1
      if (this.underWay === 0) for (const wake of this.idleWaiters.splice(0)) wake()
    }
  }

  /** Copies share one record: once delivered, it stays delivered. */
  private async attempt(event: StoredEvent, delivery: Delivery, isLast: boolean): Promise<boolean> {
    delivery.attempts += 1
    let isDelivered = false
    try {
      const status = await this.post(event.body, { secret: this.webhook?.secret ?? null })
      delivery.lastStatus = status
      delivery.lastError = null
      isDelivered = status !== null && status >= 200 && status < 300
    } catch (error) {
      delivery.lastStatus = null
      delivery.lastError = error instanceof Error ? error.message || error.name : String(error)
    }
    if (isDelivered) delivery.state = 'delivered'
    else if (delivery.state !== 'delivered') delivery.state = isLast && !this.isClosed ? 'failed' : 'waiting'
    this.account.deliveries.save(delivery)
    this.account.onChange()
    return isDelivered
  }

  private pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.pauses.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, delayMs)
      timer.unref()
      this.pauses.add(wake)
    })
  }
}
