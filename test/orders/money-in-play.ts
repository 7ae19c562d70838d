import type Stripe from 'stripe'
import { expect } from 'vitest'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { createRefundRuns } from '../../src/orders/refunds/run-refund.ts'
import { reconcile } from '../../src/orders/stripe/reconcile.ts'
import { stripeRefunds } from '../../src/orders/stripe/refund-provider.ts'
import { ordersToAsk, syncOrder } from '../../src/orders/stripe/sync-order.ts'
import { enableTopUp } from '../../src/orders/top-up/change-top-up.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { dueTopUps, runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import type { Customer, Farebox } from '../support/farebox.ts'
import { startedCheckout } from './money-in-calls.ts'
import { CENT, type ModelOrder, MoneyInModel } from './money-in-model.ts'
import {
  ADVANCES_MS,
  CARDS,
  DELIVERIES,
  ODD_PACKAGE,
  REFUSES_LATER,
  type Step,
  TOP_UP_CARDS,
} from './money-in-steps.ts'
import { type Delivery, StripeNews } from './stripe-news.ts'

const DAY_MS = 86_400_000
const STAFF = '01900000-0000-7000-8000-0000000000aa'
/** Of whatever is asked for at a time, more than a play has. */
const EVERY = 1_000

/** One account's life: what happens to it at Stripe and here, and what the model makes of it. */
export class MoneyInPlay {
  readonly model = new MoneyInModel()
  readonly #farebox: Farebox
  readonly #customer: Customer
  readonly #news: StripeNews
  readonly #startedAt: number
  #delivers: 'at once' | 'later' | 'never' = 'at once'
  #isTopUpCardGood = true

  private constructor(farebox: Farebox, customer: Customer) {
    this.#farebox = farebox
    this.#customer = customer
    this.#news = new StripeNews(farebox, this.model)
    this.#startedAt = farebox.clock.now()
  }

  /** A play of its own, in which nothing has happened yet. */
  static async begin(farebox: Farebox): Promise<MoneyInPlay> {
    // Orders of earlier plays are left behind, out of sight of the reconciliation.
    farebox.clock.advance(3 * DAY_MS)
    const play = new MoneyInPlay(farebox, await farebox.customer({ creditNano: 0n }))
    play.#keepBack()
    await play.#news.begin()
    return play
  }

