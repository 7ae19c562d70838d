import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkRollup } from '../../src/reports/check-rollup.ts'
import { operatorDashboard } from '../../src/reports/dashboard/operator-dashboard.ts'
import { accountUsage } from '../../src/reports/usage/account-usage.ts'
import { rollUpUsage } from '../../src/reports/usage-rollup.ts'
import { captureOf, type LedgerFixture, openLedger, requestOf } from '../ledger/ledger-fixture.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { summed } from './summed.ts'
import { DAY_MS, expectedRollup, HOUR_MS, insertEvents, keptRollup, writeEvents } from './usage-world.ts'

const MINUTE_MS = 60_000

let world: LedgerFixture
beforeEach(async () => {
  world = await openLedger()
})
afterEach(() => world.close())

const rollUp = () => rollUpUsage(world)

async function shown(): Promise<bigint> {
  const now = world.clock.now()
  const asked = { from: now - 2 * DAY_MS, to: now + DAY_MS, groupBy: 'model', scope: 'operator' } as const
  return (await operatorDashboard(world, asked)).totals.requests
}

/** A writer of its own whose transaction stays open until a test ends it. */
async function openWriter() {
  const client = new pg.Client({ connectionString: world.database.connectionString })
  await client.connect()
  await client.query('BEGIN')
  return {
    write: (at: number, accountId: string) => writeEvents(client, [{ at, accountId, seed: 1 }]),
    savepoint: () => client.query('SAVEPOINT inner_one'),
    async end(how: 'COMMIT' | 'ROLLBACK') {
      await client.query(how)
      await client.end()
    },
  }
}

async function expectComplete(requests: bigint): Promise<void> {
  await summed(world)
  expect(await keptRollup(world.pool)).toEqual(await expectedRollup(world.pool))
  expect(await shown()).toBe(requests)
  const now = world.clock.now()
  expect(await checkRollup(world, now - 2 * DAY_MS, now + DAY_MS)).toEqual([])
}

test('a request that commits after others that began later is summed once, and shown from its commit on', async () => {
  const accountId = await world.account()
  const now = world.clock.now()
  await insertEvents(world.pool, [{ at: now, accountId }])
  await rollUp()
  const late = await openWriter()
  await late.write(now - 30 * MINUTE_MS, accountId)
  await insertEvents(world.pool, [{ at: now + 1, accountId }])
  await rollUp()
  expect(await shown()).toBe(2n)
  await late.end('COMMIT')
  expect(await shown()).toBe(3n)
  await rollUp()
  await expectComplete(3n)
  await rollUp()
  await expectComplete(3n)
})

test('what was written behind a savepoint of a transaction that is still open is not passed over', async () => {
  const accountId = await world.account()
  const now = world.clock.now()
  await insertEvents(world.pool, [{ at: now, accountId }])
  const late = await openWriter()
  await late.savepoint()
  await late.write(now, accountId)
  await insertEvents(world.pool, [{ at: now, accountId }])
  await rollUp()
  await rollUp()
  await late.end('COMMIT')
  expect(await shown()).toBe(3n)
  await rollUp()
  await expectComplete(3n)
})

test('what is rolled back is never shown', async () => {
  const accountId = await world.account()
  const now = world.clock.now()
  await insertEvents(world.pool, [{ at: now, accountId }])
  const gone = await openWriter()
  await gone.write(now, accountId)
  await rollUp()
  await gone.end('ROLLBACK')
  await rollUp()
  await expectComplete(1n)
})

test('the first sum of all misses nothing that commits while it runs', async () => {
  const accountId = await world.account()
  const now = world.clock.now()
  await insertEvents(
    world.pool,
    Array.from({ length: 200 }, (_, index) => ({ at: now - index * 15 * MINUTE_MS, accountId })),
  )
  const writers = await Promise.all(Array.from({ length: 5 }, openWriter))
  for (const [index, writer] of writers.entries()) await writer.write(now - index * 17 * MINUTE_MS, accountId)
  await Promise.all([rollUp(), ...writers.map((writer) => writer.end('COMMIT')), rollUp()])
  const { rows } = await world.pool.query('SELECT count(*)::int AS n FROM usage_event')
  expect(rows[0].n).toBe(205)
  await summed(world)
  expect(await keptRollup(world.pool)).toEqual(await expectedRollup(world.pool))
})

