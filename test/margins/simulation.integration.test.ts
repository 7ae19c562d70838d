import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { proposePriceChange } from '../../src/margins/propose-price-change.ts'
import { savePriceChange } from '../../src/margins/save-price-change.ts'
import { simulate } from '../../src/margins/simulate.ts'
import type { Take } from '../../src/margins/simulation-sums.ts'
import type { Quote } from '../../src/pricing/quote.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { EDITOR } from './margins-world.ts'
import {
  anyChange,
  book,
  chargesNow,
  createSimulationWorld,
  DAY_MS,
  priceSet,
  requestsOf,
  type SimulatedRequest,
  type SimulationWorld,
  setPrices,
} from './simulation-world.ts'

let database: TestDatabase
let world: SimulationWorld
beforeAll(async () => {
  database = await createTestDatabase()
  world = await createSimulationWorld(database)
})
afterAll(async () => {
  await world.pool.end()
  await database.drop()
})

/** A failing world is not made smaller: each try is a database full of prices. */
const RUNS = { numRuns: 25, endOnFailure: true }

/** A week with these prices and requests; the weeks of other tests are out of sight. */
async function week(prices: Parameters<typeof setPrices>[1], requests: SimulatedRequest[]): Promise<Quote[]> {
  world.clock.time += 20 * DAY_MS
  await setPrices(world, prices)
  world.clock.time += 7 * DAY_MS + 1
  const quotes = await chargesNow(world, requests, prices.resellerFeeNano)
  await book(world, requests, quotes, world.clock.time)
  return quotes
}

async function simulated(changes: Parameters<typeof simulate>[1]['changes'] = [], more: object = {}) {
  const result = await simulate(world.deps, { changes, days: 7, actor: EDITOR, ...more })
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result
}

function operatorTake(quotes: readonly Quote[]): Take {
  const sum = (plane: 'costNano' | 'wholesaleNano' | 'priceNano' | 'operatorMarginNano') =>
    quotes.reduce((total, each) => total + each[plane], 0n)
  return {
    requests: BigInt(quotes.length),
    revenueNano: sum('wholesaleNano'),
    costNano: sum('costNano'),
    marginNano: sum('operatorMarginNano'),
    priceNano: sum('priceNano'),
  }
}

test('under unchanged prices every sum is what was booked, to the nano', async () => {
  await fc.assert(
    fc.asyncProperty(priceSet, requestsOf, async (prices, requests) => {
      const quotes = await week(prices, requests)
      const result = await simulated()
      expect(result.total.before).toEqual(operatorTake(quotes))
      for (const row of [
        result.total,
        ...result.models,
        ...result.customers,
        ...result.resellers,
        ...result.providers,
      ]) {
        expect(row.unchanged).toEqual(row.before)
        expect(row.after).toEqual(row.before)
      }
      for (const [index, accountId] of world.accounts.entries()) {
        const own = quotes.filter((_, at) => requests[at]!.account === index)
        const row = result.customers.find(({ id }) => id === accountId)
        expect(row?.before).toEqual(own.length === 0 ? undefined : operatorTake(own))
      }
      const losses = quotes.filter((each) => each.operatorMarginNano < 0n)
      expect(result.total.negative).toEqual({
        requests: BigInt(losses.length),
        lossNano: -losses.reduce((sum, each) => sum + each.operatorMarginNano, 0n),
      })
      expect(result.negative.reduce((sum, row) => sum + row.lossNano, 0n)).toBe(result.total.negative.lossNano)
    }),
    RUNS,
  )
})