  /** Nothing is sent by itself, and nothing is lost any more. */
  #keepBack(): void {
    this.#farebox.stripe.control.deliver({ mode: 'normal' })
    this.#farebox.stripe.control.deliver({ mode: 'hold' })
  }

  get #desk() {
    return this.#farebox.running.desk
  }

  get #now() {
    return this.#farebox.clock.now()
  }

  #pick<Item>(items: Iterable<Item>, { which }: Step): Item | undefined {
    const all = [...items]
    return all[which % Math.max(all.length, 1)]
  }

  /** Takes a step, and lets its news arrive as it is set. */
  async step(step: Step): Promise<void> {
    await this.#take(step)
    await this.#news.collect(this.#delivers === 'never')
    if (this.#delivers === 'at once') await this.#news.deliver()
  }

  #take(step: Step): unknown {
    switch (step.kind) {
      case 'buy':
        return this.#buy({ amount: 500 + step.share, saveCard: step.which % 3 > 0 }, BigInt(500 + step.share))
      case 'buy package':
        return this.#buy({ package: ODD_PACKAGE.slug }, ODD_PACKAGE.priceMinor, ODD_PACKAGE)
      case 'pay':
        return this.#pay(step)
      case 'settle debit':
        return this.#settle(step)
      case 'spend':
        return this.#spend(step)
      case 'hold':
        this.#delivers = 'later'
        return
      case 'drop':
        this.#delivers = 'never'
        return this.#farebox.stripe.control.drop()
      case 'deliver':
        return this.#deliver(step)
      case 'reconcile':
        return this.#reconcile()
      case 'repeat':
        return this.#news.repeat(step.which)
      case 'jobs':
        return this.#jobs()
      case 'advance':
        return this.#advance(step)
      case 'refund there':
        return this.#refundThere(step)
      case 'refund fails':
        return this.#failRefund(step)
      case 'refund':
        return this.#refund(step)
      case 'dispute':
        return this.#dispute(step)
      case 'end dispute':
        return this.#endDispute(step)
      case 'top-up':
        return this.#enableTopUp(step)
    }
  }

  async #buy(
    asked: { amount: number; saveCard: boolean } | { package: string },
    totalMinor: bigint,
    of?: typeof ODD_PACKAGE,
  ) {
    const { id, orderId } = await startedCheckout(this.#farebox, this.#customer, asked)
    const { creditNano = totalMinor * CENT, bonusNano = 0n } = of ?? {}
    this.model.opened({ id: orderId, kind: 'CHECKOUT', totalMinor, creditNano, bonusNano })
    this.#news.sessions.set(id, orderId)
  }

  async #pay(step: Step): Promise<void> {
    const open = (await this.#sessions()).filter(({ status }) => status === 'open')
    const session = this.#pick(open, step)
    const card = CARDS[step.share % CARDS.length] as string
    if (session) this.#farebox.stripe.control.pay(session.id, { card, saveCard: card !== 'bank_debit' })
  }

  async #settle(step: Step): Promise<void> {
    const waiting: Stripe.Checkout.Session[] = []
    for (const session of await this.#sessions()) {
      const intent = session.payment_intent as Stripe.PaymentIntent | null
      if (session.payment_status === 'unpaid' && intent?.status === 'processing') waiting.push(session)
    }
    const session = this.#pick(waiting, step)
    const end = step.share % 3 === 0 ? 'failed' : 'succeeded'
    if (session) this.#farebox.stripe.control.settleDelayed(session.id, end)
  }

  async #sessions(): Promise<Stripe.Checkout.Session[]> {
    const { api } = this.#desk.stripe
    const ids = [...this.#news.sessions.keys()]
    return Promise.all(ids.map((id) => api.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })))
  }

  async #spend({ share }: Step): Promise<void> {
    const price = BigInt(share) * CENT
    const request = requestOf(this.#farebox.clock, this.#customer.accountId, { price })
    const { ledger } = this.#farebox.running.gateway
    const { granted } = await ledger.authorize(request)
    expect(granted).toBe(this.model.spend(price, this.#now))
    if (granted) await ledger.resolve(captureOf(request, price))
  }

  async #deliver(step: Step): Promise<void> {
    const how = DELIVERIES[step.share % DELIVERIES.length] ?? 'same'
    await this.#news.deliver(how)
    this.#keepBack()
    this.#delivers = step.which % 2 === 0 ? 'at once' : 'later'
  }

  /** Orders of earlier plays are older than this one. */
  async #reconcile(): Promise<void> {
    const days = Math.ceil((this.#now - this.#startedAt) / DAY_MS) + 1
    const { unresolved } = await reconcile(this.#desk, { days })
    expect(unresolved).toEqual([])
    for (const order of this.model.orders.values()) await this.#news.learnTruth(order)
    this.#keepBack()
    if (this.#delivers === 'never') this.#delivers = 'at once'
  }

  async #jobs(): Promise<void> {
    const { accountId } = this.#customer
    const isDue = (await dueTopUps(this.#desk, EVERY)).includes(accountId)
    expect(isDue).toBe(this.model.topUpIsDue(this.#now))
    if (isDue) await this.#runTopUp()
    for (const orderId of await ordersToAsk(this.#desk, EVERY)) {
      const order = this.model.orders.get(orderId)
      if (!order) continue
      await syncOrder(this.#desk, orderId)
      await this.#news.learnTruth(order)
    }
    await this.#runRefunds()
    await this.#farebox.running.gateway.ledger.sweepExpired()
    this.model.expire(this.#now)
  }

  async #runTopUp(): Promise<void> {
    const { accountId } = this.#customer
    const outcome = await runTopUp(this.#desk, accountId)
    const [row] = await this.#farebox.rows<{ id: string; total_minor: string }>(
      `SELECT id, total_minor FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP' ORDER BY number DESC LIMIT 1`,
      accountId,
    )
    const totalMinor = BigInt(row?.total_minor ?? 0)
    const facts = { id: row?.id as string, totalMinor, creditNano: totalMinor * CENT, bonusNano: 0n }
    this.model.opened({ ...facts, kind: 'AUTO_TOP_UP' })
    expect(outcome).toBe(this.#isTopUpCardGood ? 'charged' : 'declined')
    if (outcome === 'declined') this.model.topUpDeclined(this.model.order(facts.id), this.#now)
  }

  async #enableTopUp({ share }: Step): Promise<void> {
    const { card } = this.#news
    if (!card || !TOP_UP_CARDS.includes(card.last4)) return
    const { accountId } = this.#customer
    const thresholdMinor = BigInt(100 + share)
    const limits = { dailyCapMinor: null, monthlyCapMinor: null, paymentMethodId: card.id }
    await enableTopUp(this.#desk, {
      ...{ accountId, thresholdMinor, amountMinor: 1_500n, ...limits, consentVersion: CONSENT_VERSION },
      actor: { actorId: accountId, actorKind: 'user', clientIp: null },
    })
    this.#isTopUpCardGood = card.last4 !== REFUSES_LATER
    this.model.topUpEnabled(thresholdMinor * CENT)
  }

  async #runRefunds(): Promise<void> {
    const { stripe } = this.#desk
    const failed = (error: Error) => {
      throw error
    }
    const runs = createRefundRuns({ ...this.#desk, provider: stripeRefunds(stripe), report: failed })
    for (const ours of await runs.due(EVERY)) {
      const order = [...this.model.orders.values()].find(({ asked }) => asked.has(ours))
      if (!order) continue
      await runs.run(ours)
      const made = (await this.#news.refundsOf(order)).find(({ metadata }) => metadata?.farebox_refund === ours)
      if (made) this.#news.learnRefund(order, made)
      else this.model.refundRefused(order, ours, this.#now)
    }
  }

  #advance({ share }: Step): void {
    this.#farebox.clock.advance(ADVANCES_MS[share % ADVANCES_MS.length] as number)
    this.#farebox.stripe.control.sweep()
  }

  /** By a person, at Stripe's dashboard. */
  async #refundThere(step: Step): Promise<void> {
    const order = this.#pick(this.#news.intents.keys(), step)
    const intent = order && this.#news.intents.get(order)
    if (!intent) return
    const amount = Number((this.model.order(order).totalMinor * BigInt(step.share)) / 1_000n)
    if (amount === 0) return
    await this.#desk.stripe.api.refunds.create({ payment_intent: intent, amount }).catch((error: Error) => {
      // More than is left of it, or disputed: not to be refunded, there as here.
      expect(error.message).toMatch(/greater than|already been refunded|charged back|successful charge/)
    })
  }

  async #failRefund(step: Step): Promise<void> {
    const refunds: Stripe.Refund[] = []
    for (const order of this.model.orders.values()) refunds.push(...(await this.#news.refundsOf(order)))
    const refund = this.#pick(refunds, step)
    if (refund) this.#farebox.stripe.control.failRefund(refund.id)
  }

  async #refund(step: Step): Promise<void> {
    const order = this.#pick(this.model.orders.values(), step)
    if (!order) return
    const totalMinor = (order.totalMinor * BigInt(step.share)) / 1_000n
    if (totalMinor === 0n) return
    const asked = { orderId: order.id, accountId: null, totalMinor, reason: 'Asked for', actorId: STAFF }
    const expected = this.model.mayRefund(order, totalMinor, this.#now) ? 'begun' : 'refund_exceeds_available'
    const outcome = await requestRefund(this.#desk, { ...asked, idempotencyKey: null }).then(
      ({ id }) => ({ id, said: 'begun' }),
      (error: { code: string }) => ({ id: null, said: error.code }),
    )
    expect(outcome.said).toBe(expected)
    if (outcome.id !== null) this.model.askRefund(order, outcome.id, totalMinor, this.#now)
  }

  async #dispute(step: Step): Promise<void> {
    const orderId = this.#pick(this.#news.intents.keys(), step)
    const intent = orderId && this.#news.intents.get(orderId)
    if (!intent) return
    const { latest_charge } = await this.#desk.stripe.api.paymentIntents.retrieve(intent, { expand: ['latest_charge'] })
    const charge = latest_charge as Stripe.Charge | null
    if (charge?.status !== 'succeeded' || charge.disputed) return
    const amount = step.share % 2 === 0 ? Math.ceil(charge.amount / 3) : charge.amount
    this.#farebox.stripe.control.dispute(charge.id, { amount, isInquiry: step.share % 7 === 0 })
  }

  async #endDispute(step: Step): Promise<void> {
    const disputes: Stripe.Dispute[] = []
    for (const order of this.model.orders.values()) disputes.push(...(await this.#news.disputesOf(order)))
    const dispute = this.#pick(disputes, step)
    if (!dispute) return
    const { control } = this.#farebox.stripe
    if (dispute.status === 'warning_needs_response') control.closeDispute(dispute.id, 'warning_closed')
    else if (dispute.status === 'needs_response')
      control.closeDispute(dispute.id, step.share % 3 === 0 ? 'won' : 'lost')
    else if (dispute.status === 'lost') control.reinstate(dispute.id)
  }

  /** Everything arrives in some order, after all of it has happened; what the account comes to then. */
  async playThenDeliver(steps: readonly Step[], how: Delivery): Promise<{ balanceNano: string; orders: string[] }> {
    this.#delivers = 'later'
    for (const step of steps) await this.step(step)
    await this.#news.deliver(how)
    const { accountId } = this.#customer
    const [wallet] = await this.#farebox.rows<{ balance_nano: string }>(
      'SELECT balance_nano FROM wallet WHERE account_id = $1',
      accountId,
    )
    const orders = await this.#farebox.rows<{ standing: string }>(
      `SELECT concat_ws(' ', state, total_minor, refunded_minor, withdrawn_nano) AS standing
       FROM payment_order WHERE account_id = $1 ORDER BY number`,
      accountId,
    )
    return { balanceNano: wallet?.balance_nano ?? '', orders: orders.map(({ standing }) => standing) }
  }

  /** Everything arrives that was held back, and what never arrived is found by asking. */
  async end(): Promise<void> {
    await this.#news.deliver()
    this.#delivers = 'at once'
    await this.#reconcile()
    await this.#runRefunds()
    await this.step({ kind: 'jobs', which: 0, share: 1 })
  }

  /** What Stripe has taken for this account, less what went back, is what we have been paid, less what we gave back. */
  async expectStripeAgrees(): Promise<void> {
    let theirs = 0n
    for (const order of this.model.orders.values()) theirs += await this.#news.takenMinor(order)
    const [ours] = await this.#farebox.rows<{ minor: string }>(
      `SELECT (SELECT coalesce(sum(total_minor), 0) FROM payment_order WHERE account_id = $1 AND paid_at IS NOT NULL)
            - (SELECT coalesce(sum(total_minor), 0) FROM refund WHERE account_id = $1 AND state = 'SUCCEEDED')
            - (SELECT coalesce(sum(amount_minor), 0) FROM dispute WHERE account_id = $1 AND state = 'LOST') AS minor`,
      this.#customer.accountId,
    )
    expect(BigInt(ours?.minor ?? 0)).toBe(theirs)
  }

  async expectAgreement(): Promise<void> {
    const { accountId } = this.#customer
    const { model } = this
    const [wallet] = await this.#farebox.rows(
      'SELECT balance_nano, debt_nano FROM wallet WHERE account_id = $1',
      accountId,
    )
    expect(wallet).toEqual({ balance_nano: String(model.balanceNano()), debt_nano: String(model.debtNano) })
    const lots = await this.#farebox.rows<{ lot: string }>(
      `SELECT promotional || ' ' || remaining_nano || ' ' || frozen_nano AS lot FROM credit_lot
       WHERE account_id = $1 AND remaining_nano > 0 ORDER BY 1`,
      accountId,
    )
    const left = model.lots.filter(({ remaining }) => remaining > 0n)
    expect(lots.map(({ lot }) => lot)).toEqual(
      left.map(({ promotional, remaining, frozen }) => `${promotional} ${remaining} ${frozen}`).sort(),
    )
    this.#noteWhatIsSeen()
    const orders = await this.#farebox.rows(
      'SELECT id, state, refunded_minor, withdrawn_nano FROM payment_order WHERE account_id = $1 ORDER BY id',
      accountId,
    )
    expect(orders).toEqual([...model.orders.values()].map((order) => this.#rowOf(order)).sort(byId))
  }

  /** For a look at what the plays have reached. */
  readonly seen = new Set<string>()

  #noteWhatIsSeen(): void {
    const { debtNano, lots, orders } = this.model
    if (debtNano > 0n) this.seen.add('debt')
    if (lots.some(({ frozen }) => frozen > 0n)) this.seen.add('frozen credit')
    if (lots.some(({ isOwn }) => !isOwn)) this.seen.add('returned credit')
    if (lots.some(({ expiresAt }) => expiresAt <= this.#now)) this.seen.add('expired credit')
    for (const order of orders.values()) this.seen.add(`${order.kind} ${this.model.stateOf(order)}`)
  }

  #rowOf(order: ModelOrder) {
    const { model } = this
    return {
      id: order.id,
      state: model.stateOf(order),
      refunded_minor: String(model.refundedMinor(order)),
      withdrawn_nano: String(order.withdrawnNano),
    }
  }
}

const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1)
