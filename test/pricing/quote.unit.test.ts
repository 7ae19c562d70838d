import { describe, expect, test } from 'vitest'
import { parseDecimalNano } from '../../src/money/nano.ts'
import { compilePricePlan, type PricePlanInput, quote } from '../../src/pricing/quote.ts'
import type { RateCard } from '../../src/pricing/rate-card.ts'
import { NO_USAGE, TOKENS_MAX, type TokenUsage, totalTokens } from '../../src/pricing/token-usage.ts'
import {
  absolute,
  addition,
  discount,
  flatCard,
  inputOf,
  markup,
  planOf,
  SMALL_RATES,
  usageOf,
} from './price-fixtures.ts'

/** $0.05 per million, the default processing fee. */
const FEE = 50_000_000n
const usage = usageOf({ inputTokens: 1_200, outputTokens: 350 })

describe('a direct customer', () => {
  test('pays list prices to the nano', () => {
    // 1,200 × $0.15/M + 350 × $0.60/M = $0.00018 + $0.00021 = $0.00039
    expect(quote(planOf({}), usage).priceNano).toBe(parseDecimalNano('0.00039'))
  })

  test('sees every plane of a markup with a fee', () => {
    // Cost $0.00039; +20% = $0.000468; fee 1,550 × $0.05/M = $0.0000775; together $0.0005455.
    expect(quote(planOf({ operatorRule: markup(2_000), operatorFeeNano: FEE }), usage)).toEqual({
      listNano: 390_000n,
      costNano: 390_000n,
      wholesaleNano: 545_500n,
      priceNano: 545_500n,
      operatorFeeNano: 77_500n,
      sellerFeeNano: 77_500n,
      operatorMarginNano: 155_500n,
      resellerMarginNano: 0n,
      savingNano: -155_500n,
      versions: { costProfileId: 'cost-1', listPriceId: 'list-1', operatorRuleId: 'rule-1', resellerRuleId: null },
    })
  })

  test('an addition is per million tokens of every bucket, and not per request', () => {
    // $0.10/M × 1,550 = $0.000155 on top of $0.00039 and a request price of $0.01.
    const plan = planOf({
      cost: { id: 'cost-1', card: flatCard({}, 10_000_000n) },
      operatorRule: addition(100_000_000n),
    })
    expect(quote(plan, usage).priceNano).toBe(10_545_000n)
  })

  test('a discount is off the list price, request price included, whatever the cost', () => {
    // ($0.00039 + $0.01) × 0.75 = $0.0077925
    const list = { id: 'list-1', card: flatCard({}, 10_000_000n) }
    const q = quote(planOf({ list, operatorRule: discount(2_500) }), usage)
    expect(q).toMatchObject({ priceNano: 7_792_500n, savingNano: 2_597_500n, operatorMarginNano: 7_402_500n })
  })

  test('an absolute price ignores cost and list, and may lose money visibly', () => {
    // 1,200 × $0.10/M + 350 × $0.20/M = $0.00019
    const card = flatCard({ input: 100_000_000n, output: 200_000_000n })
    expect(quote(planOf({ operatorRule: absolute(card) }), usage)).toMatchObject({
      priceNano: 190_000n,
      operatorMarginNano: -200_000n,
      savingNano: 200_000n,
    })
  })

  test('without a list price the saving is unknown, not zero', () => {
    expect(quote(planOf({ list: null }), usage)).toMatchObject({ listNano: null, savingNano: null })
  })
})

describe('cached tokens', () => {
  test('are charged once, in their own bucket', () => {
    // 1,000 prompt tokens of which 800 were cached: 200 × $0.15/M + 800 × $0.075/M = $0.00009, not $0.00021.
    const cached = usageOf({ inputTokens: 200, cacheReadTokens: 800 })
    expect(quote(planOf({}), cached).priceNano).toBe(90_000n)
    expect(totalTokens(cached)).toBe(1_000)
  })

  test('each kind of cache write has its own rate', () => {
    // $3.75/M and $6.00/M: 1,000 tokens each.
    const plan = planOf({
      cost: { id: 'cost-1', card: flatCard({ cacheWrite5m: 3_750_000_000n, cacheWrite1h: 6_000_000_000n }) },
    })
    expect(quote(plan, usageOf({ cacheWrite5mTokens: 1_000 })).priceNano).toBe(3_750_000n)
    expect(quote(plan, usageOf({ cacheWrite1hTokens: 1_000 })).priceNano).toBe(6_000_000n)
  })
})

