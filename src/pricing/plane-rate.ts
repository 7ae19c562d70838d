import { divideHalfUp } from '../money/divide.ts'
import type { Nano } from '../money/nano.ts'
import type { PricePlan } from './price-plan.ts'
import type { PricePlane } from './price-plane.ts'
import { quote } from './quote.ts'
import { RATE_BUCKETS } from './rate-card.ts'
import { NO_USAGE } from './token-usage.ts'

/** Everything that a plane has a rate for. */
export const PRICE_KINDS = [...RATE_BUCKETS, 'perRequest'] as const
export type PriceKind = (typeof PRICE_KINDS)[number]

const TOKENS_PER_RATE = 1_000_000n
const BPS_PER_WHOLE = 10_000n

/** What a plane charges for one kind in a tier: nano per 1,000,000 tokens, or per request. Half up, for people to read. */
export function planeRate(plane: PricePlane, tierIndex: number, kind: PriceKind): Nano {
  const scale = kind === 'perRequest' ? 1n : TOKENS_PER_RATE
  return divideHalfUp(plane.tiers[tierIndex]![kind] * scale, plane.denominator)
}

/** Whether a plane sells a kind for less than the base plane × (1 + floorBps / 10,000). Exact: nothing is rounded. */
export function isRateUnder(
  sold: PricePlane,
  base: PricePlane,
  tierIndex: number,
  kind: PriceKind,
  floorBps = 0n,
): boolean {
  const cost = base.tiers[tierIndex]![kind] * (BPS_PER_WHOLE + floorBps) * sold.denominator
  return sold.tiers[tierIndex]![kind] * BPS_PER_WHOLE * base.denominator < cost
}

/** A million tokens of input and of output each must not cost the operator more than they bring. */
const PROBES = [
  { ...NO_USAGE, inputTokens: 1_000_000 },
  { ...NO_USAGE, outputTokens: 1_000_000 },
]

/** Whether a router that avoids losses leaves out a route of this price. */
export function losesMoney(plan: PricePlan): boolean {
  return PROBES.some((usage) => quote(plan, usage).operatorMarginNano < 0n)
}
