import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { dashboardGroups, dashboardPage } from '../../src/admin/pages/dashboard/dashboard-page.ts'
import { NANO_PER_CENT, parseDecimalNano } from '../../src/money/nano.ts'
import type { BusinessScope } from '../../src/reports/dashboard/business-figures.ts'
import { allEvents, between, grouped, naiveBusiness, ofScope, type StoredEvent } from '../reports/naive-usage.ts'
import { DAY_MS, HOUR_MS } from '../reports/usage-world.ts'
import { type DashboardWorld, listed, openDashboardWorld } from './dashboard-world.ts'
import { bodyOf, type Written } from './written.ts'

type View = Awaited<ReturnType<typeof dashboardPage>>
type Groups = Awaited<ReturnType<typeof dashboardGroups>>
type Refused = { field: string }

let world: DashboardWorld
let events: StoredEvent[]
beforeAll(async () => {
  world = await openDashboardWorld(7)
  events = await allEvents(world.report.pool)
}, 240_000)
afterAll(() => world.close())

const scopeOf = (visitor: string): BusinessScope =>
  visitor === 'finance' ? 'operator' : { resellerId: world.report.resellers[Number(visitor.slice(-1))] as string }
const VISITORS = ['finance', 'reseller-0', 'reseller-1']

async function read(visitor: string, query = '') {
  const response = await world.admin.get(visitor, `/admin/data/dashboard${query}`)
  expect(response.status).toBe(200)
  return bodyOf<View>(response)
}

/** As the page writes them: every bigint as digits. */
const written = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_name, each) => (typeof each === 'bigint' ? each.toString() : each)))
const inPeriod = (visitor: string, { from, to }: { from: number; to: number }) =>
  ofScope(between(events, from, to), scopeOf(visitor))

const COLUMN = { model: 'model', provider: 'provider_id', customer: 'account_id', reseller: 'reseller_id' } as const
const groupsOf = (visitor: string) =>
  visitor === 'finance' ? (['model', 'provider', 'customer', 'reseller'] as const) : (['model', 'customer'] as const)

describe.each(VISITORS)('the dashboard of %s', (visitor) => {
  test.each(['today', '7d', '30d', '90d', 'month', 'last-month'])(
    'says of %s exactly what the requests come to one by one',
    async (range) => {
      const view = await read(visitor, `?range=${range}`)
      const scope = scopeOf(visitor)
      const expected = written(naiveBusiness(inPeriod(visitor, view.period), scope))
      const before = written(naiveBusiness(inPeriod(visitor, view.before), scope))
      expect(view.totals).toEqual(expected)
      expect(view.before.to).toBe(view.period.from)
      expect(view.before.to - view.before.from).toBe(view.period.to - view.period.from)
      const names = { revenue: 'revenueNano', cost: 'costNano', margin: 'marginNano', requests: 'requests' }
      for (const [id, name] of Object.entries({ ...names, tokens: 'tokens', resellerMargin: 'resellerMarginNano' })) {
        const card = view.cards.find((each) => each.id === id)
        if (visitor !== 'finance' && id === 'resellerMargin') expect(card).toBeUndefined()
        else expect([id, card?.value, card?.before]).toEqual([id, expected[name], before[name]])
      }
      const margin = view.cards.find(({ id }) => id === 'margin')
      expect(margin?.shareBps).toBe(expected.marginBps)
    },
  )

  test('draws a course whose points are those of the requests', async () => {
    for (const range of ['today', '30d']) {
      const view = await read(visitor, `?range=${range}`)
      const length = view.bucket === 'hour' ? HOUR_MS : DAY_MS
      expect(view.series.length).toBe(Math.ceil((view.period.to - view.period.from) / length))
      for (const { at, figures } of view.series) {
        const found = inPeriod(visitor, { from: at, to: Math.min(at + length, view.period.to) })
        expect(figures).toEqual(written(naiveBusiness(found, scopeOf(visitor))))
      }
    }
  })

  test('splits the figures by groups, which come to the same, with the rest as Other and one by one', async () => {
    for (const by of groupsOf(visitor)) {
      const view = await read(visitor, `?range=90d&by=${by}`)
      const expected = grouped(inPeriod(visitor, view.period), COLUMN[by])
      expect(view.groups.length).toBe(Math.min(expected.size, 8))
      expect(view.other === null).toBe(expected.size <= 8)
      for (const { key, figures } of view.groups) {
        expect(figures).toEqual(written(naiveBusiness(expected.get(key) ?? [], scopeOf(visitor))))
      }
      const all = await world.admin.get(visitor, `/admin/data/dashboard/groups?range=90d&by=${by}`)
      const { groups, next } = await bodyOf<Groups>(all)
      expect(next).toBeNull()
      expect(new Set(groups.map(({ key }) => key))).toEqual(new Set(expected.keys()))
    }
  })

  test('leads from each group and each card to the rows that come to its figures', async () => {
    const [revenue, cost] = visitor === 'finance' ? ['revenue', 'cost'] : ['price', 'wholesale']
    const agrees = async (href: string, figures: Written<View['totals']>) => {
      const rows = await listed(world.admin, visitor, href)
      const sum = (name: string) => rows.reduce((total, row) => total + parseDecimalNano(row[name] as string), 0n)
      expect([String(rows.length), String(sum(revenue as string)), String(sum(cost as string))]).toEqual([
        figures.requests,
        figures.revenueNano,
        figures.costNano,
      ])
    }
    for (const by of groupsOf(visitor)) {
      const view = await read(visitor, `?range=30d&by=${by}`)
      await agrees(view.href, view.totals)
      for (const { href, figures } of view.groups) await agrees(href, figures)
    }
  })

  test('leads from each number of the pulse to the rows that come to it', async () => {
    const { pulse } = await read(visitor)
    const money: Record<string, string> = {
      ...{ requests: visitor === 'finance' ? 'revenue' : 'price', ordersToApprove: 'received', openDisputes: 'amount' },
      ...{ failingTopUps: 'amount', suspendedTopUps: 'amount', failedAttempts: 'cost' },
      ...{ deferredRevenue: 'remaining', promotionalCredit: 'remaining', expiringCredit: 'remaining' },
      adjustmentsToApprove: 'amount',
    }
    let compared = 0
    for (const { id, href, count, amount, unit } of pulse.rows) {
      const rows = await listed(world.admin, visitor, href)
      expect([id, String(rows.length)]).toEqual([id, count])
      const column = money[id]
      if (amount === null || column === undefined) continue
      const nano = rows.reduce((total, row) => total + parseDecimalNano(row[column] as string), 0n)
      expect([id, String(unit === 'nano' ? nano : nano / NANO_PER_CENT)]).toEqual([id, amount])
      compared += count === '0' ? 0 : 1
    }
    expect(compared).toBeGreaterThanOrEqual(6)
    expect(pulse.losing.length).toBeGreaterThan(0)
    for (const { href, requests } of pulse.losing) {
      expect(String((await listed(world.admin, visitor, href)).length)).toBe(requests)
    }
  })
})

