import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { Act } from '../../src/margins/margin-deps.ts'
import { readMarginFloor, setMarginFloor } from '../../src/margins/margin-floor.ts'
import { marginTable } from '../../src/margins/margin-table.ts'
import type { PriceChange } from '../../src/margins/price-change.ts'
import { priceHistory } from '../../src/margins/price-history.ts'
import { proposePriceChange } from '../../src/margins/propose-price-change.ts'
import { savePriceChange } from '../../src/margins/save-price-change.ts'
import { ask, chargeOf, post } from '../gateway/gateway-reads.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import {
  depsOf,
  EDITOR,
  FEE,
  type Names,
  namesOf,
  proposeAndSave,
  resellerActor,
  SECOND_EDITOR,
} from './margins-world.ts'

let farebox: Farebox
let names: Names
beforeAll(async () => {
  farebox = await startFarebox()
  names = await namesOf(farebox)
})
afterAll(() => farebox.close())
/** Changes within a second count as one instant; a longer leap would make holds look abandoned. */
beforeEach(() => farebox.clock.advance(2_000))

const deps = () => depsOf(farebox)
const key = () => uuidV7(farebox.clock)

function markup(percent: string, more: Partial<PriceChange & { kind: 'PRICE_RULE' }> = {}): PriceChange {
  return {
    kind: 'PRICE_RULE',
    scope: { modelId: names.models.priced! },
    terms: { kind: 'MARKUP_ON_COST', markup: percent },
    ...more,
  }
}

const cost = (input: string, output: string, more: object = {}): PriceChange => ({
  ...{ kind: 'COST_PROFILE', providerId: names.providers.first!, upstreamModel: 'upstream-priced' },
  ...{ rates: { input, output, cacheRead: '0.25' }, ...more },
})

const propose = (change: PriceChange, actor = EDITOR) => proposePriceChange(deps(), { change, actor })

async function proposal(change: PriceChange, actor = EDITOR) {
  const proposed = await propose(change, actor)
  if (!proposed.ok) throw new Error(JSON.stringify(proposed))
  return proposed
}

/** Every version and every change with its physical version: whatever is written makes a difference. */
async function versions(): Promise<unknown> {
  const tables = ['cost_profile', 'list_price', 'price_rule', 'price_change', 'setting']
  return Promise.all(
    tables.map((table) => farebox.rows(`SELECT t.xmin::text, t::text AS row FROM ${table} t ORDER BY 2`)),
  )
}

test('a proposal shows prices and margins before and after, and writes nothing', async () => {
  const before = await versions()
  const proposed = await proposal(cost('1.5', '4'))
  expect(await versions()).toEqual(before)
  expect(proposed.lines).toEqual([
    expect.stringMatching(/^~ cost first\/upstream-priced input 1 -> 1.5, cacheWrite5m 1 -> 1.5/),
  ])
  expect(proposed).toMatchObject({ breaches: [], unpriced: [], rowsTotal: 2, floorBps: 0 })
  const [direct] = proposed.rows.filter((row) => row.audience === 'customers')
  const input = (price: typeof direct) => ({
    before: price?.before.tiers[0]?.figures[0],
    after: price?.after.tiers[0]?.figures[0],
  })
  expect(input(direct)).toMatchObject({
    before: { costNano: 1_000_000_000n, wholesaleNano: 2_000_000_000n + FEE, marginNano: 1_050_000_000n },
    after: { costNano: 1_500_000_000n, wholesaleNano: 3_000_000_000n + FEE, marginNano: 1_550_000_000n },
  })
})

