import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { BusinessScope } from '../../src/reports/dashboard/business-figures.ts'
import { sumRows } from '../../src/reports/dashboard/listed.ts'
import { operatorPulse, type PulseFigure } from '../../src/reports/dashboard/operator-pulse.ts'
import { creditOf } from '../ledger/ledger-fixture.ts'
import { allEvents, between, grouped, naiveBusiness, ofScope } from './naive-usage.ts'
import { openReportWorld, type ReportWorld } from './report-world.ts'
import { DAY_MS } from './usage-world.ts'

let world: ReportWorld
beforeAll(async () => {
  world = await openReportWorld()
  await world.addEvents(600, 42)
  await world.rollUp()
  await seedMoney()
}, 60_000)
afterAll(() => world.close())

const scopes = (): BusinessScope[] => [
  'operator',
  { resellerId: world.resellers[0] },
  { resellerId: world.resellers[1] },
]
const isOf = (scope: BusinessScope, accountId: string) =>
  scope === 'operator' ||
  [world.customers.slice(0, 2), world.customers.slice(2, 3)][world.resellers.indexOf(scope.resellerId)]?.includes(
    accountId,
  )

/** Lots of every kind, orders, top-ups and disputes of every customer, each with amounts of its own. */
async function seedMoney(): Promise<void> {
  const { pool, clock, ledger } = world
  const now = clock.now()
  let amount = 1_000_000n
  const next = () => {
    amount += 1_234_567n
    return amount
  }
  for (const accountId of world.customers) {
    await ledger.credit(creditOf(accountId, next(), clock, now + 5 * DAY_MS))
    await ledger.credit({ ...creditOf(accountId, next(), clock), kind: 'PURCHASE' })
    await ledger.credit({ ...creditOf(accountId, next(), clock, now + 29 * DAY_MS), kind: 'AUTO_TOP_UP' })
    await ledger.credit({
      ...creditOf(accountId, next(), clock, now + 31 * DAY_MS),
      kind: 'PURCHASE',
      promotional: true,
    })
    const order = async (kind: string, state: string, received: bigint) => {
      const id = uuidV7(clock)
      await pool.query(
        `INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano, received_minor, created_at, closed_at)
         VALUES ($1::uuid, $1::text, $2, $3::order_kind, $4, (CASE WHEN $3 = 'MANUAL' THEN 'BANK' ELSE 'STRIPE' END)::payment_provider, true, 'USD', 500, 500, 5000000000, $5, now(), now())`,
        [id, accountId, kind, state, received],
      )
      return id
    }
    await order('MANUAL', 'AWAITING_PAYMENT', next())
    await order('MANUAL', 'AWAITING_PAYMENT', 0n)
    await order('MANUAL', 'EXPIRED', next())
    const contested = await order('CHECKOUT', 'FAILED', 0n)
    for (const state of ['INQUIRY', 'OPEN', 'WON']) {
      await pool.query(
        `INSERT INTO dispute (id, order_id, account_id, provider_dispute_id, state, currency, amount_minor, reason, opened_at, closed_at)
         VALUES ($1::uuid, $2, $3, $1::text, $4::dispute_state, 'USD', $5, 'test', now(), CASE WHEN $4 = 'WON' THEN now() END)`,
        [uuidV7(clock), contested, accountId, state, next()],
      )
    }
  }
  for (const [index, accountId] of world.customers.entries()) {
    const consent = uuidV7(clock)
    await pool.query(
      `INSERT INTO top_up_consent (id, account_id, actor_id, actor_kind, text_version, currency, threshold_nano, amount_minor, payment_method_id, created_at)
       VALUES ($1, $2, $2, 'user', '1', 'USD', 1, 500, 'pm', now())`,
      [consent, accountId],
    )
    await pool.query(
      `INSERT INTO auto_top_up (account_id, enabled, currency, threshold_nano, amount_minor, payment_method_id, consent_id, failures, suspended_at, suspended_reason, updated_at)
       VALUES ($1, true, 'USD', 1, $2, 'pm', $3, $4, $5, $6, now())`,
      [accountId, 500 + index, consent, index % 3, index % 2 ? new Date(now) : null, index % 2 ? 'declined' : null],
    )
  }
  const events = await allEvents(pool)
  for (const [index, event] of events.entries()) {
    if (index % 4) continue
    await pool.query(
      `INSERT INTO route_attempt (request_id, ordinal, route_id, provider_id, error_code, latency_ms, cost_nano, created_at)
       VALUES ($1, 1, $2, $3, 'timeout', 5, $4, $5)`,
      [event.id, world.routes[0], world.providers[0], index * 7, event.created_at],
    )
  }
}

type Stored = Record<string, unknown> & { account_id: string }
async function rowsOf(table: string): Promise<Stored[]> {
  return (await world.pool.query(`SELECT * FROM ${table}`)).rows
}
const sum = (rows: readonly Stored[], column: string) =>
  rows.reduce((total, row) => total + BigInt(row[column] as string), 0n)