test('under a change every sum is what the same requests are charged once it is saved', async () => {
  await fc.assert(
    fc.asyncProperty(priceSet, requestsOf, anyChange, async (prices, requests, changeOf) => {
      const quotes = await week(prices, requests)
      const change = changeOf(world)
      const result = await simulated([change])
      expect(result.total.before).toEqual(operatorTake(quotes))
      expect(result.total.unchanged).toEqual(operatorTake(quotes))
      const proposed = await proposePriceChange(world.deps, { change, actor: EDITOR })
      if (proposed.ok) {
        const saved = await savePriceChange(world.deps, {
          ...{ change, basedOn: proposed.basedOn, idempotencyKey: uuidV7(world.clock), actor: EDITOR },
          acknowledgement: { reason: 'prices by chance, to try them' },
        })
        expect(saved).toMatchObject({ ok: true })
      } else expect(proposed.reason).toBe('same')
      const replayed = await chargesNow(world, requests, prices.resellerFeeNano)
      expect(result.total.after).toEqual(operatorTake(replayed))
      const resold = replayed.filter((_, at) => requests[at]!.account === 2)
      const row = result.resellers.find(({ id }) => id === world.resellerId)
      expect(row?.after).toEqual(resold.length === 0 ? undefined : operatorTake(resold))
      const second = replayed.filter((_, at) => requests[at]!.route === 2)
      const model = result.models.find(({ id }) => id === world.models[1])
      expect(model?.after).toEqual(second.length === 0 ? undefined : operatorTake(second))
    }),
    RUNS,
  )
})

/** A week with figures that one can follow. */
async function plainWeek(count = 6) {
  const [prices] = fc.sample(priceSet, { numRuns: 1, seed: 7 })
  const flat = (nano: bigint) => ({
    tiers: [
      {
        aboveInputTokens: 0,
        rates: { input: nano, cacheRead: nano, cacheWrite5m: nano, cacheWrite1h: nano, output: nano },
      },
    ],
    perRequestNano: 0n,
  })
  const rule = { ...prices!.rules[0]!, kind: 'MARKUP_ON_COST' as const, markupBps: 5_000 }
  const plain = {
    costs: [1, 2, 3].map((each) => flat(BigInt(each) * 1_000_000_000n)),
    lists: [flat(9_000_000_000n), flat(9_000_000_000n)],
  }
  const requests = Array.from({ length: count }, (_, at) => ({
    ...{ account: at % 3, route: at % 3, ownKey: false, ageMs: 1_000 + at },
    usage: {
      inputTokens: 10 + at,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 7,
      reasoningTokens: 0,
    },
  }))
  return {
    requests,
    quotes: await week({ ...plain, rules: Array.from({ length: 6 }, () => rule), resellerFeeNano: null }, requests),
  }
}

test('a reseller’s simulation has its own customers, its wholesale price as cost, and no other change than its own', async () => {
  const { requests, quotes } = await plainWeek()
  const actor = { ...EDITOR, resellerId: world.resellerId }
  const result = await simulated([], { actor })
  const own = quotes.filter((_, at) => requests[at]!.account === 2)
  const sum = (of: (each: Quote) => bigint) => own.reduce((total, each) => total + of(each), 0n)
  expect(result.total.after).toEqual({
    requests: BigInt(own.length),
    revenueNano: sum((each) => each.priceNano),
    costNano: sum((each) => each.wholesaleNano),
    marginNano: sum((each) => each.resellerMarginNano),
    priceNano: sum((each) => each.priceNano),
  })
  expect(result.customers.map(({ id }) => id)).toEqual([world.accounts[2]])
  const refused = { ok: false, reason: 'not_found' }
  const cost = {
    kind: 'COST_PROFILE',
    providerId: world.providers[0]!,
    upstreamModel: 'upstream-0',
    rates: { input: '1', output: '1' },
  } as const
  expect(await simulate(world.deps, { changes: [cost], days: 7, actor })).toEqual(refused)
  const scope = { accountId: world.accounts[0]! }
  expect(await simulate(world.deps, { changes: [], days: 7, actor, scope })).toEqual(refused)
  expect(
    await simulate(world.deps, { changes: [], days: 7, actor, scope: { resellerId: uuidV7(world.clock) } }),
  ).toEqual(refused)
})

