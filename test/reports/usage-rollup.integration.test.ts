import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { checkRollup } from '../../src/reports/check-rollup.ts'
import { readSettledUntil as readUntil } from '../../src/reports/rollup-mark.ts'
import { recomputeRollup, rollUpUsage } from '../../src/reports/usage-rollup.ts'
import { captureOf, type LedgerFixture, openLedger, requestOf } from '../ledger/ledger-fixture.ts'
import { summed } from './summed.ts'
import { DAY_MS, expectedRollup, HOUR_MS, insertEvents, keptRollup, type TestEvent } from './usage-world.ts'

const MINUTE_MS = 60_000

let world: LedgerFixture
beforeEach(async () => {
  world = await openLedger()
  // Each test begins at a full hour, so that none depends on the time of day.
  world.clock.advance(HOUR_MS - (world.clock.now() % HOUR_MS))
})
afterEach(() => world.close())

const rollUp = () => summed(world)
async function readSettledUntil(pool: LedgerFixture['pool']): Promise<number | null> {
  const client = await pool.connect()
  try {
    return await readUntil(client)
  } finally {
    client.release()
  }
}
/** All that there is, and the days beside it. */
async function differences() {
  const { rows } = await world.pool.query(
    'SELECT min(at) AS first, max(at) AS last FROM (SELECT created_at AS at FROM usage_event UNION SELECT hour FROM usage_rollup) times',
  )
  return checkRollup(world, rows[0].first.getTime() - DAY_MS, rows[0].last.getTime() + DAY_MS)
}

async function expectComplete(): Promise<void> {
  const expected = await expectedRollup(world.pool)
  expect(expected.length).toBeGreaterThan(0)
  expect(await keptRollup(world.pool)).toEqual(expected)
  expect(await differences()).toEqual([])
}

/** A request that has come and not ended yet; `end` charges it, however late. */
async function startRequest(accountId: string) {
  const request = requestOf(world.clock, accountId, { price: 1_000n })
  expect(await world.ledger.authorize(request)).toMatchObject({ granted: true })
  return { request, end: () => world.ledger.resolve(captureOf(request, 1_000n)) }
}

async function serveRequest(accountId: string): Promise<void> {
  const { end } = await startRequest(accountId)
  await end()
}

const hourOf = (at: number) => at - (at % HOUR_MS)
const dayOf = (at: number) => at - (at % DAY_MS)

describe('the rollup', () => {
  test('says of every hour, group and figure what the events say', async () => {
    const now = world.clock.now()
    const ids = Array.from({ length: 3 }, () => uuidV7(world.clock))
    const [first, second, third] = ids as [string, string, string]
    const event = fc.record<TestEvent>({
      at: fc.integer({ min: now - 3 * DAY_MS, max: now }),
      accountId: fc.constantFrom(first, second),
      resellerId: fc.constant(third),
      model: fc.constantFrom('small', 'large'),
      providerId: fc.constantFrom(null, first, second),
      status: fc.constantFrom('COMPLETED', 'CLIENT_ABORTED', 'FAILED', 'ABANDONED'),
      hasListPrice: fc.boolean(),
      seed: fc.integer({ min: 0, max: 1_000_000 }),
    })
    const [events] = fc.sample(fc.array(event, { minLength: 1_000, maxLength: 1_000 }), 1)
    await insertEvents(world.pool, events as TestEvent[])
    expect(await rollUp()).toBe((await expectedRollup(world.pool)).length)
    await expectComplete()
  })

  test('puts a request on the stroke of an hour into the hour that begins', async () => {
    const accountId = await world.account()
    const stroke = world.clock.now()
    await insertEvents(world.pool, [
      { at: stroke - 1, accountId },
      { at: stroke, accountId },
    ])
    await rollUp()
    expect((await keptRollup(world.pool)).map(({ hour, requests }) => [Date.parse(hour as string), requests])).toEqual([
      [stroke - HOUR_MS, 1n],
      [stroke, 1n],
    ])
  })

  test('counts a request whose id is a moment younger than its time, across an hour and a month', async () => {
    const accountId = await world.account()
    const month = Date.UTC(2026, 5, 1)
    await insertEvents(world.pool, [
      { at: month - 1, idAt: month, accountId },
      { at: month + HOUR_MS - 1, idAt: month + HOUR_MS + MINUTE_MS, accountId },
      { at: month + HOUR_MS, idAt: month + HOUR_MS - MINUTE_MS, accountId },
    ])
    await rollUp()
    await expectComplete()
  })

  test('is empty, and settles nothing, where there is no usage', async () => {
    expect(await rollUp()).toBe(0)
    expect(await readSettledUntil(world.pool)).toBeNull()
  })

  test('keeps resellers apart where an account changed its own within an hour', async () => {
    const accountId = await world.account()
    const at = world.clock.now()
    await insertEvents(world.pool, [
      { at, accountId, resellerId: null, seed: 1 },
      { at, accountId, resellerId: '019aa000-0000-7000-8000-000000000001', seed: 2 },
      { at, accountId, resellerId: '019aa000-0000-7000-8000-000000000002', seed: 3 },
    ])
    await rollUp()
    expect((await keptRollup(world.pool)).map((row) => row.price_nano)).toEqual([31n, 62n, 93n])
    await expectComplete()
  })
})