test('what was saved is what the next request is charged, and what was proposed', async () => {
  const customer = await farebox.customer()
  const charge = async () => chargeOf(await post(farebox, customer.secret, ask('hi')))
  const before = await charge()
  const saved = await proposeAndSave(deps(), markup('150 %'))
  expect(saved).toMatchObject({
    lines: [expect.stringContaining('MARKUP_ON_COST 15000 bps')],
    breaches: [],
    repeated: false,
  })
  await expect.poll(charge, PATIENCE).toBeGreaterThan(before)
  const [row] = await farebox.rows<{ operator_rule_id: string }>(
    'SELECT operator_rule_id FROM usage_event WHERE account_id = $1 ORDER BY id DESC LIMIT 1',
    customer.accountId,
  )
  expect(row?.operator_rule_id).toBe(saved.versionId)
  expect(await propose(markup('150 %'))).toMatchObject({ ok: false, reason: 'same' })
})

test('the same call again writes once and answers the same; the key with another change is refused', async () => {
  const change = markup('160 %')
  const { basedOn } = await proposal(change)
  const call = { change, basedOn, idempotencyKey: key(), actor: EDITOR }
  const first = await savePriceChange(deps(), call)
  expect(first).toMatchObject({ ok: true, repeated: false })
  const written = await versions()
  farebox.clock.advance(1_000)
  expect(await savePriceChange(deps(), call)).toEqual({ ...first, repeated: true })
  expect(await savePriceChange(deps(), { ...call, change: markup('170 %') })).toEqual({
    ok: false,
    reason: 'idempotency_conflict',
  })
  expect(await versions()).toEqual(written)
})

test('of two editors at once one writes, and the other hears that the version changed meanwhile', async () => {
  const changes = [markup('210 %'), markup('220 %')]
  const [first, second] = await Promise.all(changes.map((change) => proposal(change)))
  expect(second?.basedOn).toEqual(first?.basedOn)
  const outcomes = await Promise.all(
    [EDITOR, SECOND_EDITOR].map((actor, index) =>
      savePriceChange(deps(), { change: changes[index]!, basedOn: first!.basedOn, idempotencyKey: key(), actor }),
    ),
  )
  const winner = outcomes.find((outcome) => outcome.ok)
  const loser = outcomes.find((outcome) => !outcome.ok)
  expect(winner).toMatchObject({ ok: true })
  expect(loser).toEqual({ ok: false, reason: 'changed_meanwhile', basedOn: [winner?.ok && winner.versionId] })
  const [row] = await farebox.rows('SELECT count(*)::int AS count FROM price_rule WHERE markup_bps IN (21000, 22000)')
  expect(row).toEqual({ count: 1 })
})

test('the same change of two editors is written once, and the second is told', async () => {
  const change = markup('230 %')
  const { basedOn } = await proposal(change)
  const save = (actor: typeof EDITOR) => savePriceChange(deps(), { change, basedOn, idempotencyKey: key(), actor })
  expect(await save(EDITOR)).toMatchObject({ ok: true })
  expect(await save(SECOND_EDITOR)).toMatchObject({ ok: false, reason: 'changed_meanwhile' })
})

test('a price under cost is refused without a reason of ten characters, and nothing is written', async () => {
  const change = markup('-10 %', { allowNegativeMargin: true })
  const { basedOn, breaches } = await proposal(change)
  expect(breaches).toEqual([
    expect.stringContaining('model priced via first/upstream-priced, customers: price under cost: input 0.9 < 1'),
  ])
  const before = await versions()
  const call = { change, basedOn, idempotencyKey: key(), actor: EDITOR }
  expect(await savePriceChange(deps(), call)).toEqual({
    ok: false,
    reason: 'under_margin_floor',
    floorBps: 0,
    breaches,
  })
  const short = await savePriceChange(deps(), { ...call, acknowledgement: { reason: '  because  ' } })
  expect(short).toMatchObject({ ok: false, reason: 'invalid', problems: [{ field: 'acknowledgement.reason' }] })
  expect(await versions()).toEqual(before)

  const reason = 'launch week, agreed with sales'
  const saved = await savePriceChange(deps(), { ...call, acknowledgement: { reason } })
  expect(saved).toMatchObject({ ok: true, breaches })
  const history = await priceHistory(deps(), { actor: EDITOR, modelId: names.models.priced! })
  expect(history.ok && history.items[0]).toMatchObject({ kind: 'PRICE_RULE', actorId: EDITOR.userId, reason, breaches })
  await proposeAndSave(deps(), markup('100 %'))
})