test('a scope leaves out all other requests, and what was not charged is in no sum', async () => {
  const { requests, quotes } = await plainWeek()
  for (const status of ['FAILED', 'CLIENT_ABORTED']) {
    await world.pool.query(
      `INSERT INTO usage_event SELECT (jsonb_populate_record(event, jsonb_build_object(
         'id', $1::text, 'status', $3::text, 'operator_rule_id', NULL, 'cost_nano', 0, 'wholesale_nano', 0, 'price_nano', 0))).*
       FROM usage_event event WHERE created_at > $2 LIMIT 1`,
      [uuidV7({ now: () => world.clock.time - 1_000 }), new Date(world.clock.time - DAY_MS), status],
    )
  }
  const whole = await simulated()
  expect(whole.excludedRequests).toBe(2)
  expect(whole.total.before).toEqual(operatorTake(quotes))
  const scoped = await simulated([], { scope: { modelId: world.models[1]!, accountId: world.accounts[2]! } })
  expect(scoped.total.after).toEqual(operatorTake(quotes.filter((_, at) => requests[at]!.route === 2)))
})

test('requests that the change would leave without a price are counted apart', async () => {
  await plainWeek()
  const { rows } = await world.pool.query(
    'SELECT id FROM price_rule WHERE seller_id IS NOT NULL AND retired_at IS NULL',
  )
  const result = await simulated([{ kind: 'RETIRE_RULE', ruleId: rows[0].id }])
  expect(result.total.before.requests - result.total.after.requests).toBe(2n)
  expect(result.customers.find(({ id }) => id === world.accounts[2])?.after).toMatchObject({
    requests: 0n,
    revenueNano: 0n,
  })
})

test('what would be sold under cost is named, with the loss and what the router would do', async () => {
  const { requests } = await plainWeek()
  const terms = { kind: 'ABSOLUTE', rates: { input: '0.5', output: '0.5' } } as const
  const rule = { kind: 'PRICE_RULE', scope: { modelId: world.models[1]! }, terms } as const
  const result = await simulated([rule, { ...rule, scope: { accountId: world.resellerId } }])
  const tokens = requests
    .filter(({ route }) => route === 2)
    .reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0)
  // Cost 3, price 0.5 and the fee of 0.050000001 for a million tokens, each request rounded on its own.
  const loss = BigInt(tokens) * 2_450n
  expect(result.negative).toEqual([
    {
      model: 'model-1',
      provider: 'provider-0',
      upstreamModel: 'upstream-2',
      reseller: 'reseller',
      requests: 2n,
      lossNano: loss,
      isSkipped: true,
    },
  ])
})

test('more requests than may be repriced are refused, never sampled', async () => {
  await plainWeek(6)
  const asked = { changes: [], days: 7 as const, actor: EDITOR }
  expect(await simulate(world.deps, { ...asked, eventsMax: 5 })).toEqual({
    ok: false,
    reason: 'too_many_events',
    eventsMax: 5,
  })
  expect(await simulate(world.deps, { ...asked, eventsMax: 6 })).toMatchObject({ ok: true })
})

test('it tells how far it has come, lets other work have its turn, and ends when it is told to', async () => {
  await plainWeek(5_000)
  const progress: { eventsDone: number; eventsTotal: number }[] = []
  let turns = 0
  let running = true
  const count = () => {
    turns += 1
    if (running) setImmediate(count)
  }
  setImmediate(count)
  await simulated([], { onProgress: (each: (typeof progress)[number]) => progress.push(each) })
  running = false
  expect(progress.at(-1)).toEqual({ eventsDone: 5_000, eventsTotal: 5_000 })
  expect(progress.length).toBeGreaterThan(3)
  expect(turns).toBeGreaterThan(progress.length)

  const stop = new AbortController()
  const stopped = simulate(world.deps, {
    ...{ changes: [], days: 7, actor: EDITOR, signal: stop.signal },
    onProgress: () => stop.abort(new Error('enough')),
  })
  await expect(stopped).rejects.toThrow('enough')
  // The connection is as good as before.
  expect((await simulated()).total.before.requests).toBe(5_000n)
})
