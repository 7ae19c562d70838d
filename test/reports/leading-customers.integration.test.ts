import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorBreakdown, operatorDashboard } from '../../src/reports/dashboard/operator-dashboard.ts'
import { recomputeRollup } from '../../src/reports/usage-rollup.ts'
import { allEvents, between, grouped, naiveBusiness } from './naive-usage.ts'
import { openReportWorld, type ReportWorld } from './report-world.ts'
import { DAY_MS, HOUR_MS, insertEvents, type TestEvent } from './usage-world.ts'

/** More than the head of any day's list shows. */
const CUSTOMERS = 240
const DAYS = 5
const MINUTE_MS = 60_000

let world: ReportWorld
beforeAll(async () => {
  world = await openReportWorld()
})
afterAll(() => world.close())

const accountOf = (index: number) => `01900000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`

/** Every customer's requests, each day at another hour; `seedOf` says how much they are worth. */
function events(seedOf: (index: number, day: number) => number): TestEvent[] {
  const now = world.clock.now()
  return Array.from({ length: CUSTOMERS * DAYS }, (_, place): TestEvent => {
    const [index, day] = [place % CUSTOMERS, Math.floor(place / CUSTOMERS)]
    const resellerId = [null, ...world.resellers][(index + day) % 3] ?? null
    return {
      at: now - day * DAY_MS - ((index * 7) % 24) * HOUR_MS,
      accountId: accountOf(index),
      resellerId,
      seed: seedOf(index, day),
      // Whoever only fails brings nothing, and is in the list all the same.
      status: index % 50 === 7 ? 'FAILED' : 'COMPLETED',
    }
  })
}

/** What is written with a date long past is summed by its days. */
async function sumAll(): Promise<void> {
  await world.rollUp()
  await recomputeRollup(world, world.clock.now() - (DAYS + 2) * DAY_MS, world.clock.now() + 1)
}

async function expectTrue(limit: number): Promise<void> {
  const now = world.clock.now()
  for (const from of [now - 3.4 * DAY_MS, now - 20 * HOUR_MS, now - 10 * DAY_MS]) {
    const asked = { from, to: now + 1, scope: 'operator', groupBy: 'customer' } as const
    const of = between(await allEvents(world.pool), asked.from, asked.to)
    const expected = [...grouped(of, 'account_id')]
      .map(([key, own]) => ({ key, figures: naiveBusiness(own, 'operator') }))
      .sort(
        (left, right) =>
          Number(right.figures.revenueNano - left.figures.revenueNano) || (left.key < right.key ? -1 : 1),
      )
    const found = []
    let cursor: Awaited<ReturnType<typeof operatorBreakdown>>['next'] = null
    do {
      const page = await operatorBreakdown(world, { ...asked, limit, cursor })
      found.push(...page.groups.map(({ key, figures }) => ({ key, figures })))
      cursor = page.next
    } while (cursor)
    expect(found).toEqual(expected)
    const dashboard = await operatorDashboard(world, { ...asked, top: 2 })
    expect(dashboard.groups.map(({ key, figures }) => ({ key, figures }))).toEqual(expected.slice(0, 2))
  }
}

describe('customers are listed as their events rank them, on every page', () => {
  test('where a few bring most', async () => {
    await insertEvents(
      world.pool,
      events((index, day) => Math.floor(1_000_000 / (1 + ((index * 31 + day * 17) % CUSTOMERS)))),
    )
    await sumAll()
    await expectTrue(9)
  })

  test('where all are alike, and some bring nothing', async () => {
    await insertEvents(
      world.pool,
      events((index) => (index % 50 === 7 ? 0 : 1_000)),
    )
    await sumAll()
    await expectTrue(40)
  })

  test('where who leads today was never ahead, and no sum holds it yet', async () => {
    const now = world.clock.now()
    const late = Array.from({ length: 90 }, (_, place) => ({
      at: now - place * 1_000,
      accountId: accountOf(CUSTOMERS - 1 - (place % 30)),
      resellerId: place % 2 ? world.resellers[0] : null,
      seed: 900_000 - place,
    }))
    await insertEvents(world.pool, late)
    await expectTrue(9)
  })

  test('where a customer had two resellers on one day, each with less than others have', async () => {
    const at = world.clock.now() - 2 * DAY_MS
    const of = (resellerId: string, seed: number) => ({ at, accountId: accountOf(3), resellerId, seed })
    await insertEvents(world.pool, [of(world.resellers[0], 2_000_000), of(world.resellers[1], 2_000_000)])
    await sumAll()
    await expectTrue(9)
  })

  test('where the last days are being summed anew, one by one', async () => {
    const day = world.clock.now() - (world.clock.now() % DAY_MS) - 2 * DAY_MS
    await world.pool.query(
      `UPDATE setting SET value = value || jsonb_build_object('builtUntil', $1::bigint) WHERE key = 'usage_rollup.mark'`,
      [day],
    )
    await world.pool.query('DELETE FROM usage_customer_day WHERE day >= $1', [new Date(day)])
    await expectTrue(9)
  })
})

test('a period that ends in the hours in which events may still come has each of them once', async () => {
  const now = world.clock.now()
  const written = Array.from({ length: 60 }, (_, place) => ({
    ...{ at: now - place * 4 * MINUTE_MS, accountId: accountOf(1), resellerId: null, seed: place + 1 },
  }))
  await insertEvents(world.pool, written)
  await sumAll()
  await insertEvents(
    world.pool,
    written.filter(({ at }) => at > now - 80 * MINUTE_MS),
  )
  const every = await allEvents(world.pool)
  for (let minutes = 0; minutes < 200; minutes += 7) {
    const asked = {
      from: now - 2 * DAY_MS,
      to: now - minutes * MINUTE_MS,
      scope: 'operator',
      groupBy: 'model',
    } as const
    const { totals } = await operatorDashboard(world, asked)
    expect(totals).toEqual(naiveBusiness(between(every, asked.from, asked.to), 'operator'))
  }
})