test('a cost above somebody’s fixed price is refused, also where a reseller is the one who would lose', async () => {
  const actor = resellerActor(farebox)
  const fixed: PriceChange = {
    ...{ kind: 'PRICE_RULE', scope: { modelId: names.models.doubled! } },
    terms: { kind: 'ABSOLUTE', rates: { input: '3', output: '12', cacheRead: '1' } },
  }
  await proposeAndSave(deps(), fixed, { actor })
  const dearer: PriceChange = {
    ...{ kind: 'COST_PROFILE', providerId: names.providers.first!, upstreamModel: 'upstream-doubled' },
    rates: { input: '1.6', output: '4' },
  }
  const { breaches } = await proposal(dearer)
  expect(breaches).toEqual([
    expect.stringContaining(
      'model doubled via first/upstream-doubled, customers of reseller: price under wholesale price: input 3 < 3.2',
    ),
  ])
})

test('the floor is set and read, measures every later change, and stays the operator’s', async () => {
  expect(await setMarginFloor(deps(), { floor: '20 %', actor: resellerActor(farebox) })).toEqual({
    ok: false,
    reason: 'not_found',
  })
  expect(await setMarginFloor(deps(), { floor: '20', actor: EDITOR })).toMatchObject({ ok: false, reason: 'invalid' })
  const acts: Act[] = []
  const record = async (_client: unknown, act: Act) => void acts.push(act)
  expect(await setMarginFloor({ ...deps(), record }, { floor: '20 %', actor: EDITOR })).toEqual({
    ok: true,
    floorBps: 2_000,
  })
  expect(acts).toMatchObject([{ action: 'margin_floor.set', before: { bps: 0 }, after: { bps: 2_000 } }])
  expect(await readMarginFloor(deps())).toBe(2_000)
  expect((await proposal(markup('19.99 %'))).breaches).toEqual([expect.stringContaining('price under cost and floor')])
  expect((await proposal(markup('20 %'))).breaches).toEqual([])
  await setMarginFloor(deps(), { floor: '0 %', actor: EDITOR })
})

test('a date that is past is refused, as its requests have been priced', async () => {
  const past = new Date(farebox.clock.now() - 1).toISOString()
  for (const change of [markup('300 %', { effectiveFrom: past }), cost('2', '8', { effectiveFrom: past })]) {
    const refused = await propose(change)
    expect(refused).toMatchObject({ ok: false, reason: 'invalid', problems: [{ field: 'effectiveFrom' }] })
    const saved = await savePriceChange(deps(), { change, basedOn: [], idempotencyKey: key(), actor: EDITOR })
    expect(saved).toMatchObject({ ok: false, reason: 'invalid', problems: [{ field: 'effectiveFrom' }] })
  }
})

test('all fields that cannot be read are named at once, with what they should say', async () => {
  const change = cost('1,250', '1e-6', {
    rates: { input: '1,250', output: '1e-6', cacheRead: '' },
    effectiveFrom: 'tomorrow',
  })
  const refused = await propose(change)
  expect(refused).toMatchObject({ ok: false, reason: 'invalid' })
  const fields = !refused.ok && refused.reason === 'invalid' ? refused.problems.map(({ field }) => field) : []
  expect(fields.sort()).toEqual(['effectiveFrom', 'rates.input', 'rates.output'])
  expect(await propose(markup('-5 %'))).toMatchObject({ ok: false, problems: [{ field: 'terms.markup' }] })
  expect(await propose(markup('5 %', { scope: { planId: key(), providerId: key() } }))).toMatchObject({
    problems: [{ field: 'scope' }],
  })
})