describe('who sees what', () => {
  test('a reseller is told of no provider, no cost of one and no other reseller, whatever it asks for', async () => {
    for (const visitor of ['reseller-0', 'viewer-0']) {
      const text = JSON.stringify(await read(visitor, '?range=90d'))
      expect(text).not.toContain('Provider')
      expect(text).not.toContain('failedAttempts')
      for (const id of [...world.report.providers, ...world.report.routes, world.report.resellers[1]]) {
        expect(text).not.toContain(id)
      }
      for (const by of ['provider', 'reseller']) {
        for (const path of ['dashboard', 'dashboard/groups']) {
          const refused = await world.admin.get(visitor, `/admin/data/${path}?by=${by}`)
          expect([refused.status, (await bodyOf<Refused>(refused)).field]).toEqual([400, 'by'])
        }
      }
    }
  })

  test('staff for support see the figures, and nobody sees any who is not signed in', async () => {
    expect((await read('support')).totals).toEqual((await read('finance')).totals)
    expect((await world.admin.get('stranger', '/admin/data/dashboard')).status).toBe(401)
  })
})

describe('a period', () => {
  test('of one’s own choice is of whole days of UTC, and ends after its last one', async () => {
    const day = (at: number) => new Date(at).toISOString().slice(0, 10)
    const now = world.report.clock.now()
    const view = await read('finance', `?range=custom&from=${day(now - 20 * DAY_MS)}&to=${day(now - 10 * DAY_MS)}`)
    expect(view.period.to - view.period.from).toBe(11 * DAY_MS)
    expect(view.totals).toEqual(written(naiveBusiness(inPeriod('finance', view.period), 'operator')))
  })

  test.each([
    ['?range=never', 'range'],
    ['?range=custom', 'from'],
    ['?range=custom&from=2026-02-30&to=2026-03-01', 'from'],
    ['?range=custom&from=2024-01-01&to=2026-01-01', 'to'],
    ['?by=everything', 'by'],
  ])('that cannot be (%s) is refused by the name of the field', async (query, field) => {
    const response = await world.admin.get('finance', `/admin/data/dashboard${query}`)
    expect([response.status, (await bodyOf<Refused>(response)).field]).toEqual([400, field])
  })
})
