import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quote } from '../../src/pricing/quote.ts'
import type { TokenUsage } from '../../src/pricing/token-usage.ts'
import { anyCard, planInput, risingCard, usage } from './price-arbitraries.ts'
import { planOf } from './price-fixtures.ts'
import { oracleOf } from './waterfall-oracle.ts'

const RUNS = { numRuns: 500 }

test('every plane equals its exact fraction, rounded half up once', () => {
  fc.assert(
    fc.property(planInput(anyCard), usage, (input, used) => {
      expect(quote(planOf(input), used)).toMatchObject(oracleOf(input, used))
    }),
    RUNS,
  )
})

test('the waterfall adds up to the nano', () => {
  fc.assert(
    fc.property(planInput(anyCard), usage, (input, used) => {
      const q = quote(planOf(input), used)
      expect(q.costNano + q.operatorMarginNano + q.resellerMarginNano).toBe(q.priceNano)
      expect(q.costNano + q.operatorMarginNano).toBe(q.wholesaleNano)
      expect(q.savingNano).toBe(input.ownKey ? 0n : q.listNano! - q.priceNano)
      if (input.reseller === null) expect(q.resellerMarginNano).toBe(0n)
    }),
    RUNS,
  )
})

test('no plane is ever negative', () => {
  fc.assert(
    fc.property(planInput(anyCard), usage, (input, used) => {
      const q = quote(planOf(input), used)
      for (const amount of [
        q.listNano!,
        q.costNano,
        q.wholesaleNano,
        q.priceNano,
        q.operatorFeeNano,
        q.sellerFeeNano,
      ]) {
        expect(amount >= 0n).toBe(true)
      }
    }),
    RUNS,
  )
})

const BUCKETS: (keyof TokenUsage)[] = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'outputTokens',
]

test.each(BUCKETS)('more %s never cost less where no tier is cheaper than the one below it', (bucket) => {
  fc.assert(
    fc.property(planInput(risingCard), usage, fc.integer({ min: 1, max: 1_000 }), (input, used, more) => {
      const plan = planOf(input)
      const before = quote(plan, used)
      const after = quote(plan, { ...used, [bucket]: used[bucket] + more })
      expect(after.listNano! >= before.listNano!).toBe(true)
      expect(after.costNano >= before.costNano).toBe(true)
      expect(after.wholesaleNano >= before.wholesaleNano).toBe(true)
      expect(after.priceNano >= before.priceNano).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('reasoning is shown and never charged on top of the output', () => {
  fc.assert(
    fc.property(planInput(anyCard), usage, (input, used) => {
      const plan = planOf(input)
      expect(quote(plan, { ...used, reasoningTokens: used.outputTokens })).toEqual(quote(plan, used))
    }),
    { numRuns: 100 },
  )
})