test('a rule that is retired prices nothing more, and the next less specific one does', async () => {
  const customer = await farebox.customer()
  const own = markup('400 %', { scope: { accountId: customer.accountId } })
  const { versionId } = await proposeAndSave(deps(), own)
  const charge = async () => chargeOf(await post(farebox, customer.secret, ask('hi')))
  await expect.poll(async () => (await charge()) > 200_000n, PATIENCE).toBe(true)
  const retire: PriceChange = { kind: 'RETIRE_RULE', ruleId: versionId }
  const { lines, rows } = await proposal(retire)
  expect(lines).toEqual([expect.stringMatching(/^- price rule for account customer-.* MARKUP_ON_COST 40000 bps/)])
  expect(rows.every((row) => row.after.operatorRule?.id !== versionId)).toBe(true)
  await proposeAndSave(deps(), retire)
  const table = await marginTable(deps(), { actor: EDITOR, accountId: customer.accountId })
  const row = table.ok ? table.rows.find((each) => each.model === 'priced') : undefined
  expect(row?.operatorRule?.name).toBe('price rule for model priced')
  expect(await propose(retire)).toEqual({ ok: false, reason: 'not_found' })
  const again = await savePriceChange(deps(), {
    change: retire,
    basedOn: [versionId],
    idempotencyKey: key(),
    actor: SECOND_EDITOR,
  })
  expect(again).toMatchObject({ ok: false, reason: 'changed_meanwhile' })
})

test('a scheduled version that is taken back leaves what counts before it', async () => {
  const at = new Date(farebox.clock.now() + 3_600_000)
  const { versionId } = await proposeAndSave(deps(), markup('500 %', { effectiveFrom: at.toISOString() }))
  const termsAt = async () => {
    const table = await marginTable(deps(), { actor: EDITOR, asOf: at })
    const row = table.ok ? table.rows.find((each) => each.model === 'priced') : undefined
    return row?.operatorRule?.terms
  }
  expect(await termsAt()).toBe('MARKUP_ON_COST 50000 bps')
  await proposeAndSave(deps(), { kind: 'RETIRE_RULE', ruleId: versionId })
  expect(await termsAt()).toBe('MARKUP_ON_COST 10000 bps')
})

test('retiring the last rule of a model has to be acknowledged, as nobody could use it any more', async () => {
  const [rule] = await farebox.rows<{ id: string }>(
    `SELECT id FROM price_rule WHERE seller_id IS NULL AND model_id IS NULL AND account_id IS NULL AND retired_at IS NULL`,
  )
  const change: PriceChange = { kind: 'RETIRE_RULE', ruleId: rule!.id }
  const { basedOn, breaches } = await proposal(change)
  expect(breaches).toContain('model doubled via first/upstream-doubled, customers: no price (operator_rule)')
  const refused = await savePriceChange(deps(), { change, basedOn, idempotencyKey: key(), actor: EDITOR })
  expect(refused).toMatchObject({ ok: false, reason: 'under_margin_floor' })
})

