import type Stripe from 'stripe'
import type { Farebox } from '../support/farebox.ts'
import type { ModelOrder, MoneyInModel } from './money-in-model.ts'

/** What an endpoint at Stripe is subscribed to. */
const LISTENED_FOR =
  /^(checkout\.session|refund|charge\.refunded|charge\.dispute|payment_intent\.(succeeded|payment_failed|requires_action|canceled)|payment_method)/
const PAGE = 100
/** Odd and large, so that neighbours end far from each other. */
const MIXER = 7_919

/** In which order what was held back arrives; `some` leaves a third of it for later. */
export type Delivery = 'same' | 'reversed' | 'shuffled' | 'some' | 'duplicated'

/** What Stripe tells of one account: kept back, sent in any order, and told to the model as it arrives. */
export class StripeNews {
  /** Sessions with their orders, and orders with their payment intents, as they were made. */
  readonly sessions = new Map<string, string>()
  readonly intents = new Map<string, string>()
  /** The card that Farebox was last told of. */
  card: { id: string; last4: string } | null = null
  readonly #farebox: Farebox
  readonly #model: MoneyInModel
  #held: Stripe.Event[] = []
  readonly #sent: Stripe.Event[] = []
  #seenUpTo: string | null = null

  constructor(farebox: Farebox, model: MoneyInModel) {
    this.#farebox = farebox
    this.#model = model
  }

