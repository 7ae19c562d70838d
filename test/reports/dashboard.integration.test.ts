import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BusinessScope } from '../../src/reports/dashboard/business-figures.ts'
import { operatorBreakdown, operatorDashboard } from '../../src/reports/dashboard/operator-dashboard.ts'
import { BUSINESS_GROUPS, type BusinessGroup } from '../../src/reports/dashboard/sql/sum-business.ts'
import { allEvents, between, grouped, naiveBusiness, ofScope } from './naive-usage.ts'
import { openReportWorld, periods, type ReportWorld } from './report-world.ts'
import { DAY_MS, HOUR_MS, insertEvents } from './usage-world.ts'

const COLUMNS = { model: 'model', provider: 'provider_id', customer: 'account_id', reseller: 'reseller_id' } as const
const TOP = 3

let world: ReportWorld
beforeAll(async () => {
  world = await openReportWorld()
})
afterAll(() => world.close())

const scopes = (): BusinessScope[] => [
  'operator',
  { resellerId: world.resellers[0] },
  { resellerId: world.resellers[1] },
]
const groupsOf = (scope: BusinessScope) =>
  BUSINESS_GROUPS.filter((group) => scope === 'operator' || group !== 'reseller')

/** All of a dashboard's numbers, computed from every event there is. */
async function expectTrue(scope: BusinessScope, groupBy: BusinessGroup, { from, to }: { from: number; to: number }) {
  const every = ofScope(await allEvents(world.pool), scope)
  const events = between(every, from, to)
  const found = await operatorDashboard(world, { from, to, groupBy, scope, top: TOP })
  expect(found.totals).toEqual(naiveBusiness(events, scope))
  expect(found.before).toEqual({
    ...{ from: from - (to - from), to: from },
    totals: naiveBusiness(between(every, from - (to - from), from), scope),
  })
  const length = found.bucket === 'hour' ? HOUR_MS : DAY_MS
  expect(found.bucket).toBe(to - from <= 2 * DAY_MS ? 'hour' : 'day')
  for (const { at, figures } of found.series) {
    expect(figures).toEqual(naiveBusiness(between(events, at, at + length), scope))
  }
  expect(found.series.reduce((sum, { figures }) => sum + figures.requests, 0n)).toBe(BigInt(events.length))
  const groups = [...grouped(events, COLUMNS[groupBy])]
    .map(([key, own]) => ({ key, figures: naiveBusiness(own, scope) }))
    .sort(
      (left, right) => Number(right.figures.revenueNano - left.figures.revenueNano) || (left.key < right.key ? -1 : 1),
    )
  expect(found.groups.map(({ key, figures }) => ({ key, figures }))).toEqual(groups.slice(0, TOP))
  const others = events.filter((event) => !found.groups.some(({ key }) => grouped([event], COLUMNS[groupBy]).has(key)))
  expect(found.other).toEqual(others.length > 0 ? naiveBusiness(others, scope) : null)
  return groups
}

async function expectAllTrue(seed: number, count: number): Promise<void> {
  for (const period of periods(world.clock.now(), count, seed)) {
    for (const scope of scopes()) {
      for (const groupBy of groupsOf(scope)) await expectTrue(scope, groupBy, period)
    }
  }
}

describe('each number of the dashboard is that of the events', () => {
  test('before anything was summed', async () => {
    await world.addEvents(400, 1)
    await expectAllTrue(1, 4)
  })

  test('once all is summed', async () => {
    await world.rollUp()
    await expectAllTrue(2, 12)
  })

  test('while some is not', async () => {
    const now = world.clock.now()
    const recent = await lateEvents(now)
    await expectAllTrue(3, 8)
    await world.rollUp()
    await expectAllTrue(4, 8)
    expect(recent).toBeGreaterThan(0)
  })

  test('after the database was restored elsewhere, where transactions have other numbers', async () => {
    await world.pool.query(
      `UPDATE setting SET value = value || '{"origin": "elsewhere", "horizon": "3"}' WHERE key = 'usage_rollup.mark'`,
    )
    await expectAllTrue(5, 6)
    await world.rollUp()
    await expectAllTrue(6, 6)
  })

  test('while days are summed one by one', async () => {
    const day = world.clock.now() - (world.clock.now() % DAY_MS) - 20 * DAY_MS
    await world.pool.query(
      `UPDATE setting SET value = value || jsonb_build_object('builtUntil', $1::bigint) WHERE key = 'usage_rollup.mark'`,
      [day],
    )
    // What stands there is of no account any more.
    await world.pool.query('UPDATE usage_rollup SET price_nano = 1 WHERE hour >= $1', [new Date(day)])
    await world.pool.query('UPDATE usage_route_hour SET price_nano = 1 WHERE hour >= $1', [new Date(day)])
    await world.pool.query('UPDATE usage_route_day SET price_nano = 1 WHERE day >= $1', [new Date(day)])
    await world.pool.query('UPDATE usage_account_day SET price_nano = 1 WHERE day >= $1', [new Date(day)])
    await expectAllTrue(7, 6)
  })
})