describe('summing again', () => {
  test('changes nothing where nothing came', async () => {
    const accountId = await world.account(1_000_000n)
    for (let hour = 0; hour < 5; hour += 1) {
      await serveRequest(accountId)
      world.clock.advance(HOUR_MS)
    }
    await rollUp()
    const first = await keptRollup(world.pool)
    await rollUp()
    expect(await keptRollup(world.pool)).toEqual(first)
    await expectComplete()
  })

  test('by several at once doubles nothing and loses nothing', async () => {
    const accountId = await world.account()
    const now = world.clock.now()
    const events = Array.from({ length: 500 }, (_, index) => ({
      at: now - index * 17 * MINUTE_MS,
      accountId,
      seed: index,
    }))
    await insertEvents(world.pool, events)
    await Promise.all(Array.from({ length: 4 }, rollUp))
    await expectComplete()
  })

  test('while requests end loses none of them', async () => {
    const accountId = await world.account(1_000_000_000n)
    for (let round = 0; round < 20; round += 1) {
      const open = await Promise.all(Array.from({ length: 10 }, () => startRequest(accountId)))
      world.clock.advance(20 * MINUTE_MS)
      await Promise.all([...open.map(({ end }) => end()), rollUp(), rollUp()])
    }
    await rollUp()
    await expectComplete()
    expect((await keptRollup(world.pool)).reduce((sum, { requests }) => sum + (requests as bigint), 0n)).toBe(200n)
  })

  test('completes the running hour, which it had summed as far as it had come', async () => {
    const accountId = await world.account(1_000_000n)
    await serveRequest(accountId)
    await rollUp()
    expect(await keptRollup(world.pool)).toMatchObject([{ requests: 1n }])
    world.clock.advance(MINUTE_MS)
    await serveRequest(accountId)
    await rollUp()
    expect(await keptRollup(world.pool)).toMatchObject([{ requests: 2n }])
    await expectComplete()
  })

  test('writes nothing where nothing came, and only the hours that something came for', async () => {
    const accountId = await world.account(1_000_000n)
    await serveRequest(accountId)
    world.clock.advance(DAY_MS)
    await serveRequest(accountId)
    await rollUp()
    const version = async () => (await world.pool.query('SELECT hour, xmin::text FROM usage_rollup ORDER BY hour')).rows
    const before = await version()
    expect(await rollUp()).toBe(0)
    expect(await version()).toEqual(before)
    await serveRequest(accountId)
    expect(await rollUp()).toBe(1)
    const after = await version()
    expect(after[0]).toEqual(before[0])
    expect(after[1].xmin).not.toBe(before[1].xmin)
  })
})

