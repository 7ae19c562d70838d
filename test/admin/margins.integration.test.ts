import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { routeDetail } from '../../src/admin/pages/margins/margins-detail.ts'
import type { marginsPage } from '../../src/admin/pages/margins/margins-table.ts'
import type { SimulationSummary } from '../../src/admin/pages/margins/simulation-summary.ts'
import { simulate } from '../../src/margins/simulate.ts'
import { depsOf, EDITOR, type Names, namesOf } from '../margins/margins-world.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type AdminWorld, member, staff, startAdminWorld } from './admin-world.ts'
import { bodyOf, type Written } from './written.ts'

type Table = Extract<Awaited<ReturnType<typeof marginsPage>>, { ok: true }>
type Detail = Extract<Awaited<ReturnType<typeof routeDetail>>, { ok: true }>
type LastLine = {
  simulation: SimulationSummary
  refusal: { problems: { field: string }[] }
}
/** Of any of the answers, what this file looks at. */
interface Answer {
  reason: string
  changeId: string
  versionId: string
  basedOn: string[]
  breaches: string[]
  problems: { field: string }[]
}

let farebox: Farebox
let admin: AdminWorld
let names: Names
const FINANCE = randomUUID()

beforeAll(async () => {
  farebox = await startFarebox()
  admin = await startAdminWorld({ database: farebox.database, clock: farebox.clock })
  names = await namesOf(farebox)
  const other = randomUUID()
  admin.enter('admin', staff('ADMIN', randomUUID()))
  admin.enter('finance', staff('FINANCE', FINANCE))
  admin.enter('support', staff('SUPPORT', randomUUID()))
  for (const role of ['OWNER', 'BILLING', 'DEVELOPER', 'VIEWER'] as const) {
    admin.enter(role.toLowerCase(), member(role, farebox.resellerId, randomUUID()))
  }
  admin.enter('stranger-owner', member('OWNER', other, randomUUID()))
  const direct = await farebox.customer()
  const sold = await farebox.customer({ resellerId: farebox.resellerId })
  await farebox.credit(farebox.resellerId, 5_000_000_000n)
  for (const { client } of [direct, sold, direct]) {
    await client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello there' }] })
  }
}, 240_000)
afterAll(async () => {
  await admin.close()
  await farebox.close()
})

const rule = (markup: string, more: object = {}) => ({
  ...{ kind: 'PRICE_RULE', scope: { modelId: names.models.priced }, terms: { kind: 'MARKUP_ON_COST', markup } },
  ...more,
})
const cost = (input: string) => ({
  ...{ kind: 'COST_PROFILE', providerId: names.providers.second, upstreamModel: 'upstream-doubled' },
  rates: { input, output: '4' },
})
const post = async (visitor: string, path: string, body: unknown, headers = {}) => {
  const response = await admin.post(visitor, `/admin/data/margins/${path}`, body, headers)
  return { status: response.status, body: await bodyOf<Answer>(response) }
}
const propose = (visitor: string, change: unknown) => post(visitor, 'proposals', { change })
const save = async (visitor: string, change: unknown, more: object = {}) => {
  const { body } = await propose(visitor, change)
  return post(visitor, 'changes', { change, basedOn: body.basedOn ?? [], idempotencyKey: randomUUID(), ...more })
}
const acts = (action: string) =>
  farebox.rows<{ outcome: string; actor_id: string; account_id: string | null; reason: string; content: string }>(
    'SELECT outcome, actor_id, account_id, reason, content FROM audit_entry WHERE action = $1 ORDER BY seq',
    action,
  )
const table = async (visitor: string) => bodyOf<Table>(await admin.get(visitor, '/admin/data/margins'))
const versions = async () => (await farebox.rows('SELECT id FROM price_rule UNION SELECT id FROM cost_profile')).length

