import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundCustomers, type LeadingList } from '../../src/reports/dashboard/customer-bounds.ts'

/** What each customer earned in each list, and how much of that counts. */
const lists = fc.array(
  fc.record({
    isWhole: fc.boolean(),
    depth: fc.integer({ min: 1, max: 6 }),
    revenue: fc.dictionary(
      fc.constantFrom(...'abcdefghijkl'),
      fc.record({ whole: fc.bigInt({ min: 0n, max: 40n }), share: fc.bigInt({ min: 0n, max: 4n }) }),
      { maxKeys: 12 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
)
type Day = typeof lists extends fc.Arbitrary<(infer One)[]> ? One : never

function headOf({ isWhole, depth, revenue }: Day): LeadingList {
  const ordered = Object.entries(revenue).sort(([, left], [, right]) => Number(right.whole - left.whole))
  const shown = ordered.slice(0, depth).map(([key, { whole }]) => [key, whole] as const)
  return { isWhole, isAll: shown.length < depth, revenueNano: new Map(shown) }
}

/** Of days that lie in the period in part, a part counts. */
function totals(days: readonly Day[]): [string, bigint][] {
  const sums = new Map<string, bigint>()
  for (const { isWhole, revenue } of days) {
    for (const [key, { whole, share }] of Object.entries(revenue)) {
      sums.set(key, (sums.get(key) ?? 0n) + (isWhole ? whole : (whole * share) / 4n))
    }
  }
  return [...sums]
}

test('whoever is among the first is a candidate, or has no more than others can have', () => {
  fc.assert(
    fc.property(
      lists,
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.bigInt({ min: 0n, max: 120n })),
      (days, limit, below) => {
        const found = boundCustomers(days.map(headOf), limit, below)
        const wanted = totals(days).filter(([, revenue]) => below === null || revenue <= below)
        const order = wanted.map(([, revenue]) => revenue).sort((left, right) => Number(right - left))
        // Who is behind a place has as much as the place or less; of those who have as much, the caller chooses.
        const last = order.filter((revenue) => below === null || revenue < below)[limit - 1] ?? 0n
        for (const [key, revenue] of wanted) {
          if (revenue < last || found.candidates.includes(key)) continue
          expect(revenue).toBeLessThanOrEqual(found.othersAtMostNano)
        }
      },
    ),
    { numRuns: 3_000 },
  )
})

test('of customers that differ much, few are candidates', () => {
  const revenueNano = new Map(Array.from({ length: 50 }, (_, index) => [`${index}`, BigInt((10 ** 6) >> (index / 3))]))
  const day = { isWhole: true, isAll: false, revenueNano }
  const found = boundCustomers([day, day], 3, null)
  expect(found.candidates.sort()).toEqual(['0', '1', '2'])
  expect(found.othersAtMostNano).toBe(2n * BigInt((10 ** 6) >> 16))
})
