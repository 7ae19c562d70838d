/** A cent in nano, and how long things last, as they are promised to customers. */
export const CENT = 10_000_000n
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const CREDITS_LAST_MS = 365 * DAY_MS
const RETURNED_LAST_MS = 30 * DAY_MS
const FAILURES_MAX = 3
const BACK_OFF_MS = [HOUR_MS, 6 * HOUR_MS]

/** Credits from one source; nano. */
interface ModelLot {
  orderId: string | null
  /** One of the two lots that the order was paid with, not one in which credits came back. */
  isOwn: boolean
  promotional: boolean
  remaining: bigint
  frozen: bigint
  expiresAt: number
}

type RefundStatus = 'pending' | 'succeeded' | 'failed'
type DisputeState = 'inquiry' | 'open' | 'lost' | 'won' | 'reinstated'

export interface ModelOrder {
  readonly id: string
  readonly kind: 'CHECKOUT' | 'AUTO_TOP_UP'
  readonly totalMinor: bigint
  readonly creditNano: bigint
  readonly bonusNano: bigint
  /** Until it is paid. */
  unpaidState: 'AWAITING_PAYMENT' | 'EXPIRED' | 'FAILED'
  isPaid: boolean
  /** By Stripe's id. */
  readonly refunds: Map<string, { amountMinor: bigint; status: RefundStatus }>
  /** Refunds of ours that Stripe has not been asked for, by our id. */
  readonly asked: Map<string, { amountMinor: bigint; creditNano: bigint }>
  readonly disputes: Map<string, { amountMinor: bigint; state: DisputeState }>
  withdrawnNano: bigint
  bonusTakenNano: bigint
}

interface ModelTopUp {
  thresholdNano: bigint
  failures: number
  nextAttemptAt: number
  isSuspended: boolean
}

const least = (...values: bigint[]) => values.reduce((smallest, value) => (value < smallest ? value : smallest))
const sum = (values: Iterable<bigint>) => [...values].reduce((total, value) => total + value, 0n)
const free = (lot: ModelLot) => (lot.remaining > lot.frozen ? lot.remaining - lot.frozen : 0n)
/** Half up, for values that are never negative. */
const rounded = (numerator: bigint, denominator: bigint) => (2n * numerator + denominator) / (2n * denominator)

/**
 * What one account should have, told by what Farebox has been told and asked to do, in that order. Plain arrays and the
 * words of the promises; nothing of the program that it judges. No tax: what is sold here has none.
 */
export class MoneyInModel {
  readonly lots: ModelLot[] = []
  readonly orders = new Map<string, ModelOrder>()
  debtNano = 0n
  topUp: ModelTopUp | null = null

  order(id: string): ModelOrder {
    const order = this.orders.get(id)
    if (!order) throw new Error(`the model has no order ${id}`)
    return order
  }

  opened(facts: Pick<ModelOrder, 'id' | 'kind' | 'totalMinor' | 'creditNano' | 'bonusNano'>): void {
    this.orders.set(facts.id, {
      ...facts,
      ...{ unpaidState: 'AWAITING_PAYMENT', isPaid: false, withdrawnNano: 0n, bonusTakenNano: 0n },
      ...{ refunds: new Map(), asked: new Map(), disputes: new Map() },
    })
  }

  paid(order: ModelOrder, now: number): void {
    if (order.isPaid) return
    order.isPaid = true
    this.expire(now)
    const own = { orderId: order.id, isOwn: true, frozen: 0n, expiresAt: now + CREDITS_LAST_MS }
    this.#add({ ...own, promotional: false, remaining: order.creditNano })
    if (order.bonusNano > 0n) this.#add({ ...own, promotional: true, remaining: order.bonusNano })
    if (this.topUp && order.kind === 'AUTO_TOP_UP') Object.assign(this.topUp, { failures: 0, nextAttemptAt: 0 })
  }

  ended(order: ModelOrder, state: 'EXPIRED' | 'FAILED'): void {
    if (order.unpaidState === 'AWAITING_PAYMENT') order.unpaidState = state
  }

  /** `ours` = our id of it, where it is a refund of ours. */
  refunded(
    order: ModelOrder,
    refund: { id: string; ours: string | null; amountMinor: bigint; status: RefundStatus },
    now: number,
  ): void {
    const ranks = { pending: 0, succeeded: 1, failed: 2 }
    const known = order.refunds.get(refund.id)
    if (known && ranks[known.status] >= ranks[refund.status]) return
    if (refund.ours !== null) order.asked.delete(refund.ours)
    order.refunds.set(refund.id, { amountMinor: refund.amountMinor, status: refund.status })
    this.#claimed(order, refund.status === 'succeeded', now)
  }

