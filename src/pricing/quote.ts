import type { Nano } from '../money/nano.ts'
import type { PricePlan, PriceVersions } from './price-plan.ts'
import { type BigTokens, evaluatePlane } from './price-plane.ts'
import { assertTokenUsage, type TokenUsage, totalInputTokens } from './token-usage.ts'

export {
  type CompiledPricePlan,
  compilePricePlan,
  type MissingPrice,
  type PricePlan,
  type PricePlanInput,
  type PriceVersions,
} from './price-plan.ts'
export { affordableOutputTokens, type Bound, quoteBound, type UsageLimits } from './quote-bound.ts'

/**
 * The priced waterfall of one request, in nano. Each plane is exact until its one division, half up; margins and
 * saving are differences of rounded planes, so that the figures on a row always add up:
 * cost + operatorMargin + resellerMargin = price.
 */
export interface Quote {
  /** What the customer would have paid the provider directly; null when no list price is known. */
  listNano: Nano | null
  costNano: Nano
  /** Debited from the reseller; for a direct customer it equals the price. */
  wholesaleNano: Nano
  /** Debited from the customer. */
  priceNano: Nano
  /** The operator's fee within the wholesale price, for display. */
  operatorFeeNano: Nano
  /** The fee of whoever sells to the customer, within the price, for display. */
  sellerFeeNano: Nano
  operatorMarginNano: Nano
  /** Zero for a direct customer. */
  resellerMarginNano: Nano
  /** list − price; null when no list price is known; zero with the customer's own key. */
  savingNano: Nano | null
  versions: Readonly<PriceVersions>
}

/** Prices one request. Throws a RangeError for a count that is not a whole number of tokens. */
export function quote(plan: PricePlan, usage: TokenUsage): Quote {
  assertTokenUsage(usage)
  const tier = tierIndexFor(plan.thresholds, totalInputTokens(usage))
  const tokens = toBigTokens(usage)
  const listNano = plan.list === null ? null : evaluatePlane(plan.list, tier, tokens)
  const costNano = evaluatePlane(plan.cost, tier, tokens)
  const wholesaleNano = evaluatePlane(plan.wholesale, tier, tokens)
  const priceNano = plan.price === plan.wholesale ? wholesaleNano : evaluatePlane(plan.price, tier, tokens)
  const operatorFeeNano = evaluatePlane(plan.operatorFee, tier, tokens)
  return {
    listNano,
    costNano,
    wholesaleNano,
    priceNano,
    operatorFeeNano,
    sellerFeeNano: plan.sellerFee === plan.operatorFee ? operatorFeeNano : evaluatePlane(plan.sellerFee, tier, tokens),
    operatorMarginNano: wholesaleNano - costNano,
    resellerMarginNano: priceNano - wholesaleNano,
    savingNano: plan.ownKey ? 0n : listNano === null ? null : listNano - priceNano,
    versions: plan.versions,
  }
}

function tierIndexFor(thresholds: readonly number[], inputTokens: number): number {
  let index = thresholds.length - 1
  while (index > 0 && inputTokens <= thresholds[index]!) index--
  return index
}

function toBigTokens(usage: TokenUsage): BigTokens {
  const isCached = usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens > 0
  return {
    input: BigInt(usage.inputTokens),
    isCached,
    cacheRead: isCached ? BigInt(usage.cacheReadTokens) : 0n,
    cacheWrite5m: isCached ? BigInt(usage.cacheWrite5mTokens) : 0n,
    cacheWrite1h: isCached ? BigInt(usage.cacheWrite1hTokens) : 0n,
    output: BigInt(usage.outputTokens),
  }
}