describe('the table', () => {
  test('tells the operator what providers charge, and a reseller its wholesale price in its stead', async () => {
    const [operator, reseller] = (await Promise.all(['support', 'viewer'].map((visitor) => table(visitor)))) as [
      Written<Table>,
      Written<Table>,
    ]
    const input = (view: Written<Table>) =>
      view.rows.find(({ model }) => model === 'priced')?.tiers[0]?.figures.find(({ kind }) => kind === 'input')
    expect(input(operator)).toMatchObject({ costNano: '1000000000', wholesaleNano: '2050000000', marginBps: 5122 })
    expect(input(reseller)).toMatchObject({
      costNano: '2050000000',
      wholesaleNano: '2050000000',
      priceNano: '3125000000',
    })
    expect(reseller.rows[0]?.versions).not.toHaveProperty('costProfileId')
    // What output and cached input cost the operator.
    for (const nano of ['4000000000', '250000000']) {
      expect(JSON.stringify(operator)).toContain(`"${nano}"`)
      expect(JSON.stringify(reseller)).not.toContain(`"${nano}"`)
    }
    expect([operator.mayChangePrices, operator.mayChangeCosts, reseller.mayChangePrices]).toEqual([false, false, false])
  })

  test('has a page for each row, with its waterfall, its past with who and why, and what a change begins with', async () => {
    const { rows } = await table('finance')
    const routeId = rows.find(({ model }) => model === 'priced')?.routeId
    const detail = await bodyOf<Detail>(await admin.get('finance', `/admin/data/margins/routes/${routeId}`))
    expect(detail.fees).toEqual({ operatorFeeNano: '50000000', sellerFeeNano: null })
    expect(detail.current.cost).toMatchObject({ input: '1', output: '4', cacheRead: '0.25' })
    expect(detail.current.rule?.terms).toEqual({ kind: 'MARKUP_ON_COST', markup: '100 %' })
    expect(new Set(detail.story.map(({ kind }) => kind))).toEqual(new Set(['COST_PROFILE', 'LIST_PRICE', 'PRICE_RULE']))
    const own = await bodyOf<Detail>(await admin.get('owner', `/admin/data/margins/routes/${routeId}`))
    expect(own.current).toMatchObject({ cost: null, list: null, rule: { terms: { markup: '50 %' } } })
    expect(own.fees.operatorFeeNano).toBeNull()
    expect(own.story.map(({ seller }) => seller)).toEqual(['reseller'])
    expect((await admin.get('finance', `/admin/data/margins/routes/${randomUUID()}`)).status).toBe(404)
  })

  test('names the field of a day or an account that cannot be', async () => {
    const refused = await admin.get('finance', '/admin/data/margins?asOf=yesterday')
    expect([refused.status, (await bodyOf<Answer>(refused)).problems[0]?.field]).toEqual([422, 'asOf'])
    const others = (await farebox.customer()).accountId
    expect((await admin.get('owner', `/admin/data/margins?account=${others}`)).status).toBe(404)
  })
})

