import { divideHalfUp } from '../money/divide.ts'
import type { Nano } from '../money/nano.ts'
import { isRateUnder, PRICE_KINDS, type PriceKind, planeRate } from '../pricing/plane-rate.ts'
import type { PricePlan } from '../pricing/price-plan.ts'

/** Whose eyes the figures are for: a reseller never sees what a provider charges the operator. */
export type MarginView = 'operator' | 'reseller'

/** The prices of a route in one tier of its input. */
export interface MarginTier {
  /** Total input tokens of a request, cached ones too; 0 for the first tier. */
  aboveInputTokens: number
  figures: MarginFigure[]
}

/**
 * Nano per 1,000,000 tokens of a kind, or per request; processing fees are in both prices. Rounded half up for people to
 * read: a charge is computed from the exact fractions.
 */
export interface MarginFigure {
  kind: PriceKind
  /** The provider's public price; null when none is known. */
  listNano: Nano | null
  /** What the viewer pays: the provider's cost, or for a reseller its wholesale price. */
  costNano: Nano
  /** What the operator's own customer pays, a reseller among them. */
  wholesaleNano: Nano
  /** What the end customer pays. */
  priceNano: Nano
  /** What the viewer earns: wholesale − cost, or for a reseller price − wholesale. */
  marginNano: Nano
  /** The margin as a share of what the viewer takes, in 1 / 10,000, half up; null where that is nothing. */
  marginBps: number | null
  /** The margin as a share of what the viewer pays, as the margin floor has it; null where that is nothing. */
  markupBps: number | null
  /** What a reseller earns on it; zero where none sells. */
  resellerMarginNano: Nano
  /** Sold for less than it costs the viewer. Exact, fees included. */
  isNegative: boolean
}

/** All that a compiled price says, kind by kind. A kind that costs and brings nothing is left out. */
export function marginTiers(plan: PricePlan, view: MarginView): MarginTier[] {
  const perRequest = PRICE_KINDS.filter((kind) => kind !== 'perRequest' || isPerRequestPriced(plan))
  return plan.thresholds.map((aboveInputTokens, tier) => ({
    aboveInputTokens,
    figures: perRequest.map((kind) => figureOf(plan, tier, kind, view)),
  }))
}

function figureOf(plan: PricePlan, tier: number, kind: PriceKind, view: MarginView): MarginFigure {
  const [bought, sold] = view === 'operator' ? [plan.cost, plan.wholesale] : [plan.wholesale, plan.price]
  const costNano = planeRate(bought, tier, kind)
  const wholesaleNano = planeRate(plan.wholesale, tier, kind)
  const priceNano = planeRate(plan.price, tier, kind)
  const soldNano = planeRate(sold, tier, kind)
  const marginNano = soldNano - costNano
  return {
    kind,
    listNano: plan.list === null ? null : planeRate(plan.list, tier, kind),
    costNano,
    wholesaleNano,
    priceNano,
    marginNano,
    marginBps: bpsOf(marginNano, soldNano),
    markupBps: bpsOf(marginNano, costNano),
    resellerMarginNano: priceNano - wholesaleNano,
    isNegative: isRateUnder(sold, bought, tier, kind),
  }
}

/** A share in 1 / 10,000, half up; null of nothing. */
export function bpsOf(part: bigint, whole: bigint): number | null {
  return whole <= 0n ? null : Number(divideHalfUp(part * 10_000n, whole))
}

function isPerRequestPriced(plan: PricePlan): boolean {
  return [plan.list, plan.cost, plan.price].some((plane) => plane?.tiers.some((tier) => tier.perRequest > 0n))
}