  disputed(
    order: ModelOrder,
    dispute: { id: string; amountMinor: bigint; state: Exclude<DisputeState, 'reinstated'> },
    now: number,
  ): void {
    const ranks = { inquiry: 0, open: 1, lost: 2, won: 3, reinstated: 3 }
    const known = order.disputes.get(dispute.id)
    if (known && ranks[known.state] >= ranks[dispute.state]) return
    const state = known?.state === 'lost' ? 'reinstated' : dispute.state
    order.disputes.set(dispute.id, { amountMinor: dispute.amountMinor, state })
    if (this.topUp && (state === 'open' || state === 'lost')) this.topUp.isSuspended = true
    this.#claimed(order, state === 'lost', now)
  }

  /** Whether a refund of so much may be begun now. */
  mayRefund(order: ModelOrder, amountMinor: bigint, now: number): boolean {
    const before = this.#standingMinor(order)
    const contested = [...order.disputes.values()].filter(({ state }) => state === 'open' || state === 'lost')
    const room = order.totalMinor - before - sum(contested.map((dispute) => dispute.amountMinor))
    const own = this.#own(order, false)
    const available = own && own.expiresAt > now ? free(own) : 0n
    const credits = this.#creditsFor(order, before + amountMinor) - this.#creditsFor(order, before)
    return order.isPaid && amountMinor <= room && credits <= available
  }

  askRefund(order: ModelOrder, ours: string, amountMinor: bigint, now: number): void {
    const before = this.#standingMinor(order)
    this.expire(now)
    const creditNano = this.#creditsFor(order, before + amountMinor) - this.#creditsFor(order, before)
    order.asked.set(ours, { amountMinor, creditNano })
    const [paid, bonus] = [this.#own(order, false), this.#own(order, true)]
    if (paid) paid.frozen += creditNano
    if (bonus) bonus.frozen = bonus.remaining
  }

  /** Stripe would not make a refund of ours. */
  refundRefused(order: ModelOrder, ours: string, now: number): void {
    if (order.asked.delete(ours)) this.#claimed(order, false, now)
  }

  /** False = it is not affordable, and refused. */
  spend(nano: bigint, now: number): boolean {
    this.expire(now)
    if (this.debtNano > 0n || sum(this.lots.map(free)) < nano) return false
    this.#draw(nano)
    return true
  }

  expire(now: number): void {
    for (const lot of this.lots) if (lot.expiresAt <= now) lot.remaining -= free(lot)
  }

  topUpEnabled(thresholdNano: bigint): void {
    this.topUp = { thresholdNano, failures: 0, nextAttemptAt: 0, isSuspended: false }
  }

  topUpIsDue(now: number): boolean {
    const { topUp } = this
    const isUnderWay = [...this.orders.values()].some(
      (order) => order.kind === 'AUTO_TOP_UP' && this.stateOf(order) === 'AWAITING_PAYMENT',
    )
    if (!topUp || topUp.isSuspended || isUnderWay) return false
    return this.balanceNano() < topUp.thresholdNano && topUp.nextAttemptAt <= now
  }

  topUpDeclined(order: ModelOrder, now: number): void {
    this.ended(order, 'FAILED')
    if (!this.topUp) return
    this.topUp.failures += 1
    this.topUp.isSuspended = this.topUp.failures >= FAILURES_MAX
    this.topUp.nextAttemptAt = now + (BACK_OFF_MS[this.topUp.failures - 1] ?? 0)
  }

  balanceNano(): bigint {
    return sum(this.lots.map(({ remaining }) => remaining)) - this.debtNano
  }

  stateOf(order: ModelOrder): string {
    if (!order.isPaid) return order.unpaidState
    if ([...order.disputes.values()].some(({ state }) => state === 'open' || state === 'lost')) return 'DISPUTED'
    const back = this.refundedMinor(order)
    if (back === 0n) return 'PAID'
    return back < order.totalMinor ? 'PARTIALLY_REFUNDED' : 'REFUNDED'
  }

  refundedMinor(order: ModelOrder): bigint {
    const made = [...order.refunds.values()].filter(({ status }) => status === 'succeeded')
    return sum(made.map(({ amountMinor }) => amountMinor))
  }

  /** What refunds made and under way come to. */
  #standingMinor(order: ModelOrder): bigint {
    const standing = [...order.refunds.values()].filter(({ status }) => status !== 'failed')
    return sum([...standing, ...order.asked.values()].map(({ amountMinor }) => amountMinor))
  }

