import { divideHalfUp } from '../../money/divide.ts'
import type { PaymentOrder } from '../order.ts'

/** What an order was bought for. */
export type Paid = Pick<PaymentOrder, 'netMinor' | 'taxMinor' | 'totalMinor' | 'creditNano'>

/** Money with its tax, in minor units. */
export interface Part {
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
}

/** The tax within so much of what was paid, half up: all of it has all of the tax. */
export function taxWithin(paid: Paid, totalMinor: bigint): bigint {
  return divideHalfUp(totalMinor * paid.taxMinor, paid.totalMinor)
}

/**
 * The part of a refund that is tax, after other refunds: what brings their common tax to that of their common total, so
 * that parts which add up to the whole return exactly its net and its tax.
 *
 * @param before the total and tax of the other refunds together
 * @param totalMinor above zero
 */
export function splitPart(paid: Paid, before: Pick<Part, 'totalMinor' | 'taxMinor'>, totalMinor: bigint): Part {
  const dueMinor = taxWithin(paid, before.totalMinor + totalMinor) - before.taxMinor
  // Refunds that failed may leave the others a cent ahead or behind; the next part makes up for it as far as it can.
  const taxMinor = between(0n, dueMinor, totalMinor)
  return { netMinor: totalMinor - taxMinor, taxMinor, totalMinor }
}

/**
 * The credits, in nano, that so much refunded money stands for: net part × credits / net, half up. A function of the sum
 * alone, so that it matters neither in how many parts the money went back nor in which order.
 */
export function creditsFor(paid: Paid, refundedMinor: bigint): bigint {
  const refunded = least(refundedMinor, paid.totalMinor)
  return divideHalfUp((refunded - taxWithin(paid, refunded)) * paid.creditNano, paid.netMinor)
}

/** The credits, in nano, that a disputed amount stands for: its share of what was paid, half up. */
export function disputedCredits(paid: Paid, amountMinor: bigint): bigint {
  return divideHalfUp(least(amountMinor, paid.totalMinor) * paid.creditNano, paid.totalMinor)
}

/**
 * The most money that can go back, in minor units, for credits that are still free.
 *
 * @param beforeMinor what has gone back, or is about to
 * @param roomMinor what the payer has not got back or contested
 * @param freeNano what can be taken of the paid credits
 */
export function mostRefundable(paid: Paid, beforeMinor: bigint, roomMinor: bigint, freeNano: bigint): bigint {
  const affordable = creditsFor(paid, beforeMinor) + freeNano
  let lowest = 0n
  let highest = roomMinor > 0n ? roomMinor : 0n
  // The credits never fall as the money grows, so halving finds the last amount that they cover.
  while (lowest < highest) {
    const middle = (lowest + highest + 1n) / 2n
    if (creditsFor(paid, beforeMinor + middle) <= affordable) lowest = middle
    else highest = middle - 1n
  }
  return lowest
}

export function least(...values: [bigint, ...bigint[]]): bigint {
  return values.reduce((smallest, value) => (value < smallest ? value : smallest))
}

function between(lowest: bigint, value: bigint, highest: bigint): bigint {
  if (value < lowest) return lowest
  return value > highest ? highest : value
}