describe('a request that ends late', () => {
  test('is counted in the hour in which it came, though that was summed before', async () => {
    const accountId = await world.account(1_000_000n)
    const { request, end } = await startRequest(accountId)
    const hour = world.clock.now()
    for (let minutes = 0; minutes < 59; minutes += 10) {
      world.clock.advance(10 * MINUTE_MS)
      await serveRequest(accountId)
      await rollUp()
    }
    await end()
    await rollUp()
    await expectComplete()
    const { rows } = await world.pool.query('SELECT requests FROM usage_rollup WHERE hour = $1', [new Date(hour)])
    expect(rows).toEqual([{ requests: '6' }])
    expect(request.deadlineAt).toBeLessThan(world.clock.now())
  })

  test('and whose hold was lost is counted for as long as a hold would last', async () => {
    const accountId = await world.account(1_000_000n)
    const { request, end } = await startRequest(accountId)
    await world.ledger.resolve({ ...captureOf(request, 0n), event: null })
    world.clock.advance(HOUR_MS)
    await serveRequest(accountId)
    await rollUp()
    expect(await end()).toEqual({ outcome: 'no_hold' })
    await rollUp()
    await expectComplete()
    expect(await keptRollup(world.pool)).toHaveLength(2)
  })

  test('keeps its hour open for as long as its hold stands: a week in which nothing ran', async () => {
    const accountId = await world.account(1_000_000n)
    const hour = hourOf(world.clock.now())
    const { request } = await startRequest(accountId)
    world.clock.advance(7 * DAY_MS)
    await serveRequest(accountId)
    await rollUp()
    expect(await readSettledUntil(world.pool)).toBeLessThanOrEqual(hour)
    expect(await world.another().reap()).toBe(1)
    await rollUp()
    await expectComplete()
    expect(await keptRollup(world.pool, hour + HOUR_MS)).toMatchObject([{ status: 'ABANDONED', requests: 1n }])
    expect(await readSettledUntil(world.pool)).toBeGreaterThan(request.deadlineAt)
  })
})

describe('catching up', () => {
  test('after a pause of a year finds what ended before, during and after it', async () => {
    const accountId = await world.account(1_000_000n)
    await serveRequest(accountId)
    await rollUp()
    const { end } = await startRequest(accountId)
    await end()
    const paused = world.clock.now()
    world.clock.advance(100 * DAY_MS)
    await serveRequest(accountId)
    world.clock.advance(265 * DAY_MS)
    await serveRequest(accountId)
    await rollUp()
    await expectComplete()
    expect(await readSettledUntil(world.pool)).toBeGreaterThan(paused + 364 * DAY_MS)
  })

  test('keeps the days that were done when a run breaks off', async () => {
    const accountId = await world.account()
    const now = world.clock.now()
    await insertEvents(world.pool, [
      { at: now - 10 * DAY_MS, accountId },
      { at: now - 5 * DAY_MS, accountId },
      { at: now, accountId },
    ])
    await world.pool.query(
      `ALTER TABLE usage_rollup ADD CONSTRAINT breaks CHECK (hour < '${new Date(now - 6 * DAY_MS).toISOString()}')`,
    )
    await expect(rollUp()).rejects.toThrow('breaks')
    expect(await keptRollup(world.pool)).toHaveLength(1)
    const settledUntil = await readSettledUntil(world.pool)
    expect(settledUntil).toBeGreaterThan(now - 10 * DAY_MS)
    expect(settledUntil).toBeLessThanOrEqual(now - 5 * DAY_MS)
    await world.pool.query('ALTER TABLE usage_rollup DROP CONSTRAINT breaks')
    await rollUp()
    await expectComplete()
  })

  test('settles nothing that is not over because a clock here was years ahead', async () => {
    const accountId = await world.account(1_000_000n)
    await serveRequest(accountId)
    await rollUpUsage({ pool: world.pool, clock: { now: () => world.clock.now() + 3_650 * DAY_MS } })
    // In the very hour that the other clock took for long over.
    world.clock.advance(10 * MINUTE_MS)
    await serveRequest(accountId)
    for (let hour = 0; hour < 10; hour += 1) {
      world.clock.advance(HOUR_MS)
      await serveRequest(accountId)
    }
    await rollUp()
    await expectComplete()
  })

  test('settles nothing that is not over because an event is dated years ahead', async () => {
    const accountId = await world.account(1_000_000n)
    await insertEvents(world.pool, [{ at: world.clock.now() + 300 * DAY_MS, accountId }])
    await serveRequest(accountId)
    await rollUp()
    expect(await readSettledUntil(world.pool)).toBeLessThan(world.clock.now())
    world.clock.advance(5 * HOUR_MS)
    await serveRequest(accountId)
    await rollUp()
    const now = world.clock.now()
    expect(await keptRollup(world.pool, now)).toEqual(await expectedRollup(world.pool, now))
  })
})