test('writers that commit out of order, runs that overlap and readers that look on agree at every moment', async () => {
  const accountId = await world.account(1_000_000_000n)
  const now = world.clock.now()
  const period = { from: now - 2 * DAY_MS, to: now + 2 * DAY_MS }
  let isOver = false
  let looks = 0
  const read = async (): Promise<void> => {
    let last = 0n
    while (!isOver) {
      const { totals } = await accountUsage(world, { accountId, ...period, groupBy: 'model' })
      // Requests never go away, and each costs the same.
      expect(totals.requests).toBeGreaterThanOrEqual(last)
      expect(totals.costNano).toBe(totals.requests * 1_000n)
      last = totals.requests
      looks += 1
    }
  }
  const run = async (): Promise<void> => {
    while (!isOver) await rollUp()
  }
  const serve = async (): Promise<void> => {
    for (let round = 0; round < 15; round += 1) {
      const requests = Array.from({ length: 6 }, () => requestOf(world.clock, accountId, { price: 1_000n }))
      for (const request of requests) expect(await world.ledger.authorize(request)).toMatchObject({ granted: true })
      world.clock.advance(3 * MINUTE_MS)
      await Promise.all(requests.reverse().map((request) => world.ledger.resolve(captureOf(request, 1_000n))))
    }
  }
  const looking = [read(), run(), run()]
  await Promise.all([serve(), serve()])
  isOver = true
  await Promise.all(looking)
  expect(looks).toBeGreaterThan(3)
  await rollUp()
  await expectComplete(180n)
})

test('what is shown agrees with the ledger to the last unit', async () => {
  const resellerId = await world.account(1_000_000_000n)
  await world.pool.query(`UPDATE account SET kind = 'RESELLER' WHERE id = $1`, [resellerId])
  const [own, sold] = [await world.account(1_000_000_000n), await world.account(1_000_000_000n, { resellerId })]
  const serve = async (accountId: string, seller: string | null, price: bigint, wholesale: bigint): Promise<void> => {
    const request = requestOf(world.clock, accountId, { price, wholesale }, { resellerId: seller })
    expect(await world.ledger.authorize(request)).toMatchObject({ granted: true })
    await world.ledger.resolve(captureOf(request, price, wholesale))
  }
  for (let count = 1n; count <= 30n; count += 1n) {
    await serve(own, null, 1_000n + count, 1_000n + count)
    await serve(sold, resellerId, 3_000n + 7n * count, 2_000n + 3n * count)
    world.clock.advance(50 * MINUTE_MS)
    if (count % 9n === 0n) await rollUp()
  }
  const now = world.clock.now()
  const period = { from: now - 10 * DAY_MS, to: now + HOUR_MS }
  const debited = async (accountId: string) => {
    const { rows } = await world.pool.query(
      `SELECT -sum(amount_nano) AS nano FROM ledger_entry WHERE kind = 'USAGE_DEBIT' AND account_id = $1`,
      [accountId],
    )
    return BigInt(rows[0].nano)
  }
  const spent = async (accountId: string) => (await accountUsage(world, { accountId, ...period })).totals.costNano
  expect(await spent(own)).toBe(await debited(own))
  expect(await spent(sold)).toBe(await debited(sold))
  const { totals } = await operatorDashboard(world, { ...period, groupBy: 'customer', scope: 'operator' })
  expect(totals.revenueNano).toBe((await debited(own)) + (await debited(resellerId)))
  expect(totals.resellerMarginNano).toBe((await debited(sold)) - (await debited(resellerId)))
  const reseller = await operatorDashboard(world, { ...period, groupBy: 'customer', scope: { resellerId } })
  expect(reseller.totals.revenueNano).toBe(await debited(sold))
  expect(reseller.totals.costNano).toBe(await debited(resellerId))
})

test('what is open in another database of the same server holds nothing back', async () => {
  const accountId = await world.account()
  const elsewhere = await createTestDatabase()
  const other = new pg.Client({ connectionString: elsewhere.connectionString })
  await other.connect()
  try {
    await other.query('BEGIN')
    await other.query('SELECT pg_current_xact_id()')
    await insertEvents(world.pool, [{ at: world.clock.now(), accountId }])
    await rollUp()
    await expectComplete(1n)
  } finally {
    await other.end()
    await elsewhere.drop()
  }
})
