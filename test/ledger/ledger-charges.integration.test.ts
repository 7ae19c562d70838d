import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LedgerConflict } from '../../src/ledger/errors.ts'
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
  const report = await verifyLedger(fixture.database.connectionString)
  expect(formatVerifyReport(report)).toMatch(/ledger is clean$/)
})

test('a captured request is charged what it came to, and the rest of its hold is given back', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  expect(await ledger.authorize(request)).toMatchObject({ granted: true, outputTokensMax: 1, heldNano: 30n })
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 30n, debt: 0n })
  expect(await ledger.resolve(captureOf(request, 12n))).toEqual({
    outcome: 'booked',
    balanceNano: 88n,
    overdraftNano: 0n,
  })
  expect(await walletOf(pool, account)).toEqual({ balance: 88n, held: 0n, debt: 0n })
  expect(await count(pool, 'usage_event', 'id = $1 AND price_nano = 12', request.requestId)).toBe(1)
})

test('a repeated capture charges once', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  await ledger.authorize(request)
  await ledger.resolve(captureOf(request, 30n))
  expect(await ledger.resolve(captureOf(request, 30n))).toEqual({ outcome: 'repeated' })
  expect(await walletOf(pool, account)).toEqual({ balance: 70n, held: 0n, debt: 0n })
})

test('a second capture with other figures is refused, and changes nothing', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  await ledger.authorize(request)
  await ledger.resolve(captureOf(request, 30n))
  await expect(ledger.resolve(captureOf(request, 29n))).rejects.toThrow(LedgerConflict)
  expect(await walletOf(pool, account)).toEqual({ balance: 70n, held: 0n, debt: 0n })
})

test('captures of one request that race in two processes book one charge', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  await ledger.authorize(request)
  const other = fixture.another()
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? ledger : other).resolve(captureOf(request, 20n))),
  )
  expect(outcomes.filter(({ outcome }) => outcome === 'booked')).toHaveLength(1)
  expect(outcomes.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(19)
  expect(await walletOf(pool, account)).toEqual({ balance: 80n, held: 0n, debt: 0n })
})

test('an authorization asked twice at once reserves once', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  const answers = await Promise.all([ledger.authorize(request), ledger.authorize(request)])
  expect(answers).toEqual([answers[0], answers[0]])
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 30n, debt: 0n })
  await ledger.resolve(captureOf(request, 30n))
})

test('an authorization asked again later gives the same answer', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  const first = await ledger.authorize(request)
  expect(await ledger.authorize(request)).toEqual(first)
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 30n, debt: 0n })
})

test('a void gives everything back and leaves its event', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  await ledger.authorize(request)
  await ledger.resolve(captureOf(request, 0n))
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 0n, debt: 0n })
  expect((await entriesOf(pool, account)).map(({ kind }) => kind)).toEqual(['GRANT'])
  expect(await count(pool, 'usage_event', 'id = $1', request.requestId)).toBe(1)
})

test('the end of a request without a hold charges nobody, and leaves its cost on record', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 30n })
  const capture = captureOf(request, 30n)
  expect(await ledger.resolve(capture)).toEqual({ outcome: 'no_hold' })
  const { rows } = await pool.query(
    'SELECT status, price_nano, wholesale_nano, exposure_nano FROM usage_event WHERE id = $1',
    [request.requestId],
  )
  const exposure = String(capture.event?.costNano)
  expect(rows).toEqual([{ status: 'ABANDONED', price_nano: '0', wholesale_nano: '0', exposure_nano: exposure }])
  expect(await count(pool, 'ledger_entry', 'source_id = $1', request.requestId)).toBe(0)
})

test('the same source is credited once, and not again with another amount', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account()
  const credit = creditOf(account, 50n, clock)
  const outcomes = await Promise.all([ledger, fixture.another()].map((one) => one.credit(credit)))
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['booked', 'repeated'])
  await expect(ledger.credit({ ...credit, amountNano: 51n })).rejects.toThrow(LedgerConflict)
  expect(await walletOf(pool, account)).toEqual({ balance: 50n, held: 0n, debt: 0n })
})

test('a charge above the hold becomes debt, which blocks until new credit repays it', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(10n)
  const request = requestOf(clock, account, { price: 10n })
  await ledger.authorize(request)
  expect(await ledger.resolve(captureOf(request, 14n))).toMatchObject({ balanceNano: -4n, overdraftNano: 4n })
  const next = requestOf(clock, account, { price: 1n })
  expect(await ledger.authorize(next)).toMatchObject({ granted: false, reason: 'debt_outstanding' })
  await ledger.credit(creditOf(account, 10n, clock))
  expect(await walletOf(pool, account)).toEqual({ balance: 6n, held: 0n, debt: 0n })
})

test('an operation that is refused fails alone', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const good = requestOf(clock, account, { price: 30n })
  const unknown = requestOf(clock, '01900000-0000-7000-8000-0000000000ff', { price: 1n })
  const [first, second] = await Promise.allSettled([ledger.authorize(good), ledger.authorize(unknown)])
  expect(first).toMatchObject({ status: 'fulfilled', value: { granted: true } })
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(LedgerConflict) })
  expect(await walletOf(pool, account)).toEqual({ balance: 100n, held: 30n, debt: 0n })
})
