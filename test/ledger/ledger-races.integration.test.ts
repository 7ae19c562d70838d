import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { formatVerifyReport } from '../../src/ledger/verify/format-verify-report.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { captureOf, creditOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'
import { count, entriesOf, walletOf } from './ledger-reads.ts'

let fixture: LedgerFixture
beforeAll(async () => {
  fixture = await openLedger()
})
afterAll(() => fixture.close())
afterEach(async () => {
  expect(formatVerifyReport(await verifyLedger(fixture.database.connectionString))).toMatch(/ledger is clean$/)
})

test('of 500 requests at once in two processes, a wallet that affords 100 is granted exactly 100', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(1_000n)
  const ledgers = [ledger, fixture.another()]
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, index) => ledgers[index % 2]!.authorize(requestOf(clock, account, { price: 10n }))),
  )
  expect(answers.filter(({ granted }) => granted)).toHaveLength(100)
  expect(await walletOf(pool, account)).toEqual({ balance: 1_000n, held: 1_000n, debt: 0n })
  expect(await count(pool, 'hold', 'account_id = $1', account)).toBe(100)
})

test('of 500 requests at once, a budget that affords 100 grants exactly 100', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100_000n)
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO budget (id, account_id, period, limit_nano, period_start, created_at)
     VALUES (gen_random_uuid(), $1, 'MONTH', 1000, now() - interval '1 hour', now() - interval '1 hour') RETURNING id`,
    [account],
  )
  const budgetIds = rows.map(({ id }) => id)
  const requests = Array.from({ length: 500 }, () => requestOf(clock, account, { price: 10n }, { budgetIds }))
  const other = fixture.another()
  const answers = await Promise.all(requests.map((request, index) => (index % 2 ? ledger : other).authorize(request)))
  const granted = requests.filter((_, index) => answers[index]?.granted)
  expect(granted).toHaveLength(100)
  await Promise.all(granted.map((request, index) => (index % 2 ? other : ledger).resolve(captureOf(request, 7n))))
  const budget = await pool.query('SELECT spent_nano, held_nano FROM budget WHERE id = $1', [budgetIds[0]])
  expect(budget.rows).toEqual([{ spent_nano: '700', held_nano: '0' }])
  expect(await walletOf(pool, account)).toEqual({ balance: 99_300n, held: 0n, debt: 0n })
})

test('a reseller without credit refuses its customer, and leaves the customer untouched', async () => {
  const { ledger, pool, clock } = fixture
  const resellerId = await fixture.account(5n)
  const account = await fixture.account(100n, { resellerId })
  const request = requestOf(clock, account, { price: 10n, wholesale: 6n }, { resellerId })
  expect(await ledger.authorize(request)).toMatchObject({ granted: false, reason: 'reseller_credits_exhausted' })
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 0n, debt: 0n })
  expect(await walletOf(pool, resellerId)).toEqual({ balance: 5n, held: 0n, debt: 0n })
})

test('a request of a reseller’s customer is charged to both, once each', async () => {
  const { ledger, pool, clock } = fixture
  const resellerId = await fixture.account(50n)
  const account = await fixture.account(100n, { resellerId })
  const request = requestOf(clock, account, { price: 10n, wholesale: 6n }, { resellerId })
  await ledger.authorize(request)
  const capture = captureOf(request, 8n, 5n)
  await Promise.all([ledger.resolve(capture), fixture.another().resolve(capture)])
  expect(await walletOf(pool, account)).toEqual({ balance: 92n, held: 0n, debt: 0n })
  expect(await walletOf(pool, resellerId)).toEqual({ balance: 45n, held: 0n, debt: 0n })
})

test('customers of one reseller that spend at once in two processes never wait for each other in a circle', async () => {
  const { ledger, pool, clock } = fixture
  const resellerId = await fixture.account(10_000n)
  const accounts = await Promise.all(Array.from({ length: 8 }, () => fixture.account(1_000n, { resellerId })))
  const ledgers = [ledger, fixture.another()]
  const spend = async (index: number) => {
    const account = accounts[index % accounts.length]!
    const request = requestOf(clock, account, { price: 3n, wholesale: 2n }, { resellerId })
    await ledgers[index % 2]!.authorize(request)
    await ledgers[(index >> 1) % 2]!.resolve(captureOf(request, 3n, 2n))
  }
  await Promise.all(Array.from({ length: 400 }, (_, index) => spend(index)))
  expect(await walletOf(pool, resellerId)).toEqual({ balance: 9_200n, held: 0n, debt: 0n })
})

test('credit that expires is not reserved from its instant, and its expiry is booked inline', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account()
  await ledger.credit(creditOf(account, 100n, clock, clock.now() + 1_000))
  clock.advance(999)
  const inTime = requestOf(clock, account, { price: 40n })
  expect((await ledger.authorize(inTime)).granted).toBe(true)
  clock.advance(1)
  expect(await ledger.authorize(requestOf(clock, account, { price: 1n }))).toMatchObject({ availableNano: 0n })
  expect((await entriesOf(pool, account)).map(({ kind, amount }) => [kind, amount])).toEqual([
    ['GRANT', 100n],
    ['EXPIRY', -60n],
  ])
  await ledger.resolve(captureOf(inTime, 30n))
  expect((await entriesOf(pool, account)).slice(2).map(({ kind, amount }) => [kind, amount])).toEqual([
    ['USAGE_DEBIT', -30n],
    ['EXPIRY', -10n],
  ])
  expect(await walletOf(pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
})

test('the sweep books the expiry of idle wallets once, and leaves what is held', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account()
  await ledger.credit(creditOf(account, 100n, clock, clock.now() + 1_000))
  const request = requestOf(clock, account, { price: 40n })
  await ledger.authorize(request)
  clock.advance(1_000)
  await Promise.all([ledger.sweepExpired(), fixture.another().sweepExpired()])
  await ledger.sweepExpired()
  expect(await walletOf(pool, account)).toEqual({ balance: 40n, held: 40n, debt: 0n })
  await ledger.resolve(captureOf(request, 40n))
  expect(await walletOf(pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
})

test('the ledger is found clean again and again while two processes spend from it', async () => {
  const { ledger, pool, clock } = fixture
  const resellerId = await fixture.account(1_000_000n)
  const account = await fixture.account(1_000_000n, { resellerId })
  const other = fixture.another()
  let spending = true
  const spend = async (one: typeof ledger) => {
    while (spending) {
      const request = requestOf(clock, account, { price: 5n, wholesale: 4n }, { resellerId })
      await one.authorize(request)
      await one.resolve(captureOf(request, 3n, 2n))
      clock.advance(1)
    }
  }
  const traffic = [ledger, ledger, other, other].map(spend)
  const seen = new Set<number>()
  try {
    for (let round = 0; round < 8; round += 1) {
      const report = await verifyLedger(fixture.database.connectionString)
      expect(formatVerifyReport(report)).toMatch(/ledger is clean$/)
      seen.add(report.checked.entries)
    }
  } finally {
    spending = false
    await Promise.all(traffic)
  }
  // There was something to see.
  expect(seen.size).toBeGreaterThan(1)
  expect((await walletOf(pool, account)).held).toBe(0n)
})
