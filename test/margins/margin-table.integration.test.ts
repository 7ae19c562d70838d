import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Actor } from '../../src/margins/margin-deps.ts'
import type { MarginTable, MarginTableRequest } from '../../src/margins/margin-table.ts'
import { marginTable } from '../../src/margins/margin-table.ts'
import type { PriceKind } from '../../src/pricing/plane-rate.ts'
import { ask, chargeOf, post } from '../gateway/gateway-reads.ts'
import { type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { depsOf, EDITOR, type Names, namesOf, proposeAndSave, resellerActor } from './margins-world.ts'

let farebox: Farebox
let names: Names
beforeAll(async () => {
  farebox = await startFarebox()
  names = await namesOf(farebox)
})
afterAll(() => farebox.close())
/** Changes within a second count as one instant; a longer leap would make holds look abandoned. */
beforeEach(() => farebox.clock.advance(2_000))

async function tableFor(asked: MarginTableRequest & { actor?: Actor }): Promise<MarginTable> {
  const table = await marginTable(depsOf(farebox), { actor: EDITOR, ...asked })
  if (!table.ok) throw new Error(JSON.stringify(table))
  return table
}

const rowOf = (table: MarginTable, model: string) =>
  table.rows.find((row) => row.model === model && row.provider === 'first')!

interface EventRow {
  model: string
  provider_id: string
  input_tokens: number
  cache_read_tokens: number
  output_tokens: number
  cost_nano: string
  wholesale_nano: string
  price_nano: string
}

const lastEvent = async (customer: Customer) =>
  (
    await farebox.rows<EventRow>(
      'SELECT * FROM usage_event WHERE account_id = $1 ORDER BY id DESC LIMIT 1',
      customer.accountId,
    )
  )[0]!

/** What the rates of a row say that a request costs. */
function computed(table: MarginTable, event: EventRow, plane: 'costNano' | 'wholesaleNano' | 'priceNano'): bigint {
  const row = table.rows.find((each) => each.model === event.model && each.providerId === event.provider_id)!
  const rate = (kind: PriceKind) => row.tiers[0]!.figures.find((figure) => figure.kind === kind)![plane]
  const nano =
    BigInt(event.input_tokens) * rate('input') +
    BigInt(event.cache_read_tokens) * rate('cacheRead') +
    BigInt(event.output_tokens) * rate('output')
  return (nano + 500_000n) / 1_000_000n
}

const requests = (model: string) => [ask('hi', { model }), ask('[[sandbox:tokens=321]] a longer question', { model })]

test('what a direct customer was charged is what the table says, plane by plane', async () => {
  const customer = await farebox.customer()
  for (const body of [...requests('priced'), ...requests('doubled')]) {
    const charge = chargeOf(await post(farebox, customer.secret, body))
    const table = await tableFor({ accountId: customer.accountId })
    const event = await lastEvent(customer)
    expect(computed(table, event, 'priceNano')).toBe(charge)
    expect(computed(table, event, 'wholesaleNano')).toBe(BigInt(event.wholesale_nano))
    expect(computed(table, event, 'costNano')).toBe(BigInt(event.cost_nano))
  }
})

test('what a reseller and its customer were charged is what the table says', async () => {
  await farebox.credit(farebox.resellerId, 1_000_000_000n)
  const customer = await farebox.customer({ resellerId: farebox.resellerId })
  for (const body of requests('priced')) {
    const charge = chargeOf(await post(farebox, customer.secret, body))
    const table = await tableFor({ sellerId: farebox.resellerId })
    const event = await lastEvent(customer)
    expect(computed(table, event, 'priceNano')).toBe(charge)
    expect(computed(table, event, 'wholesaleNano')).toBe(BigInt(event.wholesale_nano))
    expect(computed(table, event, 'costNano')).toBe(BigInt(event.cost_nano))
  }
})

test('a row names its rule and its margins, and a model without a cost is said to be unpriced', async () => {
  const table = await tableFor({})
  const row = rowOf(table, 'priced')
  expect(row).toMatchObject({
    missing: null,
    operatorRule: { name: 'price rule for everything', terms: 'MARKUP_ON_COST 10000 bps' },
    ...{ resellerRule: null, underFloor: null, isNegative: false, isSkipped: false, upcoming: [] },
  })
  // Cost 1, price 2 and the fee of 0.05: 1.05 of 2.05 is earned.
  expect(row.tiers[0]!.figures[0]).toEqual({
    ...{ kind: 'input', listNano: 3_000_000_000n, costNano: 1_000_000_000n, wholesaleNano: 2_050_000_000n },
    ...{ priceNano: 2_050_000_000n, marginNano: 1_050_000_000n, marginBps: 5_122, markupBps: 10_500 },
    ...{ resellerMarginNano: 0n, isNegative: false },
  })
  expect(rowOf(table, 'unpriced')).toMatchObject({ missing: 'cost_profile', tiers: [] })
})

test('a reseller sees its wholesale price as its cost, and nothing of the operator’s', async () => {
  const actor = resellerActor(farebox)
  const table = await tableFor({ actor })
  const row = rowOf(table, 'priced')
  expect(row).toMatchObject({
    ...{ operatorRule: null, isSkipped: null, resellerRule: { terms: 'MARKUP_ON_COST 5000 bps' } },
    versions: { resellerRuleId: expect.any(String) },
  })
  expect(Object.keys(row.versions)).toEqual(['resellerRuleId'])
  expect(row.tiers[0]!.figures[0]).toMatchObject({
    ...{ costNano: 2_050_000_000n, wholesaleNano: 2_050_000_000n, priceNano: 3_125_000_000n },
    marginNano: 1_075_000_000n,
  })
  // The list price of a cached token happens to be the cost of a fresh one.
  const withoutList = (key: string, value: unknown) =>
    key === 'listNano' ? undefined : typeof value === 'bigint' ? `${value}` : value
  const text = JSON.stringify(table, withoutList)
  for (const cost of ['"1000000000"', '"4000000000"', '"250000000"', '10000 bps']) expect(text).not.toContain(cost)
})

test('another’s customer is as good as nobody', async () => {
  const direct = await farebox.customer()
  const deps = depsOf(farebox)
  const actor = resellerActor(farebox)
  const nobody = '01890000-0000-7000-8000-00000000dead'
  const missing = await marginTable(deps, { actor, accountId: nobody })
  expect(missing).toEqual({ ok: false, reason: 'not_found' })
  expect(await marginTable(deps, { actor, accountId: direct.accountId })).toEqual(missing)
  expect(await marginTable(deps, { actor, accountId: farebox.resellerId })).toEqual(missing)
  expect(await marginTable(deps, { actor, sellerId: nobody })).toEqual(missing)
  expect(await marginTable(deps, { actor: EDITOR, sellerId: farebox.resellerId, accountId: direct.accountId })).toEqual(
    missing,
  )
})

test('a scheduled version is announced, and the table of that day has it', async () => {
  const at = new Date(farebox.clock.now() + 3_600_000)
  const change = {
    kind: 'PRICE_RULE' as const,
    scope: { modelId: names.models.doubled! },
    terms: { kind: 'MARKUP_ON_COST' as const, markup: '200 %' },
    effectiveFrom: at.toISOString(),
  }
  await proposeAndSave(depsOf(farebox), change)
  const row = rowOf(await tableFor({}), 'doubled')
  expect(row.operatorRule?.terms).toBe('MARKUP_ON_COST 10000 bps')
  expect(row.upcoming.map((each) => [each.at, each.price.operatorRule?.terms])).toEqual([
    [at, 'MARKUP_ON_COST 20000 bps'],
  ])
  const later = rowOf(await tableFor({ asOf: at }), 'doubled')
  expect(later).toMatchObject({ upcoming: [], operatorRule: { name: 'price rule for model doubled' } })
  expect(later.tiers[0]!.figures[0]!.priceNano).toBe(3_050_000_000n)
})

test('a price under cost is marked, and the router does leave its route out', async () => {
  const change = {
    kind: 'PRICE_RULE' as const,
    scope: { modelId: names.models.priced! },
    terms: { kind: 'MARKUP_ON_COST' as const, markup: '-50 %' },
    allowNegativeMargin: true,
  }
  const saved = await proposeAndSave(depsOf(farebox), change, { reason: 'sold below cost for launch week' })
  const row = rowOf(await tableFor({}), 'priced')
  expect(row).toMatchObject({ isNegative: true, isSkipped: true, underFloor: { measure: 'cost', floorBps: 0 } })
  expect(row.underFloor?.findings[0]).toEqual({
    ...{ kind: 'input', aboveInputTokens: 0, priceNano: 500_000_000n, baseNano: 1_000_000_000n },
  })
  const customer = await farebox.customer()
  const status = async () => (await post(farebox, customer.secret, ask('hi'))).status
  await expect.poll(status, PATIENCE).toBe(503)
  await proposeAndSave(depsOf(farebox), { kind: 'RETIRE_RULE', ruleId: saved.versionId })
  await expect.poll(status, PATIENCE).toBe(200)
})