  get #api() {
    return this.#farebox.running.desk.stripe.api
  }

  get #now() {
    return this.#farebox.clock.now()
  }

  /** From now on: what happened before is not of this account. */
  async begin(): Promise<void> {
    const { data } = await this.#api.events.list({ limit: 1 })
    this.#seenUpTo = data[0]?.id ?? null
  }

  /** Takes what has happened since; what is lost will never be sent. */
  async collect(isLost: boolean): Promise<void> {
    for (;;) {
      const since = this.#seenUpTo === null ? {} : { ending_before: this.#seenUpTo }
      const { data, has_more } = await this.#api.events.list({ limit: PAGE, ...since })
      const events = data.toReversed()
      for (const event of events) this.#note(event)
      if (!isLost) this.#held.push(...events.filter(({ type }) => LISTENED_FOR.test(type)))
      this.#seenUpTo = events.at(-1)?.id ?? this.#seenUpTo
      if (!has_more || events.length === 0) return
    }
  }

  #note({ type, data }: Stripe.Event): void {
    if (type !== 'payment_intent.created') return
    const { id, metadata } = data.object as Stripe.PaymentIntent
    if (metadata.farebox_order) this.intents.set(metadata.farebox_order, id)
  }

  async deliver(how: Delivery = 'same'): Promise<void> {
    const isNow = (_: unknown, index: number) => how !== 'some' || index % 3 !== 1
    const now = this.#held.filter(isNow)
    this.#held = this.#held.filter((event, index) => !isNow(event, index))
    const mixed = now.map((event, index) => ({ event, place: (index * MIXER) % now.length }))
    const shuffled = mixed.toSorted((left, right) => left.place - right.place).map(({ event }) => event)
    const ordered = how === 'reversed' ? now.toReversed() : how === 'shuffled' ? shuffled : now
    for (const event of ordered) await this.#send(event, how === 'duplicated' ? 3 : 1)
  }

  /** Something that was told before, once more. */
  async repeat(which: number): Promise<void> {
    const event = this.#sent[which % Math.max(this.#sent.length, 1)]
    if (event) await this.#farebox.stripe.control.resend(event.id)
  }

  async #send(event: Stripe.Event, copies: number): Promise<void> {
    const { control } = this.#farebox.stripe
    await Promise.all(Array.from({ length: copies }, () => control.resend(event.id)))
    this.#sent.push(event)
    await this.#learn(event)
  }

  async #learn({ type, data }: Stripe.Event): Promise<void> {
    const object = data.object as unknown as Record<string, never> & { id: string }
    if (type.startsWith('checkout.session')) return this.#learnSession(type, data.object as Stripe.Checkout.Session)
    if (type === 'payment_intent.succeeded') return this.#learnCharged(object.id)
    if (type === 'payment_method.attached') {
      this.card = { id: object.id, last4: (data.object as Stripe.PaymentMethod).card?.last4 ?? '' }
      return
    }
    const intentId = object.payment_intent as string | undefined
    const order = intentId === undefined ? undefined : this.#orderOf(intentId)
    if (!order || !intentId) return
    if (type === 'charge.refunded') {
      this.#learnPaid(intentId)
      for (const refund of await this.refundsOf(order)) this.learnRefund(order, refund)
    } else if (type.startsWith('refund.')) {
      this.#learnPaid(intentId)
      this.learnRefund(order, data.object as Stripe.Refund)
    } else if (type.startsWith('charge.dispute')) {
      this.#learnPaid(intentId)
      const dispute = data.object as Stripe.Dispute
      this.#learnDispute(order, dispute, type === 'charge.dispute.funds_reinstated')
    }
  }

  #learnSession(type: string, session: Stripe.Checkout.Session): void {
    const order = this.#model.orders.get(session.metadata?.farebox_order ?? '')
    if (!order) return
    if (session.payment_status === 'paid') this.#model.paid(order, this.#now)
    else if (type === 'checkout.session.expired') this.#model.ended(order, 'EXPIRED')
    else if (type === 'checkout.session.async_payment_failed') this.#model.ended(order, 'FAILED')
  }

  #orderOf(intentId: string): ModelOrder | undefined {
    const [orderId] = [...this.intents].find(([, intent]) => intent === intentId) ?? []
    return orderId === undefined ? undefined : this.#model.orders.get(orderId)
  }

  /** A payment page tells itself that it was paid, and by whom; only a charge without one is told by its attempt. */
  #learnCharged(intentId: string): void {
    if (this.#orderOf(intentId)?.kind === 'AUTO_TOP_UP') this.#learnPaid(intentId)
  }

  #learnPaid(intentId: string): void {
    const order = this.#orderOf(intentId)
    if (order) this.#model.paid(order, this.#now)
  }

  learnRefund(order: ModelOrder, { id, amount, status, metadata }: Stripe.Refund): void {
    const known = status === 'succeeded' || status === 'failed' ? status : 'pending'
    const ours = metadata?.farebox_refund ?? null
    this.#model.refunded(order, { id, ours, amountMinor: BigInt(amount), status: known }, this.#now)
  }

  #learnDispute(order: ModelOrder, { id, amount, status }: Stripe.Dispute, isReinstated: boolean): void {
    const states = { warning_needs_response: 'inquiry', needs_response: 'open', lost: 'lost' } as const
    const told = states[status as keyof typeof states] ?? 'won'
    const state = told === 'lost' && isReinstated ? 'won' : told
    this.#model.disputed(order, { id, amountMinor: BigInt(amount), state }, this.#now)
  }

  /** What asking Stripe about an order tells. */
  async learnTruth(order: ModelOrder): Promise<void> {
    const intentId = this.intents.get(order.id)
    const [sessionId] = [...this.sessions].find(([, orderId]) => orderId === order.id) ?? []
    const session = sessionId === undefined ? null : await this.#api.checkout.sessions.retrieve(sessionId)
    if (session?.status === 'expired') this.#model.ended(order, 'EXPIRED')
    if (!intentId) return
    const intent = await this.#api.paymentIntents.retrieve(intentId)
    if (session?.status === 'complete' && intent.status === 'requires_payment_method')
      this.#model.ended(order, 'FAILED')
    if (intent.status !== 'succeeded') return
    this.#model.paid(order, this.#now)
    for (const refund of await this.refundsOf(order)) this.learnRefund(order, refund)
    for (const dispute of await this.disputesOf(order)) {
      const returned = dispute.balance_transactions.length > 1
      this.#learnDispute(order, dispute, returned)
    }
  }

  /** Oldest first. */
  async refundsOf(order: ModelOrder): Promise<Stripe.Refund[]> {
    const intent = this.intents.get(order.id)
    if (!intent) return []
    return (await this.#api.refunds.list({ payment_intent: intent, limit: PAGE })).data.toReversed()
  }

  async disputesOf(order: ModelOrder): Promise<Stripe.Dispute[]> {
    const intent = this.intents.get(order.id)
    if (!intent) return []
    return (await this.#api.disputes.list({ payment_intent: intent, limit: PAGE })).data
  }

  /** What Stripe took for an order, less what went back. What an open dispute holds back is not lost yet. Minor units. */
  async takenMinor(order: ModelOrder): Promise<bigint> {
    const intentId = this.intents.get(order.id)
    if (!intentId) return 0n
    const { amount_received } = await this.#api.paymentIntents.retrieve(intentId)
    const refunds = (await this.refundsOf(order)).filter(({ status }) => status === 'succeeded')
    const disputes = await this.disputesOf(order)
    const open = disputes.filter(({ status }) => status === 'needs_response')
    const contested = [...disputes.flatMap((dispute) => dispute.balance_transactions), ...open]
    const sum = (items: readonly { amount: number }[]) => items.reduce((total, { amount }) => total + amount, 0)
    return BigInt(amount_received - sum(refunds) + sum(contested))
  }
}
