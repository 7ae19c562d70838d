import fc from 'fast-check'
import type { PriceRule } from '../../src/pricing/price-rule.ts'
import type { PricePlanInput } from '../../src/pricing/quote.ts'
import type { RateCard, TokenRates } from '../../src/pricing/rate-card.ts'
import type { TokenUsage } from '../../src/pricing/token-usage.ts'
import { absolute, addition, discount, markup } from './price-fixtures.ts'

/** Odd nano as well as realistic rates: the first make awkward fractions, the second large sums. */
const rate = fc.oneof(
  fc.bigInt({ min: 0n, max: 5_000_000n }),
  fc.bigInt({ min: 0n, max: 1_000n }).map((dollars) => dollars * 1_000_000_000n),
)

const rates: fc.Arbitrary<TokenRates> = fc.record({
  input: rate,
  cacheRead: rate,
  cacheWrite5m: rate,
  cacheWrite1h: rate,
  output: rate,
})

/** Small thresholds, so that small counts cross them often, and cards share some of them. */
const thresholds = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }).map((above) => {
  return [0, ...above.sort((a, b) => a - b)]
})

/** Any card; later tiers may well be cheaper. */
export const anyCard: fc.Arbitrary<RateCard> = fc
  .tuple(thresholds, fc.array(rates, { minLength: 4, maxLength: 4 }), rate)
  .map(([above, tierRates, perRequestNano]) => ({
    tiers: above.map((aboveInputTokens, index) => ({ aboveInputTokens, rates: tierRates[index]! })),
    perRequestNano,
  }))

/** A card on which no later tier is cheaper in any bucket. */
export const risingCard: fc.Arbitrary<RateCard> = anyCard.map(({ tiers, perRequestNano }) => {
  let floor: TokenRates = { input: 0n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n, output: 0n }
  const rising = tiers.map(({ aboveInputTokens, rates: step }) => {
    floor = {
      input: floor.input + step.input,
      cacheRead: floor.cacheRead + step.cacheRead,
      cacheWrite5m: floor.cacheWrite5m + step.cacheWrite5m,
      cacheWrite1h: floor.cacheWrite1h + step.cacheWrite1h,
      output: floor.output + step.output,
    }
    return { aboveInputTokens, rates: floor }
  })
  return { tiers: rising, perRequestNano }
})

const rule = (card: fc.Arbitrary<RateCard>): fc.Arbitrary<PriceRule> =>
  fc.oneof(
    fc.integer({ min: 0, max: 30_000 }).map((bps) => markup(bps)),
    rate.map((nano) => addition(nano)),
    fc.integer({ min: 0, max: 10_000 }).map((bps) => discount(bps)),
    card.map((rateCard) => absolute(rateCard)),
  )

/** A complete input: all parts are there, so that it always compiles. */
export const planInput = (card: fc.Arbitrary<RateCard>): fc.Arbitrary<PricePlanInput> =>
  fc.record({
    cost: card.map((costCard) => ({ id: 'cost-1', card: costCard })),
    list: card.map((listCard) => ({ id: 'list-1', card: listCard })),
    operatorRule: rule(card),
    operatorFeeNano: rate,
    reseller: fc.option(fc.record({ rule: rule(card), feeNano: rate })),
    ownKey: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })

const count = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2_000_000 }))

export const usage: fc.Arbitrary<TokenUsage> = fc.record({
  inputTokens: count,
  cacheReadTokens: count,
  cacheWrite5mTokens: count,
  cacheWrite1hTokens: count,
  outputTokens: count,
  reasoningTokens: fc.constant(0),
})
