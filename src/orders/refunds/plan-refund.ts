import type { PaymentOrder } from '../order.ts'
import { wasPaid } from '../order-state.ts'
import { type Claims, contestedMinor, refundedOrPending } from './order-claims.ts'
import { creditsFor, mostRefundable, type Part, splitPart } from './refund-amounts.ts'

/** Money in minor units, credits in nano. */
export interface RefundPlan extends Part {
  readonly creditNano: bigint
  readonly bonusNano: bigint
}

const NOTHING: RefundPlan = { netMinor: 0n, taxMinor: 0n, totalMinor: 0n, creditNano: 0n, bonusNano: 0n }

/**
 * The most that can be refunded of an order: the unspent paid credits at what was paid for them, with their tax. What the
 * payer contests is not refunded as well. The bonus goes with any refund.
 *
 * @param free what can be taken of the order's two lots, in nano
 */
export function planFullRefund(
  order: PaymentOrder,
  claims: Claims,
  free: { paidNano: bigint; bonusNano: bigint },
): RefundPlan {
  if (!wasPaid(order.state)) return NOTHING
  const { totalMinor: beforeMinor } = refundedOrPending(claims)
  const roomMinor = order.totalMinor - beforeMinor - contestedMinor(claims)
  const totalMinor = mostRefundable(order, beforeMinor, roomMinor, free.paidNano)
  return planRefund(order, claims, totalMinor, free.bonusNano)
}

/** A refund of this much money, in minor units; the caller knows that it is not too much. */
export function planRefund(order: PaymentOrder, claims: Claims, totalMinor: bigint, bonusNano: bigint): RefundPlan {
  if (totalMinor <= 0n) return NOTHING
  const before = refundedOrPending(claims)
  return {
    ...splitPart(order, before, totalMinor),
    creditNano: creditsFor(order, before.totalMinor + totalMinor) - creditsFor(order, before.totalMinor),
    bonusNano,
  }
}