/** Requests of the last hour, written now. */
async function lateEvents(now: number): Promise<number> {
  const events = Array.from({ length: 60 }, (_, index) => ({
    at: now - index * 60_000,
    accountId: world.customers[index % 5] as string,
    resellerId: [world.resellers[0], world.resellers[0], world.resellers[1], null, null][index % 5] ?? null,
    model: index % 2 ? 'small' : 'new',
    providerId: world.providers[index % 2] as string,
    seed: index,
  }))
  await insertEvents(world.pool, events)
  return events.length
}

describe('the full list', () => {
  test('has each group once, in order, with the figures of the dashboard', async () => {
    const now = world.clock.now()
    const period = { from: now - 30 * DAY_MS, to: now }
    for (const scope of scopes()) {
      for (const groupBy of groupsOf(scope)) {
        const expected = await expectTrue(scope, groupBy, period)
        const found = []
        let cursor: Awaited<ReturnType<typeof operatorBreakdown>>['next'] = null
        do {
          const page = await operatorBreakdown(world, { ...period, scope, groupBy, limit: 2, cursor })
          found.push(...page.groups)
          cursor = page.next
        } while (cursor)
        expect(found.map(({ key, figures }) => ({ key, figures }))).toEqual(expected)
      }
    }
  })

  test('names providers, customers and resellers', async () => {
    const now = world.clock.now()
    const asked = { from: now - 30 * DAY_MS, to: now, scope: 'operator', limit: 50 } as const
    const names = async (groupBy: BusinessGroup) =>
      (await operatorBreakdown(world, { ...asked, groupBy })).groups.map(({ name }) => name).sort()
    expect(await names('provider')).toEqual(['No provider reached', 'Provider first', 'Provider second'])
    expect(await names('customer')).toEqual(world.customers.map((id) => `Customer ${id}`).sort())
    expect(await names('reseller')).toEqual([
      'Direct customers',
      ...world.resellers.map((id) => `Reseller ${id}`).sort(),
    ])
  })
})

describe('a reseller', () => {
  test("sees its own customers, its price and its wholesale price, and nothing of others or of providers' cost", async () => {
    const now = world.clock.now()
    const [own, other] = world.resellers
    const scope = { resellerId: own }
    const asked = { from: now - 30 * DAY_MS, to: now, scope }
    const found = await operatorDashboard(world, { ...asked, groupBy: 'customer', top: 50 })
    expect(new Set(found.groups.map(({ key }) => key))).toEqual(new Set(world.customers.slice(0, 2)))
    const events = between(ofScope(await allEvents(world.pool), scope), asked.from, asked.to)
    const sum = (column: string) => events.reduce((total, event) => total + BigInt(event[column] as string), 0n)
    expect(found.totals.revenueNano).toBe(sum('price_nano'))
    expect(found.totals.costNano).toBe(sum('wholesale_nano'))
    const said = JSON.stringify(found, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))
    for (const id of [other, ...world.customers.slice(2)]) expect(said).not.toContain(id)
    expect(said).not.toContain(`"${sum('cost_nano')}"`)
  })

  test('cannot ask for resellers, nor pass for the direct customers', async () => {
    const asked = { from: world.clock.now() - DAY_MS, to: world.clock.now() }
    await expect(
      operatorDashboard(world, { ...asked, groupBy: 'reseller', scope: { resellerId: world.resellers[0] } }),
    ).rejects.toMatchObject({ code: 'invalid_request', field: 'groupBy' })
    await expect(
      operatorDashboard(world, {
        ...asked,
        groupBy: 'model',
        scope: { resellerId: '00000000-0000-0000-0000-000000000000' },
      }),
    ).rejects.toMatchObject({ code: 'invalid_request', field: expect.stringContaining('scope') })
  })
})

describe('a period', () => {
  test.each([
    ['that ends before it begins', { from: 2, to: 1 }, 'to'],
    ['that is empty', { from: 2, to: 2 }, 'to'],
    ['of more than 366 days', { from: 0, to: 367 }, 'to'],
  ])('%s is refused by the name of the field', async (_what, { from, to }, field) => {
    const now = world.clock.now()
    const asked = { from: now + from * DAY_MS, to: now + to * DAY_MS, groupBy: 'model', scope: 'operator' } as const
    await expect(operatorDashboard(world, asked)).rejects.toMatchObject({ code: 'invalid_request', field })
  })
})