describe('a change', () => {
  test('is looked at, tried and saved by who may, and by nobody else; each refusal is written down', async () => {
    const allowed = (visitor: string, change: unknown) => propose(visitor, change).then(({ status }) => status)
    const prices: Record<string, number> = {}
    const costs: Record<string, number> = {}
    for (const visitor of ['admin', 'finance', 'support', 'owner', 'billing', 'developer', 'viewer']) {
      prices[visitor] = await allowed(visitor, rule('77 %'))
      costs[visitor] = await allowed(visitor, cost('1.5'))
    }
    const refused = { support: 403, billing: 403, developer: 403, viewer: 403 }
    expect(prices).toEqual({ admin: 200, finance: 200, owner: 200, ...refused })
    expect(costs).toEqual({ admin: 200, finance: 200, owner: 403, ...refused })
    const before = await versions()
    for (const visitor of Object.keys(refused)) {
      expect((await save(visitor, rule('77 %'))).status).toBe(403)
      const tried = await post(visitor, 'simulations', { changes: [rule('77 %')], days: 7 })
      expect(tried.status).toBe(403)
    }
    expect(await versions()).toBe(before)
    const written = [
      ...(await acts('prices.propose')),
      ...(await acts('prices.change')),
      ...(await acts('prices.simulate')),
    ]
    expect(written.every(({ outcome }) => outcome === 'REFUSED')).toBe(true)
    // Nine looked, and of those who may not, four each then saved (looking again before) and tried.
    expect(written.length).toBe(9 + 4 * 3)
  })

  test('is saved once with its audit row, however often it is sent', async () => {
    const change = rule('110 %')
    const { body: proposed } = await propose('finance', change)
    const sent = { change, basedOn: proposed.basedOn, idempotencyKey: randomUUID() }
    const [first, second] = await Promise.all([post('finance', 'changes', sent), post('finance', 'changes', sent)])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(first.body.changeId).toBe(second.body.changeId)
    const written = await acts('price_rule.create')
    expect(written.map(({ outcome, actor_id }) => [outcome, actor_id])).toEqual([['DONE', FINANCE]])
    expect(JSON.parse(written[0]?.content ?? '')).toMatchObject({
      subjectId: first.body.versionId,
      after: { markup_bps: 11_000 },
    })
    expect(await farebox.verify()).toContain('clean')
  })

  test('that another site sends, or that comes from nowhere, changes nothing', async () => {
    const before = await versions()
    const change = rule('120 %')
    const sent = { change, basedOn: [], idempotencyKey: randomUUID() }
    for (const headers of [{ origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      expect((await post('finance', 'changes', sent, headers)).status).toBe(403)
    }
    expect(await versions()).toBe(before)
  })

  test('on a price that somebody else has changed since is refused', async () => {
    const change = rule('130 %')
    const { body } = await propose('finance', change)
    expect((await save('admin', rule('131 %'))).status).toBe(200)
    const late = await post('finance', 'changes', { change, basedOn: body.basedOn, idempotencyKey: randomUUID() })
    expect([late.status, late.body.reason]).toEqual([409, 'changed_meanwhile'])
  })

  test('under the floor is refused unless it is meant, with a reason that is kept', async () => {
    const change = cost('9')
    const { body } = await propose('finance', change)
    expect(body.breaches.length).toBe(0)
    const under = rule('-50 %', { allowNegativeMargin: true })
    const refused = await save('finance', under)
    expect([refused.status, refused.body.reason]).toEqual([409, 'under_margin_floor'])
    const short = await save('finance', under, { reason: 'because' })
    expect([short.status, short.body.reason]).toEqual([422, 'invalid'])
    const saved = await save('finance', under, { reason: 'Launch offer until Friday' })
    expect(saved.status).toBe(200)
    expect((await acts('price_rule.create')).at(-1)?.reason).toBe('Launch offer until Friday')
    const { rows } = await table('finance')
    const row = rows.find(({ model }) => model === 'priced')
    expect([row?.underFloor === null, row?.isNegative]).toEqual([false, true])
    expect((await save('finance', rule('100 %'))).status).toBe(200)
  })

  test('of a reseller is of its own rules alone, and in its own audit log', async () => {
    const saved = await save('owner', rule('60 %'))
    expect(saved.status).toBe(200)
    expect((await acts('price_rule.create')).at(-1)).toMatchObject({ account_id: farebox.resellerId })
    const [operators] = await farebox.rows<{ id: string }>(
      'SELECT id FROM price_rule WHERE seller_id IS NULL AND retired_at IS NULL LIMIT 1',
    )
    for (const visitor of ['owner', 'stranger-owner']) {
      const ended = await propose(visitor, { kind: 'RETIRE_RULE', ruleId: operators?.id })
      expect([visitor, ended.status]).toEqual([visitor, 404])
    }
    const others = await propose('stranger-owner', rule('60 %', { sellerId: farebox.resellerId }))
    expect(others.status).toBe(404)
  })
})

describe('a simulation', () => {
  const run = (visitor: string, body: unknown, signal?: AbortSignal) =>
    fetch(`${admin.url}/admin/data/margins/simulations`, {
      method: 'POST',
      headers: { cookie: `visitor=${visitor}`, origin: admin.url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    })
  const lastLine = async (response: Response): Promise<Written<LastLine>> =>
    JSON.parse((await response.text()).trim().split('\n').at(-1) ?? '')

  test('says what the use case says, line by line', async () => {
    const change = rule('200 %')
    const { simulation } = await lastLine(await run('finance', { changes: [change], days: 7 }))
    const found = await simulate(depsOf(farebox), { changes: [change as never], days: 7, actor: EDITOR })
    if (!found.ok) throw new Error(found.reason)
    expect(simulation.total).toEqual(
      JSON.parse(JSON.stringify(found.total, (_name, each) => (typeof each === 'bigint' ? each.toString() : each))),
    )
    expect(simulation.total.before.requests).toBe('3')
    expect(BigInt(simulation.total.after.marginNano)).toBeGreaterThan(BigInt(simulation.total.before.marginNano))
    const sums = simulation.models.rows.reduce((all, row) => all + BigInt(row.after.revenueNano), 0n)
    expect(String(sums)).toBe(simulation.total.after.revenueNano)
  })

  test('of a reseller is of its customers, with wholesale as cost', async () => {
    const { simulation } = await lastLine(await run('owner', { changes: [rule('90 %')], days: 7 }))
    const [sold] = await farebox.rows<{ wholesale: string; price: string }>(
      'SELECT sum(wholesale_nano) AS wholesale, sum(price_nano) AS price FROM usage_event WHERE reseller_id = $1',
      farebox.resellerId,
    )
    expect(simulation.total.before).toMatchObject({ costNano: sold?.wholesale, revenueNano: sold?.price })
    const hidden = await lastLine(await run('stranger-owner', { changes: [], days: 7 }))
    expect(hidden.simulation.total.before.requests).toBe('0')
  })

  test('is refused where the question cannot be', async () => {
    const wrong = await run('finance', { changes: [rule('much')], days: 7 })
    expect((await lastLine(wrong)).refusal.problems[0]?.field).toBe('changes.0.terms.markup')
    expect((await run('finance', { changes: [], days: 8 })).status).toBe(422)
  })

  test('ends where whoever asked goes away, and others wait for their turn', async () => {
    const blocker = await farebox.pool.connect()
    await blocker.query('BEGIN')
    await blocker.query('LOCK TABLE usage_event IN ACCESS EXCLUSIVE MODE')
    const working = () =>
      farebox.rows(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'farebox simulation' AND state = 'active' AND datname = current_database()`,
      )
    try {
      const controllers = [new AbortController(), new AbortController()]
      const asked = controllers.map(({ signal }) => run('finance', { changes: [], days: 7 }, signal))
      await Promise.all(asked)
      await expect.poll(async () => (await working()).length, PATIENCE).toBe(2)
      expect((await run('admin', { changes: [], days: 7 })).status).toBe(429)
      for (const controller of controllers) controller.abort()
      await expect.poll(async () => (await working()).length, PATIENCE).toBe(0)
    } finally {
      await blocker.query('ROLLBACK')
      blocker.release()
    }
    await expect.poll(async () => (await run('admin', { changes: [], days: 7 })).status, PATIENCE).toBe(200)
  })
})
