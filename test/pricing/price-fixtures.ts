import type { Nano } from '../../src/money/nano.ts'
import type { PriceRule } from '../../src/pricing/price-rule.ts'
import { compilePricePlan, type PricePlan, type PricePlanInput } from '../../src/pricing/quote.ts'
import type { RateCard, TokenRates } from '../../src/pricing/rate-card.ts'
import { NO_USAGE, type TokenUsage } from '../../src/pricing/token-usage.ts'

/** $0.15 input, $0.075 cached, $0.60 output per million; cache writes at the input rate. */
export const SMALL_RATES: TokenRates = {
  input: 150_000_000n,
  cacheRead: 75_000_000n,
  cacheWrite5m: 150_000_000n,
  cacheWrite1h: 150_000_000n,
  output: 600_000_000n,
}

export const flatCard = (rates: Partial<TokenRates> = {}, perRequestNano: Nano = 0n): RateCard => ({
  tiers: [{ aboveInputTokens: 0, rates: { ...SMALL_RATES, ...rates } }],
  perRequestNano,
})

export const usageOf = (usage: Partial<TokenUsage>): TokenUsage => ({ ...NO_USAGE, ...usage })

const RULE_BASE = {
  id: 'rule-1',
  effectiveFrom: new Date('2026-01-01T00:00:00Z'),
  scope: {},
  allowNegativeMargin: false,
}

export const markup = (markupBps: number, id = 'rule-1'): PriceRule => ({
  ...RULE_BASE,
  id,
  kind: 'MARKUP_ON_COST',
  markupBps,
})
export const addition = (additionNano: Nano): PriceRule => ({
  ...RULE_BASE,
  kind: 'ADDITION_PER_MILLION',
  additionNano,
})
export const discount = (discountBps: number, id = 'rule-1'): PriceRule => ({
  ...RULE_BASE,
  id,
  kind: 'DISCOUNT_OFF_LIST',
  discountBps,
})
export const absolute = (rateCard: RateCard): PriceRule => ({ ...RULE_BASE, kind: 'ABSOLUTE', rateCard })

/** A direct customer at cost, without fees, unless told otherwise. */
export const inputOf = (input: Partial<PricePlanInput>): PricePlanInput => ({
  cost: { id: 'cost-1', card: flatCard() },
  list: { id: 'list-1', card: flatCard() },
  operatorRule: markup(0),
  operatorFeeNano: 0n,
  reseller: null,
  ownKey: false,
  ...input,
})

export function planOf(input: Partial<PricePlanInput>): PricePlan {
  const compiled = compilePricePlan(inputOf(input))
  if (!compiled.ok) throw new Error(`The fixture is not priced: ${compiled.missing}.`)
  return compiled.plan
}