describe('units', () => {
  test('a rate is per million: one million tokens cost the rate, one token a millionth of it', () => {
    expect(quote(planOf({}), usageOf({ inputTokens: 1_000_000 })).priceNano).toBe(parseDecimalNano('0.15'))
    expect(quote(planOf({}), usageOf({ inputTokens: 1 })).priceNano).toBe(150n)
  })

  test('a billion tokens at $1,000 per million are a million dollars, exactly', () => {
    const plan = planOf({ cost: { id: 'cost-1', card: flatCard({ output: 1_000_000_000_000n }) } })
    const q = quote(plan, usageOf({ outputTokens: 1_000_000_000 }))
    expect(q.priceNano).toBe(parseDecimalNano('1000000'))
    expect(q.costNano).toBe(10n ** 15n)
  })

  test('nothing used costs nothing but the request price', () => {
    expect(quote(planOf({}), NO_USAGE).priceNano).toBe(0n)
    expect(quote(planOf({ cost: { id: 'c', card: flatCard({}, 7n) } }), NO_USAGE).priceNano).toBe(7n)
  })

  test.each([-1, 0.5, Number.NaN, TOKENS_MAX + 1])('a count of %d never becomes a charge', (outputTokens) => {
    expect(() => quote(planOf({}), usageOf({ outputTokens }))).toThrow(/outputTokens/)
  })
})

describe('rounding', () => {
  const cent = (input: bigint, operatorRule = markup(0)) =>
    planOf({ cost: { id: 'c', card: flatCard({ input }) }, operatorRule })

  test.each([
    [499_999n, 0n],
    [500_000n, 1n],
    [1_499_999n, 1n],
    [1_500_000n, 2n],
  ])('a token at %d nano per million costs %d nano', (rate, nano) => {
    expect(quote(cent(rate), usageOf({ inputTokens: 1 })).priceNano).toBe(nano)
  })

  test('happens once a plane: buckets below half a nano add up before they are rounded', () => {
    const quarter = { input: 250_000n, cacheRead: 250_000n, output: 250_000n }
    const plan = planOf({ cost: { id: 'c', card: flatCard(quarter) } })
    expect(quote(plan, usageOf({ inputTokens: 1, outputTokens: 1 })).priceNano).toBe(1n)
    expect(quote(plan, usageOf({ inputTokens: 1, cacheReadTokens: 1, outputTokens: 1 })).priceNano).toBe(1n)
  })

  test('a markup is on the exact cost, not on the rounded one', () => {
    // 0.4 nano × 1.25 = 0.5 nano, which rounds to 1; the cost itself rounds to 0.
    expect(quote(cent(400_000n, markup(2_500)), usageOf({ inputTokens: 1 }))).toMatchObject({
      costNano: 0n,
      priceNano: 1n,
    })
  })
})

describe('a reseller', () => {
  test('marks up the wholesale price with its fee, and adds its own', () => {
    // Wholesale $0.0005455 as above; +10% = $0.00060005; fee 1,550 × $0.02/M = $0.000031; price $0.00063105.
    const plan = planOf({
      operatorRule: markup(2_000),
      operatorFeeNano: FEE,
      reseller: { rule: markup(1_000, 'rule-2'), feeNano: 20_000_000n },
    })
    expect(quote(plan, usage)).toMatchObject({
      wholesaleNano: 545_500n,
      priceNano: 631_050n,
      operatorFeeNano: 77_500n,
      sellerFeeNano: 31_000n,
      operatorMarginNano: 155_500n,
      resellerMarginNano: 85_550n,
      versions: { operatorRuleId: 'rule-1', resellerRuleId: 'rule-2' },
    })
  })

  test('builds on the unrounded wholesale price', () => {
    // Wholesale 0.4 nano rounds to 0, yet 0.4 × 1.25 = 0.5 rounds to 1.
    const cost = { id: 'c', card: flatCard({ input: 400_000n }) }
    const plan = planOf({ cost, reseller: { rule: markup(2_500), feeNano: 0n } })
    expect(quote(plan, usageOf({ inputTokens: 1 }))).toMatchObject({ wholesaleNano: 0n, priceNano: 1n })
  })

  test('may sell under wholesale, and sees the loss as its own', () => {
    const plan = planOf({ operatorRule: markup(2_000), reseller: { rule: discount(1_000), feeNano: 0n } })
    expect(quote(plan, usage)).toMatchObject({ operatorMarginNano: 78_000n, resellerMarginNano: -117_000n })
  })
})