describe('the check', () => {
  async function threeSettledHours(): Promise<[number, number, number]> {
    const accountId = await world.account()
    const start = world.clock.now()
    const hours: [number, number, number] = [start, start + HOUR_MS, start + 2 * HOUR_MS]
    await insertEvents(
      world.pool,
      [...hours, start + DAY_MS].map((at) => ({ at, accountId, seed: 10 })),
    )
    world.clock.advance(DAY_MS)
    await rollUp()
    expect(await differences()).toEqual([])
    return hours
  }

  test.each([
    ['a figure too high', 'UPDATE usage_rollup SET price_nano = price_nano + 1 WHERE hour = $1', 1n, 311n],
    ['a figure of no money too low', 'UPDATE usage_rollup SET reasoning_tokens = 0 WHERE hour = $1', 1n, 310n],
    ['a row missing', 'DELETE FROM usage_rollup WHERE hour = $1', 0n, 0n],
    ['a row in another group', `UPDATE usage_rollup SET model = 'other' WHERE hour = $1`, 1n, 310n],
  ])('names the hour with %s, and summing it anew heals it', async (_what, tampering, requests, priceNano) => {
    const [, hour] = await threeSettledHours()
    await world.pool.query(tampering, [new Date(hour)])
    expect((await differences()).filter(({ table }) => table === 'usage_rollup')).toEqual([
      { table: 'usage_rollup', hour, events: { requests: 1n, priceNano: 310n }, rollup: { requests, priceNano } },
    ])
    await recomputeRollup(world, hour, hour + 1)
    expect(await differences()).toEqual([])
    await expectComplete()
  })

  test('names an hour that has a rollup and no event', async () => {
    const [first, , third] = await threeSettledHours()
    await world.pool.query('UPDATE usage_rollup SET hour = $2 WHERE hour = $1', [
      new Date(third),
      new Date(first - HOUR_MS),
    ])
    const named = (await differences()).filter(({ table }) => table === 'usage_rollup').map(({ hour }) => hour)
    expect(named).toEqual([first - HOUR_MS, third])
  })

  test('names the hour of an event that was written long after its time, until it is summed anew', async () => {
    const [, hour] = await threeSettledHours()
    await insertEvents(world.pool, [{ at: hour + 1, accountId: await world.account(), seed: 1 }])
    await rollUp()
    expect(await differences()).toEqual([
      {
        table: 'usage_rollup',
        hour,
        events: { requests: 2n, priceNano: 341n },
        rollup: { requests: 1n, priceNano: 310n },
      },
    ])
    await recomputeRollup(world, hour, hour + HOUR_MS)
    await expectComplete()
  })

  test('names what the coarser sums tell otherwise than the finest', async () => {
    const [first] = await threeSettledHours()
    await world.pool.query('UPDATE usage_route_hour SET cost_nano = cost_nano + 1 WHERE hour = $1', [new Date(first)])
    await world.pool.query('UPDATE usage_account_day SET requests = requests + 1 WHERE day = $1', [
      new Date(dayOf(first)),
    ])
    const named = (await differences()).map(({ table, hour }) => [table, hour])
    expect(named).toEqual([
      ['usage_route_hour', first],
      ['usage_account_day', dayOf(first)],
    ])
    await recomputeRollup(world, first, first + 1)
    expect(await differences()).toEqual([])
  })

  test('looks at the days that are touched, and at none beside them', async () => {
    const [first] = await threeSettledHours()
    await world.pool.query('UPDATE usage_rollup SET requests = 7')
    const named = await checkRollup(world, first + 5 * MINUTE_MS, first + 6 * MINUTE_MS)
    expect(new Set(named.map(({ hour }) => dayOf(hour)))).toEqual(new Set([dayOf(first)]))
    expect(await checkRollup(world, first - DAY_MS, dayOf(first))).toEqual([])
  })
})
