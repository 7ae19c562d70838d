import type { PriceRule } from '../../src/pricing/price-rule.ts'
import type { PricePlanInput } from '../../src/pricing/quote.ts'
import type { RateCard } from '../../src/pricing/rate-card.ts'
import type { TokenUsage } from '../../src/pricing/token-usage.ts'

/**
 * The waterfall again, from its definition: rational numbers, one request at a time, no merged tiers, no compilation,
 * and nothing shared with the code under test but its types.
 */
interface Fraction {
  n: bigint
  d: bigint
}

const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d })
const times = (a: Fraction, n: bigint, d: bigint): Fraction => ({ n: a.n * n, d: a.d * d })
/** floor(x + 1/2); all amounts here are nonnegative. */
const rounded = ({ n, d }: Fraction): bigint => (2n * n + d) / (2n * d)

function onCard(card: RateCard, usage: TokenUsage): Fraction {
  const buckets = [usage.inputTokens, usage.cacheReadTokens, usage.cacheWrite5mTokens, usage.cacheWrite1hTokens]
  const inputs = buckets.reduce((sum, tokens) => sum + tokens, 0)
  const { rates } = card.tiers.findLast((tier, index) => index === 0 || inputs > tier.aboveInputTokens)!
  const counts = [...buckets, usage.outputTokens]
  return [rates.input, rates.cacheRead, rates.cacheWrite5m, rates.cacheWrite1h, rates.output]
    .map((rate, index) => ({ n: BigInt(counts[index]!) * rate, d: 1_000_000n }))
    .reduce(plus, { n: card.perRequestNano, d: 1n })
}

function onEveryToken(rate: bigint, usage: TokenUsage): Fraction {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, outputTokens } = usage
  const tokens = inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens + outputTokens
  return { n: BigInt(tokens) * rate, d: 1_000_000n }
}

function byRule(rule: PriceRule, cost: Fraction, list: Fraction, usage: TokenUsage): Fraction {
  if (rule.kind === 'MARKUP_ON_COST') return times(cost, 10_000n + BigInt(rule.markupBps), 10_000n)
  if (rule.kind === 'ADDITION_PER_MILLION') return plus(cost, onEveryToken(rule.additionNano, usage))
  if (rule.kind === 'DISCOUNT_OFF_LIST') return times(list, 10_000n - BigInt(rule.discountBps), 10_000n)
  return onCard(rule.rateCard, usage)
}

/** The rounded planes of a complete input. */
export function oracleOf(input: PricePlanInput, usage: TokenUsage) {
  const list = onCard(input.list!.card, usage)
  const operatorFee = onEveryToken(input.operatorFeeNano, usage)
  const sellerFee = input.reseller ? onEveryToken(input.reseller.feeNano, usage) : operatorFee
  const nothing = { n: 0n, d: 1n }
  const cost = input.ownKey ? nothing : onCard(input.cost!.card, usage)
  const wholesale = input.ownKey ? operatorFee : plus(byRule(input.operatorRule!, cost, list, usage), operatorFee)
  const resold = input.reseller && plus(byRule(input.reseller.rule!, wholesale, list, usage), sellerFee)
  const price = input.ownKey ? sellerFee : (resold ?? wholesale)
  return {
    listNano: rounded(list),
    costNano: rounded(cost),
    wholesaleNano: rounded(wholesale),
    priceNano: rounded(price),
    operatorFeeNano: rounded(operatorFee),
    sellerFeeNano: rounded(sellerFee),
  }
}