describe("the customer's own key", () => {
  const ownKey: Partial<PricePlanInput> = { ownKey: true, cost: null, operatorRule: null, operatorFeeNano: FEE }

  test('costs the fee and nothing else, without any rule or cost profile', () => {
    expect(quote(planOf(ownKey), usage)).toEqual({
      listNano: 390_000n,
      costNano: 0n,
      wholesaleNano: 77_500n,
      priceNano: 77_500n,
      operatorFeeNano: 77_500n,
      sellerFeeNano: 77_500n,
      operatorMarginNano: 77_500n,
      resellerMarginNano: 0n,
      savingNano: 0n,
      versions: { costProfileId: null, listPriceId: 'list-1', operatorRuleId: null, resellerRuleId: null },
    })
  })

  test('at a reseller costs the reseller fee; the reseller owes the operator fee', () => {
    const plan = planOf({ ...ownKey, reseller: { rule: null, feeNano: 80_000_000n } })
    expect(quote(plan, usage)).toMatchObject({
      wholesaleNano: 77_500n,
      priceNano: 124_000n,
      resellerMarginNano: 46_500n,
    })
  })

  test('ignores rules, their request prices and their tiers', () => {
    const plan = planOf({
      ...ownKey,
      cost: { id: 'c', card: flatCard({}, 99n) },
      operatorRule: absolute(flatCard({}, 99n)),
    })
    expect(quote(plan, usage)).toMatchObject({ costNano: 0n, priceNano: 77_500n, versions: { costProfileId: null } })
  })
})

describe('tiers', () => {
  const doubledAbove = (aboveInputTokens: number): RateCard => ({
    tiers: [
      { aboveInputTokens: 0, rates: SMALL_RATES },
      { aboveInputTokens, rates: { ...SMALL_RATES, input: 300_000_000n, output: 1_200_000_000n } },
    ],
    perRequestNano: 0n,
  })
  const plan = planOf({ cost: { id: 'c', card: doubledAbove(200_000) } })
  const price = (used: Partial<TokenUsage>) => quote(plan, usageOf(used)).priceNano

  test('reprice the whole request one token above the threshold, output too', () => {
    expect(price({ inputTokens: 200_000, outputTokens: 1_000 })).toBe(30_600_000n)
    expect(price({ inputTokens: 200_001, outputTokens: 1_000 })).toBe(61_200_300n)
  })

  test('count cached input towards the threshold, and output not', () => {
    // 1 × $0.30/M + 200,000 × $0.075/M
    expect(price({ inputTokens: 1, cacheReadTokens: 200_000 })).toBe(15_000_300n)
    expect(price({ inputTokens: 1, outputTokens: 300_000 })).toBe(180_000_150n)
  })

  test('of cost, list and absolute price are each applied at their own threshold', () => {
    const mixed = planOf({
      cost: { id: 'c', card: doubledAbove(100) },
      list: { id: 'l', card: doubledAbove(200) },
      operatorRule: absolute(doubledAbove(300)),
    })
    const planes = (inputTokens: number) => {
      const { costNano, listNano, priceNano } = quote(mixed, usageOf({ inputTokens }))
      return [costNano, listNano, priceNano].map((amount) => amount! / BigInt(inputTokens))
    }
    expect(planes(100)).toEqual([150n, 150n, 150n])
    expect(planes(101)).toEqual([300n, 150n, 150n])
    expect(planes(201)).toEqual([300n, 300n, 150n])
    expect(planes(301)).toEqual([300n, 300n, 300n])
  })
})

describe('a model that is not fully priced is refused, naming what is missing', () => {
  test.each<[string, Partial<PricePlanInput>]>([
    ['cost_profile', { cost: null }],
    ['cost_profile', { cost: null, operatorRule: absolute(flatCard()) }],
    ['operator_rule', { operatorRule: null }],
    ['list_price', { list: null, operatorRule: discount(1_000) }],
    ['list_price', { list: null, reseller: { rule: discount(1_000), feeNano: 0n } }],
    ['reseller_rule', { reseller: { rule: null, feeNano: 0n } }],
  ])('%s', (missing, input) => {
    expect(compilePricePlan(inputOf(input))).toEqual({ ok: false, reason: 'model_not_priced', missing })
  })
})

test('a rule that slipped past its validator cannot make a negative price', () => {
  expect(() => planOf({ operatorRule: markup(-10_001) })).toThrow(RangeError)
  expect(() => planOf({ operatorRule: addition(-600_000_001n) })).toThrow(RangeError)
})