describe.each([0, 1, 2])('the pulse of scope %i', (place) => {
  test('has each figure as all rows say it, and each agrees with the rows that it links to', async () => {
    const scope = scopes()[place] as BusinessScope
    const now = world.clock.now()
    const pulse = await operatorPulse(world, scope)
    const own = async (table: string, condition: (row: Stored) => boolean) =>
      (await rowsOf(table)).filter((row) => isOf(scope, row.account_id) && condition(row))
    const isUnpaid = (row: Stored) => row.promotional === true || row.source_kind === 'GRANT'
    const time = (value: unknown) => (value as Date | null)?.getTime() ?? Number.NaN
    const expected: Record<string, [Stored[], string]> = {
      ordersToApprove: [
        await own('payment_order', (row) => row.kind === 'MANUAL' && BigInt(row.received_minor as string) > 0n),
        'received_minor',
      ],
      failingTopUps: [
        await own('auto_top_up', (row) => Number(row.failures) > 0 && row.suspended_at === null),
        'amount_minor',
      ],
      suspendedTopUps: [await own('auto_top_up', (row) => row.suspended_at !== null), 'amount_minor'],
      deferredRevenue: [await own('credit_lot', (row) => !isUnpaid(row)), 'remaining_nano'],
      promotionalCredit: [await own('credit_lot', isUnpaid), 'remaining_nano'],
      expiringCredit: [await own('credit_lot', (row) => time(row.expires_at) < now + 30 * DAY_MS), 'remaining_nano'],
      openDisputes: [await own('dispute', (row) => row.state === 'OPEN' || row.state === 'INQUIRY'), 'amount_minor'],
    }
    for (const [name, [rows, column]] of Object.entries(expected)) {
      const figure = pulse[name as 'openDisputes']
      expect([name, figure.count, figure.amount]).toEqual([name, BigInt(rows.length), sum(rows, column)])
    }
    const figures = Object.values(pulse).filter(
      (value): value is PulseFigure => typeof value === 'object' && value !== null && 'list' in value,
    )
    expect(figures.length).toBeGreaterThanOrEqual(10)
    for (const { list, count, amount } of figures) {
      expect(await sumRows(world.pool, list, scope)).toEqual({ rows: count, amount })
    }
  })

  test('tells of today, of its errors, and of what loses money, as the events do', async () => {
    const scope = scopes()[place] as BusinessScope
    const now = world.clock.now()
    const pulse = await operatorPulse(world, scope)
    const events = ofScope(await allEvents(world.pool), scope)
    const today = naiveBusiness(between(events, pulse.today, pulse.today + DAY_MS), scope)
    expect(pulse.requests).toMatchObject({ count: today.requests, amount: today.revenueNano })
    expect(pulse.errors.count).toBe(today.errors)
    const recent = between(events, now + 1 - 7 * DAY_MS, now + 1)
    const key = scope === 'operator' ? 'route_id' : 'model'
    const losses = [...grouped(recent, key).values()]
      .flatMap((ofKey) =>
        scope === 'operator'
          ? [...grouped(ofKey, 'model').values()].flatMap((one) => [...grouped(one, 'provider_id').values()])
          : [ofKey],
      )
      .map((one) => naiveBusiness(one, scope))
      .filter(({ marginNano }) => marginNano < 0n)
    expect(new Set(pulse.losing.map(({ figures }) => figures.marginNano))).toEqual(
      new Set(losses.map(({ marginNano }) => marginNano)),
    )
    expect(pulse.losing.length).toBe(losses.length)
    for (const { list, figures } of pulse.losing) {
      const rows = await sumRows(world.pool, list, scope)
      expect(rows).toEqual({ rows: figures.requests, amount: figures.revenueNano })
    }
  })
})

test('deferred revenue and promotional credit are those of the general ledger', async () => {
  const pulse = await operatorPulse(world, 'operator')
  const { rows } = await world.pool.query(
    `SELECT sum(credit_nano - debit_nano) AS nano FROM journal_line WHERE account_code IN ('2000', '2100')`,
  )
  expect(pulse.deferredRevenue.amount + pulse.promotionalCredit.amount).toBe(BigInt(rows[0].nano))
})

test('a reseller is told nothing of what providers cost', async () => {
  const pulse = await operatorPulse(world, { resellerId: world.resellers[0] })
  expect(pulse.failedAttempts).toBeNull()
  for (const { routeId, providerId } of pulse.losing) expect([routeId, providerId]).toEqual([null, null])
  const attempts = { resource: 'routeAttempt', filters: {} } as const
  expect(await sumRows(world.pool, attempts, { resellerId: world.resellers[0] })).toEqual({ rows: 0n, amount: 0n })
})

test('a filter that does not exist is refused, so that nothing is listed for it', async () => {
  await expect(
    sumRows(world.pool, { resource: 'dispute', filters: { constructor: true } }, 'operator'),
  ).rejects.toThrow(RangeError)
})
