import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { affordableOutputTokens, quote, quoteBound } from '../../src/pricing/quote.ts'
import { type TokenUsage, totalInputTokens } from '../../src/pricing/token-usage.ts'
import { anyCard, planInput, usage } from './price-arbitraries.ts'
import { flatCard, markup, planOf, SMALL_RATES, usageOf } from './price-fixtures.ts'

const RUNS = { numRuns: 1_000 }
const slack = fc.integer({ min: 0, max: 50 })

describe('quoteBound', () => {
  test('no usage within the limits costs more, on any plane, in any tier order', () => {
    fc.assert(
      fc.property(planInput(anyCard), usage, slack, slack, (input, used, moreInput, moreOutput) => {
        const plan = planOf(input)
        const actual = quote(plan, used)
        const inputTokensMax = totalInputTokens(used) + moreInput
        const bound = quoteBound(plan, { inputTokensMax, outputTokensMax: used.outputTokens + moreOutput })
        expect(bound.listNano! >= actual.listNano!).toBe(true)
        expect(bound.costNano >= actual.costNano).toBe(true)
        expect(bound.wholesaleNano >= actual.wholesaleNano).toBe(true)
        expect(bound.priceNano >= actual.priceNano).toBe(true)
      }),
      RUNS,
    )
  })

  test('some usage within the limits costs exactly the bound, so that no hold is larger than need be', () => {
    const limits = fc.record({
      inputTokensMax: fc.integer({ min: 0, max: 60 }),
      outputTokensMax: fc.integer({ min: 0, max: 60 }),
    })
    fc.assert(
      fc.property(planInput(anyCard), limits, (input, { inputTokensMax, outputTokensMax }) => {
        const plan = planOf(input)
        const prices = Array.from({ length: inputTokensMax + 1 }, (_, tokens) => tokens).flatMap((tokens) =>
          everyBucketAlone(tokens, outputTokensMax).map((used) => quote(plan, used).priceNano),
        )
        expect(prices).toContain(quoteBound(plan, { inputTokensMax, outputTokensMax }).priceNano)
      }),
      { numRuns: 100 },
    )
  })

  test('counts the dearest input bucket and the dearer lower tier', () => {
    // $1.00 up to 100 tokens, $0.15 above them: 100 tokens cost $0.0001, 101 cost $0.00001515.
    const card = {
      tiers: [
        { aboveInputTokens: 0, rates: { ...SMALL_RATES, cacheWrite1h: 1_000_000_000n } },
        { aboveInputTokens: 100, rates: SMALL_RATES },
      ],
      perRequestNano: 0n,
    }
    const plan = planOf({ cost: { id: 'cost-1', card } })
    expect(quoteBound(plan, { inputTokensMax: 101, outputTokensMax: 0 }).priceNano).toBe(100_000n)
    // From 667 tokens on the cheaper tier overtakes: 1,000 × $0.15 / million.
    expect(quoteBound(plan, { inputTokensMax: 1_000, outputTokensMax: 0 }).priceNano).toBe(150_000n)
  })

  test('a limit that is not a count of tokens throws', () => {
    expect(() => quoteBound(planOf({}), { inputTokensMax: -1, outputTokensMax: 0 })).toThrow(/inputTokensMax/)
    expect(() => quoteBound(planOf({}), { inputTokensMax: 0, outputTokensMax: Infinity })).toThrow(/outputTokensMax/)
  })
})

describe('affordableOutputTokens', () => {
  const balance = fc.bigInt({ min: -1_000n, max: 100_000_000n })

  test('is exactly the threshold: the answer is covered, one more is not', () => {
    const limits = fc.record({
      inputTokensMax: fc.integer({ min: 0, max: 60 }),
      outputTokensMax: fc.integer({ min: 0, max: 100_000 }),
      availableNano: balance,
      resellerAvailableNano: fc.option(balance),
    })
    fc.assert(
      fc.property(planInput(anyCard), limits, (input, asked) => {
        const plan = planOf(input)
        const isCovered = (outputTokensMax: number) => {
          const bound = quoteBound(plan, { inputTokensMax: asked.inputTokensMax, outputTokensMax })
          const { availableNano, resellerAvailableNano } = asked
          if (resellerAvailableNano !== null && bound.wholesaleNano > resellerAvailableNano) return false
          return bound.priceNano <= availableNano
        }
        const affordable = affordableOutputTokens(plan, asked)
        expect(affordable >= 0 && affordable <= asked.outputTokensMax).toBe(true)
        if (affordable > 0) expect(isCovered(affordable)).toBe(true)
        if (affordable < asked.outputTokensMax) expect(isCovered(affordable + 1)).toBe(false)
      }),
      RUNS,
    )
  })

  test('a cent buys what a calculator says', () => {
    // 1,000 × $0.15/M = $0.00015; ($0.01 − $0.00015) / ($0.60/M) = 16,416.67, and the nano rounding lets no more in.
    const asked = { inputTokensMax: 1_000, outputTokensMax: 100_000, resellerAvailableNano: null }
    expect(affordableOutputTokens(planOf({}), { ...asked, availableNano: 10_000_000n })).toBe(16_416)
    expect(affordableOutputTokens(planOf({}), { ...asked, availableNano: 149_999n })).toBe(0)
    expect(affordableOutputTokens(planOf({}), { ...asked, availableNano: 150_000n })).toBe(0)
    expect(affordableOutputTokens(planOf({}), { ...asked, availableNano: 150_600n })).toBe(1)
  })

  test('half a nano is not affordable from nothing, as it will be rounded up', () => {
    const plan = planOf({ cost: { id: 'cost-1', card: flatCard({ output: 500_000n }) } })
    const asked = { inputTokensMax: 0, outputTokensMax: 10, resellerAvailableNano: null }
    expect(affordableOutputTokens(plan, { ...asked, availableNano: 0n })).toBe(0)
    expect(affordableOutputTokens(plan, { ...asked, availableNano: 1n })).toBe(2)
    expect(affordableOutputTokens(plan, { ...asked, availableNano: -1n })).toBe(0)
  })

  test('an empty reseller wallet stops a rich customer', () => {
    const plan = planOf({ reseller: { rule: markup(1_000), feeNano: 0n } })
    const asked = { inputTokensMax: 10, outputTokensMax: 500, availableNano: 10n ** 12n }
    expect(affordableOutputTokens(plan, { ...asked, resellerAvailableNano: 0n })).toBe(0)
    expect(affordableOutputTokens(plan, { ...asked, resellerAvailableNano: null })).toBe(500)
  })

  test('a model that charges nothing for output is limited by the request alone', () => {
    const plan = planOf({ cost: { id: 'cost-1', card: flatCard({ output: 0n }) } })
    const asked = { inputTokensMax: 10, outputTokensMax: 500, resellerAvailableNano: null }
    expect(affordableOutputTokens(plan, { ...asked, availableNano: 1_500n })).toBe(500)
    expect(affordableOutputTokens(plan, { ...asked, availableNano: 1_499n })).toBe(0)
  })
})

function everyBucketAlone(tokens: number, outputTokens: number): TokenUsage[] {
  return [
    usageOf({ inputTokens: tokens, outputTokens }),
    usageOf({ cacheReadTokens: tokens, outputTokens }),
    usageOf({ cacheWrite5mTokens: tokens, outputTokens }),
    usageOf({ cacheWrite1hTokens: tokens, outputTokens }),
  ]
}
