import { describe, expect, test } from 'vitest'
import type { CatalogModel, CatalogRoute } from '../../src/catalog/catalog-snapshot.ts'
import type { Caller } from '../../src/gateway/authenticate.ts'
import { chooseRoutes } from '../../src/gateway/choose-routes.ts'
import type { PricePlans } from '../../src/gateway/price-plans.ts'
import { type CompiledPricePlan, compilePricePlan } from '../../src/pricing/quote.ts'
import { seededRandom } from '../../src/sandbox/provider/seeded-random.ts'
import { flatCard, inputOf, markup } from '../pricing/price-fixtures.ts'

const CALLER = { accountId: 'account' } as Caller
const GAIN = compilePricePlan(inputOf({ operatorRule: markup(1_000) }))
const LOSS = compilePricePlan(inputOf({ operatorRule: markup(-1) }))
/** It gains on input, and loses on output. */
const PART_LOSS = compilePricePlan(
  inputOf({
    operatorRule: { ...markup(0), kind: 'ABSOLUTE', rateCard: flatCard({ input: 900_000_000n, output: 1n }) } as never,
  }),
)
const UNPRICED: CompiledPricePlan = compilePricePlan(inputOf({ cost: null }))

interface RouteFacts {
  id: string
  priority?: number
  weight?: number
  apiKey?: string | null
  protocol?: 'openai' | 'anthropic' | 'gemini'
  allowNegativeMargin?: boolean
  plan?: CompiledPricePlan
}

function choose(facts: RouteFacts[], random?: () => number): string[] {
  const routes = facts.map(
    ({ id, priority = 0, weight = 1, apiKey = 'key', protocol = 'openai', allowNegativeMargin = false }) =>
      ({ id, priority, weight, allowNegativeMargin, provider: { apiKey, protocol } }) as CatalogRoute,
  )
  const planOf = new Map(facts.map(({ id, plan = GAIN }) => [id, plan]))
  const plans: PricePlans = { planFor: (_caller, _model, route) => planOf.get(route.id) as CompiledPricePlan }
  const model = { name: 'toll', routes } as unknown as CatalogModel
  return chooseRoutes(CALLER, model, plans, 0, random).map(({ route }) => route.id)
}

/** How often each route comes first. */
function shares(facts: RouteFacts[], draws = 20_000): Map<string, number> {
  const random = seededRandom(7)
  const firsts = Array.from({ length: draws }, () => choose(facts, random)[0] ?? '')
  return new Map(facts.map(({ id }) => [id, firsts.filter((first) => first === id).length / draws]))
}

test('the lowest priority number is tried first, whatever the weights', () => {
  const facts = [
    { id: 'last', priority: 9, weight: 1_000_000 },
    { id: 'first', priority: -100, weight: 1 },
    { id: 'second', priority: 0, weight: 5 },
  ]
  for (let seed = 0; seed < 50; seed += 1) {
    expect(choose(facts, seededRandom(seed))).toEqual(['first', 'second', 'last'])
  }
})

test('within one priority routes come first in proportion to their weight', () => {
  const found = shares([
    { id: 'six', weight: 6 },
    { id: 'three', weight: 3 },
    { id: 'one', weight: 1 },
  ])
  expect(found.get('six')).toBeCloseTo(0.6, 1)
  expect(found.get('three')).toBeCloseTo(0.3, 1)
  expect(found.get('one')).toBeCloseTo(0.1, 1)
})

test('equal weights share equally', () => {
  for (const share of shares([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]).values()) {
    expect(share).toBeCloseTo(0.25, 1)
  }
})

test('a route without weight is taken only when no other of its priority is left', () => {
  const facts = [
    { id: 'some', weight: 1 },
    { id: 'none', weight: 0 },
  ]
  expect([...shares(facts, 500).values()]).toEqual([1, 0])
})

test('no more than three are tried, each once', () => {
  const facts = ['a', 'b', 'c', 'd', 'e'].map((id, priority) => ({ id, priority }))
  expect(choose(facts)).toEqual(['a', 'b', 'c'])
})

describe('left out are', () => {
  test('routes without a price', () => {
    expect(
      choose([
        { id: 'unpriced', plan: UNPRICED },
        { id: 'priced', priority: 9 },
      ]),
    ).toEqual(['priced'])
  })

  test('routes without a credential', () => {
    expect(
      choose([
        { id: 'keyless', apiKey: null },
        { id: 'keyed', priority: 9 },
      ]),
    ).toEqual(['keyed'])
  })

  test('routes that lose money, on input or on output, unless that is allowed', () => {
    const facts = [
      { id: 'loss', plan: LOSS },
      { id: 'part', plan: PART_LOSS },
      { id: 'meant', plan: LOSS, allowNegativeMargin: true, priority: 1 },
      { id: 'gain', priority: 2 },
    ]
    expect(choose(facts)).toEqual(['meant', 'gain'])
  })

  test('routes of another protocol', () => {
    expect(choose([{ id: 'claude', protocol: 'anthropic' }, { id: 'gpt' }])).toEqual(['gpt'])
  })
})

test.each([
  ['no price', [{ id: 'a', plan: UNPRICED }], 'model_not_priced'],
  ['no price, though there is no credential either', [{ id: 'a', plan: UNPRICED, apiKey: null }], 'model_not_priced'],
  ['no credential', [{ id: 'a', apiKey: null }], 'no_route'],
  ['only losses', [{ id: 'a', plan: LOSS }], 'no_route'],
  ['no routes', [], 'no_route'],
  ['no route on this endpoint', [{ id: 'a', protocol: 'gemini' as const }], 'no_route'],
])('a model with %s is refused', (_why, facts: RouteFacts[], code) => {
  expect(() => choose(facts)).toThrow(expect.objectContaining({ code }))
})
