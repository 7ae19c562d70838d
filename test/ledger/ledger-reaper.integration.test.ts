import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { reapHolds } from '../../src/ledger/reap.ts'
import { formatVerifyReport } from '../../src/ledger/verify/format-verify-report.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { captureOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'
import { count, walletOf } from './ledger-reads.ts'

let fixture: LedgerFixture
beforeAll(async () => {
  fixture = await openLedger()
})
afterAll(() => fixture.close())
afterEach(async () => {
  expect(formatVerifyReport(await verifyLedger(fixture.database.connectionString))).toMatch(/ledger is clean$/)
})

/** Says of a ledger's process that it runs on another machine, and when it was last heard of. */
async function runsElsewhere(instanceId: string, lastHeard: string, stopped = false): Promise<void> {
  await fixture.pool.query(
    `INSERT INTO gateway_instance (id, host, pid, started_at, heartbeat_at, stopped_at)
     VALUES ($1, 'elsewhere', 1, now() - interval '1 hour', now() - $2::interval, CASE WHEN $3 THEN now() END)`,
    [instanceId, lastHeard, stopped],
  )
}

test.each([
  ['went silent', '1 minute', false],
  ['said farewell', '0 seconds', true],
])(
  'the hold of a process that %s is given back, and leaves its exposure as an abandoned event',
  async (_, heard, stopped) => {
    const { ledger, pool, clock } = fixture
    const account = await fixture.account(100n)
    const dead = fixture.another()
    await runsElsewhere(dead.instanceId, heard, stopped)
    const demand = { fit: () => ({ outputTokensMax: 9, priceNano: 30n, wholesaleNano: 30n, costNano: 21n }) }
    const request = requestOf(clock, account, { price: 30n })
    await dead.authorize({ ...request, demand: { ...request.demand, ...demand } })

    expect(await ledger.reap()).toBe(1)
    expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 0n, debt: 0n })
    const abandoned = `id = $1 AND status = 'ABANDONED' AND price_nano = 0 AND exposure_nano = 21`
    expect(await count(pool, 'usage_event', abandoned, request.requestId)).toBe(1)
    expect(await ledger.reap()).toBe(0)
  },
)

test('the hold of a living process is left alone until its deadline', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const alive = fixture.another()
  await runsElsewhere(alive.instanceId, '1 second')
  const request = requestOf(clock, account, { price: 30n }, { deadlineAt: clock.now() + 1_000 })
  await alive.authorize(request)
  clock.advance(1_000)
  expect(await ledger.reap()).toBe(0)
  expect((await walletOf(pool, account)).held).toBe(30n)
  clock.advance(1)
  expect(await ledger.reap()).toBe(1)
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 0n, debt: 0n })
})

test('two processes that reap at once give a hold back once', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n }, { deadlineAt: clock.now() })
  await ledger.authorize(request)
  clock.advance(1)
  const reaped = await Promise.all([ledger.reap(), fixture.another().reap()])
  expect(reaped.reduce((sum, one) => sum + one, 0)).toBe(1)
  expect(await count(pool, 'usage_event', 'id = $1', request.requestId)).toBe(1)
})

test('a reseller’s credit is given back together with its customer’s', async () => {
  const { ledger, pool, clock } = fixture
  const resellerId = await fixture.account(50n)
  const account = await fixture.account(100n, { resellerId })
  const request = requestOf(clock, account, { price: 30n, wholesale: 20n }, { resellerId, deadlineAt: clock.now() })
  await ledger.authorize(request)
  clock.advance(1)
  await ledger.reap()
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 0n, debt: 0n })
  expect(await walletOf(pool, resellerId)).toEqual({ balance: 50n, held: 0n, debt: 0n })
})

test('a request that is charged while the reaper reaches for it stays charged, and the reaper goes on', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const late = requestOf(clock, account, { price: 30n }, { deadlineAt: clock.now() })
  const lost = requestOf(clock, account, { price: 20n }, { deadlineAt: clock.now() })
  await ledger.authorize(late)
  await ledger.authorize(lost)
  clock.advance(1)
  const reaped = reapHolds(pool, clock, ledger.instanceId, async (resolution) => {
    // The reaper has read this hold; now its request ends as requests do.
    if (resolution.requestId === late.requestId) await ledger.resolve(captureOf(late, 25n))
    return await ledger.resolve(resolution)
  })
  await expect(reaped).resolves.toBe(1)
  expect(await walletOf(pool, account)).toEqual({ balance: 75n, held: 0n, debt: 0n })
})
