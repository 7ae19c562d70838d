import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LedgerUnavailable } from '../../src/ledger/errors.ts'
import { formatVerifyReport } from '../../src/ledger/verify/format-verify-report.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'
import { captureOf, creditOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'
import { count, until, walletOf } from './ledger-reads.ts'

let fixture: LedgerFixture
let proxy: CuttingProxy
beforeAll(async () => {
  fixture = await openLedger()
  proxy = await startCuttingProxy(fixture.database.connectionString)
})
afterAll(async () => {
  await fixture.close()
  await proxy.close()
})
afterEach(async () => {
  expect(formatVerifyReport(await verifyLedger(fixture.database.connectionString))).toMatch(/ledger is clean$/)
})

const LEDGER_SESSIONS = `datname = current_database() AND application_name = 'farebox-ledger'`

/** Holds a wallet's lock while `meanwhile` runs, so that a ledger's batch is caught in the middle of its transaction. */
async function whileLocked(accountId: string, meanwhile: () => Promise<void>): Promise<void> {
  const client = await fixture.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT FROM wallet WHERE account_id = $1 FOR UPDATE', [accountId])
    await meanwhile()
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const waitsForLock = () =>
  until('a ledger waits for the lock', async () => {
    return (await count(fixture.pool, 'pg_stat_activity', `${LEDGER_SESSIONS} AND wait_event_type = 'Lock'`)) > 0
  })

const terminateLedgers = () =>
  fixture.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${LEDGER_SESSIONS}`)

test('captures whose session is terminated in the middle are tried again, and each is booked once', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(1_000n)
  const requests = Array.from({ length: 20 }, () => requestOf(clock, account, { price: 10n }))
  await Promise.all(requests.map((request) => ledger.authorize(request)))
  let captures: Promise<{ outcome: string }[]> = Promise.resolve([])
  await whileLocked(account, async () => {
    captures = Promise.all(requests.map((request) => ledger.resolve(captureOf(request, 9n))))
    await waitsForLock()
    await terminateLedgers()
  })
  expect((await captures).map(({ outcome }) => outcome)).toEqual(requests.map(() => 'booked'))
  expect(await walletOf(pool, account)).toEqual({ balance: 820n, held: 0n, debt: 0n })
})

test('an authorization whose session is terminated is refused as unavailable, and reserves nothing', async () => {
  const { ledger, pool, clock } = fixture
  const account = await fixture.account(100n)
  const request = requestOf(clock, account, { price: 10n })
  let answer: Promise<unknown> = Promise.resolve()
  await whileLocked(account, async () => {
    answer = ledger.authorize(request).catch((error: unknown) => error)
    await waitsForLock()
    await terminateLedgers()
  })
  expect(await answer).toBeInstanceOf(LedgerUnavailable)
  expect((await ledger.authorize(requestOf(clock, account, { price: 100n }))).granted).toBe(true)
  expect(await count(pool, 'hold', 'request_id = $1', request.requestId)).toBe(0)
})

test('captures whose commit succeeded unseen are found booked, and not booked again', async () => {
  const { pool, clock } = fixture
  const account = await fixture.account(1_000n)
  const ledger = fixture.another(proxy.connectionString)
  const requests = Array.from({ length: 5 }, () => requestOf(clock, account, { price: 10n }))
  await Promise.all(requests.map((request) => ledger.authorize(request)))
  const lostBefore = proxy.lost
  proxy.loseNextCommit()
  const outcomes = await Promise.all(requests.map((request) => ledger.resolve(captureOf(request, 9n))))
  expect(proxy.lost).toBe(lostBefore + 1)
  expect(outcomes).toEqual(requests.map(() => ({ outcome: 'repeated' })))
  expect(await walletOf(pool, account)).toEqual({ balance: 955n, held: 0n, debt: 0n })
})

test('an authorization whose commit succeeded unseen is refused, and its reservation is given back', async () => {
  const { pool, clock } = fixture
  const account = await fixture.account(100n)
  const ledger = fixture.another(proxy.connectionString)
  const lostBefore = proxy.lost
  await ledger.authorize(requestOf(clock, account, { price: 1_000n }))
  proxy.loseNextCommit()
  const request = requestOf(clock, account, { price: 10n })
  await expect(ledger.authorize(request)).rejects.toThrow(LedgerUnavailable)
  expect(proxy.lost).toBe(lostBefore + 1)
  await until('the reservation is undone', async () => (await walletOf(pool, account)).held === 0n)
  expect(await count(pool, 'hold', 'request_id = $1', request.requestId)).toBe(0)
})

test('a credit whose commit succeeded unseen is reported as unavailable, and credited once when asked again', async () => {
  const { pool, clock } = fixture
  const account = await fixture.account()
  const ledger = fixture.another(proxy.connectionString)
  await ledger.sweepExpired()
  const credit = creditOf(account, 50n, clock)
  proxy.loseNextCommit()
  await expect(ledger.credit(credit)).rejects.toThrow(LedgerUnavailable)
  expect(await ledger.credit(credit)).toEqual({ outcome: 'repeated' })
  expect(await walletOf(pool, account)).toEqual({ balance: 50n, held: 0n, debt: 0n })
})

test('while PostgreSQL cannot be reached requests are refused, and afterwards the ledger goes on by itself', async () => {
  const { pool, clock } = fixture
  const account = await fixture.account(100n)
  const own = await startCuttingProxy(fixture.database.connectionString)
  const ledger = fixture.another(own.connectionString)
  const request = requestOf(clock, account, { price: 10n })
  await ledger.authorize(request)
  await own.close()
  await expect(ledger.authorize(requestOf(clock, account, { price: 10n }))).rejects.toThrow(LedgerUnavailable)
  const capture = ledger.resolve(captureOf(request, 10n))
  const back = await startCuttingProxy(fixture.database.connectionString, Number(new URL(own.connectionString).port))
  expect(await capture).toMatchObject({ outcome: 'booked' })
  expect(await walletOf(pool, account)).toEqual({ balance: 90n, held: 0n, debt: 0n })
  await ledger.stop()
  await back.close()
})
