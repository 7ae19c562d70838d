import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogModel, CatalogRoute } from '../../src/catalog/catalog-snapshot.ts'
import { demandOf, inputTokensMax, type RequestBounds } from '../../src/gateway/demand.ts'
import type { PricedRoute } from '../../src/gateway/price-plans.ts'
import { quoteBound } from '../../src/pricing/quote.ts'
import { flatCard, planOf } from '../pricing/price-fixtures.ts'

const MODEL = { contextWindow: 100_000, maxOutputTokens: 10_000, maxImageTokens: 1_000 } as CatalogModel
const BOUNDS: RequestBounds = {
  ...{ textTokensMax: 100, images: 0, imageBytes: 0, unboundedInput: false },
  ...{ outputCap: null, choices: 1, predictionTokensMax: 0 },
}
/** A token costs 1,000 nano, of input and of output. */
const EVEN = { input: 1_000_000_000n, output: 1_000_000_000n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n }
const routeAt = (output: bigint): PricedRoute => ({
  route: {} as CatalogRoute,
  plan: planOf({ cost: { id: 'cost', card: flatCard({ ...EVEN, output }) } }),
})
const ROUTE = routeAt(1_000_000_000n)

const demand = (bounds: Partial<RequestBounds> = {}, keyCap: number | null = null, routes = [ROUTE]) =>
  demandOf({ ...BOUNDS, ...bounds }, MODEL, routes, keyCap)
const room = (tokens: number, resellerTokens: number | null = null) => ({
  customerNano: BigInt(tokens) * 1_000n,
  resellerNano: resellerTokens === null ? null : BigInt(resellerTokens) * 1_000n,
})
const capIn = (tokens: number, bounds: Partial<RequestBounds> = {}, keyCap: number | null = null) =>
  demand(bounds, keyCap).fit(room(tokens))?.outputTokensMax ?? null

describe('where no cap is named', () => {
  test.each([
    [1_000_000, 10_000, 'plenty: the model’s own maximum'],
    [40_400, 10_000, 'just enough that the maximum is a quarter'],
    [40_396, 9_999, 'a little less: a quarter'],
    [20_000, 4_900, 'a quarter of it all, input included'],
    [4_496, 1_024, 'where a quarter is the fair least'],
    [4_000, 1_024, 'no less than the fair least, though it is more than a quarter'],
    [1_124, 1_024, 'to the last token of it'],
    [1_123, 1_023, 'below that, all that is there'],
    [101, 1, 'a single token'],
    [100, null, 'input alone is no request'],
    [0, null, 'nothing'],
  ])('a room of %i tokens gives a cap of %s: %s', (tokens, cap, _why) => {
    expect(capIn(tokens)).toBe(cap)
  })

  test('a reseller’s room is shared by the same rule', () => {
    expect(demand().fit(room(1_000_000, 20_000))?.outputTokensMax).toBe(4_900)
    expect(demand().fit(room(20_000, 1_000_000))?.outputTokensMax).toBe(4_900)
    expect(demand().fit(room(1_000_000, 50))).toBeNull()
  })

  test('the key’s cap is the most that is wanted', () => {
    expect(capIn(1_000_000, {}, 500)).toBe(500)
    expect(capIn(1_000, {}, 500)).toBe(500)
  })
})

describe('where a cap is named', () => {
  test('it is held whole or refused, however small the room', () => {
    expect(capIn(5_100, { outputCap: 5_000 })).toBe(5_000)
    expect(capIn(5_099, { outputCap: 5_000 })).toBeNull()
  })

  test('the least of client, key and model counts', () => {
    expect(capIn(1_000_000, { outputCap: 90_000 })).toBe(10_000)
    expect(capIn(1_000_000, { outputCap: 700 }, 800)).toBe(700)
    expect(capIn(1_000_000, { outputCap: 900 }, 800)).toBe(800)
  })

  test('all choices and a prediction are covered, and the cap is that of one choice', () => {
    const bounds = { outputCap: 1_000, choices: 3, predictionTokensMax: 50 }
    expect(demand(bounds).fit(room(1_000_000))).toMatchObject({ outputTokensMax: 1_000, priceNano: 3_150_000n })
    expect(capIn(3_150, bounds)).toBe(1_000)
    expect(capIn(3_149, bounds)).toBeNull()
    expect(demand(bounds).affordableOutputTokens(room(3_149))).toBe(999)
  })

  test('the dearest route is what is held', () => {
    const routes = [ROUTE, routeAt(4_000_000_000n), routeAt(2_000_000_000n)]
    expect(demand({ outputCap: 100 }, null, routes).fit(room(1_000_000))?.priceNano).toBe(500_000n)
  })
})

const anyBounds = fc.record({
  textTokensMax: fc.nat(200_000),
  images: fc.constant(0),
  imageBytes: fc.constant(0),
  unboundedInput: fc.boolean(),
  outputCap: fc.option(fc.integer({ min: 1, max: 100_000 })),
  choices: fc.integer({ min: 1, max: 128 }),
  predictionTokensMax: fc.nat(5_000),
})

test('what is granted is always within the room, covers its own cap, and what is affordable is granted when asked', () => {
  fc.assert(
    fc.property(anyBounds, fc.nat(3_000_000), fc.option(fc.nat(3_000_000)), (bounds, tokens, resellerTokens) => {
      const available = room(tokens, resellerTokens)
      const asked = demandOf(bounds, MODEL, [ROUTE], null)
      const fit = asked.fit(available)
      const affordable = asked.affordableOutputTokens(available)
      if (fit) {
        const outputTokensMax = fit.outputTokensMax * bounds.choices + bounds.predictionTokensMax
        const limits = { inputTokensMax: inputTokensMax(bounds, MODEL), outputTokensMax }
        expect(fit.priceNano).toBe(quoteBound(ROUTE.plan, limits).priceNano)
        expect(fit.priceNano <= available.customerNano).toBe(true)
        expect(available.resellerNano === null || fit.wholesaleNano <= available.resellerNano).toBe(true)
        expect(fit.outputTokensMax).toBeGreaterThan(0)
        expect(fit.outputTokensMax).toBeLessThanOrEqual(Math.min(bounds.outputCap ?? 10_000, 10_000))
      }
      expect(fit === null).toBe(
        bounds.outputCap === null ? affordable === 0 : affordable < Math.min(bounds.outputCap, 10_000),
      )
      if (affordable > 0) {
        const named = demandOf({ ...bounds, outputCap: affordable }, MODEL, [ROUTE], null)
        expect(named.fit(available)?.outputTokensMax).toBe(affordable)
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['bytes bound text', {}, 100],
  ['the context window bounds everything', { textTokensMax: 5_000_000 }, 100_000],
  [
    'an image counts as the model’s limit says, not by its bytes',
    { textTokensMax: 50_100, images: 2, imageBytes: 50_000 },
    2_100,
  ],
  ['audio and files are bounded by the context window alone', { unboundedInput: true }, 100_000],
])('input: %s', (_rule, bounds, tokens) => {
  expect(inputTokensMax({ ...BOUNDS, ...bounds }, MODEL)).toBe(tokens)
})

test('an image of a model without a limit for images is bounded by the context window', () => {
  const model = { ...MODEL, maxImageTokens: null }
  expect(inputTokensMax({ ...BOUNDS, images: 1, imageBytes: 10 }, model)).toBe(100_000)
})