test('a reseller changes its own rules and nobody else’s, and hears nothing of costs', async () => {
  const actor = resellerActor(farebox)
  const own = await farebox.customer({ resellerId: farebox.resellerId })
  const direct = await farebox.customer()
  const before = await versions()
  const refused = { ok: false, reason: 'not_found' }
  expect(await propose(cost('1', '4.5'), actor)).toEqual(refused)
  const list: PriceChange = { kind: 'LIST_PRICE', modelId: names.models.priced!, rates: { input: '9', output: '9' } }
  expect(await propose(list, actor)).toEqual(refused)
  expect(await propose(markup('5 %', { sellerId: null }), actor)).toEqual(refused)
  expect(await propose(markup('5 %', { scope: { accountId: direct.accountId } }), actor)).toEqual(refused)
  const [rule] = await farebox.rows<{ id: string }>(
    'SELECT id FROM price_rule WHERE seller_id IS NULL AND retired_at IS NULL LIMIT 1',
  )
  const retire: PriceChange = { kind: 'RETIRE_RULE', ruleId: rule!.id }
  expect(await propose(retire, actor)).toEqual(refused)
  expect(await savePriceChange(deps(), { change: retire, basedOn: [], idempotencyKey: key(), actor })).toEqual(refused)
  expect(await versions()).toEqual(before)

  const change = markup('10 %', { scope: { accountId: own.accountId } })
  const proposed = await proposal(change, actor)
  expect(proposed.rows.length).toBeGreaterThan(0)
  for (const row of proposed.rows) {
    expect(row.after).toMatchObject({ operatorRule: null, isSkipped: null })
    for (const figure of row.after.tiers.flatMap((tier) => tier.figures))
      expect(figure.costNano).toBe(figure.wholesaleNano)
  }
  expect(await proposeAndSave(deps(), change, { actor })).toMatchObject({ ok: true })
  const history = await priceHistory(deps(), { actor })
  expect(history.ok && history.items.map(({ kind, seller }) => [kind, seller])).toEqual(
    history.ok ? history.items.map(() => ['PRICE_RULE', 'reseller']) : [],
  )
  expect(history.ok && history.items[0]).toMatchObject({ actorId: actor.userId, terms: 'MARKUP_ON_COST 1000 bps' })
})

test('a reseller that would sell under its wholesale price is asked for a reason', async () => {
  const actor = resellerActor(farebox)
  const change = markup('-20 %', { allowNegativeMargin: true })
  const { breaches, floorBps } = await proposal(change, actor)
  expect(floorBps).toBe(0)
  expect(breaches).toEqual([expect.stringContaining('customers of reseller: price under wholesale price')])
})

test('the audit log is told inside the transaction: where it fails, nothing was changed', async () => {
  const change = markup('333 %')
  const { basedOn } = await proposal(change)
  const before = await versions()
  const failing = { ...deps(), record: () => Promise.reject(new Error('the audit log is full')) }
  const call = { change, basedOn, idempotencyKey: key(), actor: EDITOR }
  await expect(savePriceChange(failing, call)).rejects.toThrow('the audit log is full')
  expect(await versions()).toEqual(before)
  const acts: Act[] = []
  await savePriceChange({ ...deps(), record: async (_client, act) => void acts.push(act) }, call)
  expect(acts).toMatchObject([
    { action: 'price_rule.create', subjectKind: 'price_rule', after: { markup_bps: 33_300 } },
  ])
})

test('history pages through all versions, newest first, each once', async () => {
  const seen: string[] = []
  let before: { at: Date; id: string } | undefined
  for (let page = 0; page < 100; page++) {
    const found = await priceHistory(deps(), { actor: EDITOR, limit: 3, ...(before && { before }) })
    if (!found.ok) throw new Error('refused')
    seen.push(...found.items.map(({ kind, versionId }) => `${kind === 'RETIRE_RULE'} ${versionId}`))
    if (found.next === null) break
    before = found.next
  }
  const [row] = await farebox.rows<{ count: number }>(
    `SELECT ((SELECT count(*) FROM cost_profile) + (SELECT count(*) FROM list_price) + (SELECT count(*) FROM price_rule)
       + (SELECT count(*) FROM price_change WHERE kind = 'RETIRE_RULE'))::int AS count`,
  )
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBe(row?.count)
})

test('what was saved cannot be changed or deleted', async () => {
  await expect(farebox.rows(`UPDATE price_change SET reason = 'another'`)).rejects.toThrow('append-only')
  await expect(farebox.rows('DELETE FROM price_change')).rejects.toThrow('append-only')
  await expect(farebox.rows('UPDATE price_rule SET markup_bps = 1')).rejects.toThrow('immutable')
  await expect(
    farebox.rows(`UPDATE price_rule SET retired_at = retired_at + interval '1 day' WHERE retired_at IS NOT NULL`),
  ).rejects.toThrow('immutable')
})