  #creditsFor(order: ModelOrder, amountMinor: bigint): bigint {
    return rounded(least(amountMinor, order.totalMinor) * order.creditNano, order.totalMinor)
  }

  #own(order: ModelOrder, promotional: boolean): ModelLot | undefined {
    return this.lots.find((lot) => lot.orderId === order.id && lot.isOwn && lot.promotional === promotional)
  }

  /** New credit pays debt first. */
  #add(lot: ModelLot): void {
    const repaid = least(this.debtNano, lot.remaining)
    this.debtNano -= repaid
    this.lots.push({ ...lot, remaining: lot.remaining - repaid })
  }

  /** Promotional first, then what expires first, then the oldest. */
  #draw(nano: bigint): void {
    const order = (lot: ModelLot) => [Number(!lot.promotional), lot.expiresAt] as const
    const sorted = this.lots.toSorted((left, right) => {
      const [leftKind, leftExpiry] = order(left)
      const [rightKind, rightExpiry] = order(right)
      return leftKind - rightKind || leftExpiry - rightExpiry
    })
    let missing = nano
    for (const lot of sorted) {
      const taken = least(missing, free(lot))
      lot.remaining -= taken
      missing -= taken
    }
  }

  /**
   * An order's refunds and disputes have changed: what they take together is a function of what they are. The difference
   * to what was taken before goes or comes back; what may yet be taken is frozen; what comes free expires or pays debt.
   */
  #claimed(order: ModelOrder, takesNow: boolean, now: number): void {
    const lost = [...order.disputes.values()].filter(({ state }) => state === 'lost')
    const lostNano = sum(lost.map(({ amountMinor }) => this.#creditsFor(order, amountMinor)))
    const refunded = this.refundedMinor(order)
    const due = least(order.creditNano, this.#creditsFor(order, refunded) + lostNano)
    const takesBonus = refunded > 0n || lost.length > 0
    this.expire(now)
    this.#giveBack(order, order.withdrawnNano - due, takesBonus, now)
    for (const lot of this.lots) if (lot.orderId === order.id) lot.frozen = 0n
    if (takesBonus && takesNow) this.#take(order, due - order.withdrawnNano)
    order.withdrawnNano = due
    this.#freeze(order)
    this.expire(now)
    const repaid = least(this.debtNano, sum(this.lots.map(free)))
    this.#draw(repaid)
    this.debtNano -= repaid
  }

  #giveBack(order: ModelOrder, nano: bigint, takesBonus: boolean, now: number): void {
    const until = (lot: ModelLot | undefined) => (lot && lot.expiresAt > now ? lot.expiresAt : now + RETURNED_LAST_MS)
    const back = { orderId: order.id, isOwn: false, frozen: 0n }
    const [paid, bonus] = [this.#own(order, false), this.#own(order, true)]
    if (nano > 0n) this.#add({ ...back, promotional: false, remaining: nano, expiresAt: until(paid) })
    if (takesBonus || order.bonusTakenNano === 0n) return
    this.#add({ ...back, promotional: true, remaining: order.bonusTakenNano, expiresAt: until(bonus) })
    order.bonusTakenNano = 0n
  }

  #take(order: ModelOrder, nano: bigint): void {
    const ofOrder = this.lots.filter(({ orderId }) => orderId === order.id)
    for (const lot of ofOrder.filter(({ promotional }) => promotional)) {
      order.bonusTakenNano += free(lot)
      lot.remaining -= free(lot)
    }
    let missing = nano
    for (const lot of ofOrder.filter(({ promotional }) => !promotional)) {
      const taken = least(missing, free(lot))
      lot.remaining -= taken
      missing -= taken
    }
    this.debtNano += missing
  }

  #freeze(order: ModelOrder): void {
    const open = [...order.disputes.values()].filter(({ state }) => state === 'open')
    const disputedNano = sum(open.map(({ amountMinor }) => this.#creditsFor(order, amountMinor)))
    const askedNano = sum([...order.asked.values()].map(({ creditNano }) => creditNano))
    const [paid, bonus] = [this.#own(order, false), this.#own(order, true)]
    if (paid) paid.frozen = least(disputedNano + askedNano, order.creditNano - order.withdrawnNano, paid.remaining)
    if (bonus && open.length + order.asked.size > 0) bonus.frozen = bonus.remaining
  }
}
