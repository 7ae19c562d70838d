import { afterAll, beforeAll, expect, test } from 'vitest'
import { periodStartAt } from '../../src/ledger/budget.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { captureOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let fixture: LedgerFixture
beforeAll(async () => {
  fixture = await openLedger()
})
afterAll(() => fixture.close())

async function budgetOf(account: string, period: 'DAY' | 'TOTAL'): Promise<string> {
  const { pool, clock } = fixture
  const id = uuidV7(clock)
  await pool.query(
    `INSERT INTO budget (id, account_id, period, limit_nano, period_start, created_at)
     VALUES ($1, $2, $3, 1000, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000))`,
    [id, account, period, periodStartAt(period, clock.now()), clock.now()],
  )
  return id
}

async function spend(account: string, price: bigint, budgetIds: string[]): Promise<void> {
  const request = requestOf(fixture.clock, account, { price }, { budgetIds })
  expect((await fixture.ledger.authorize(request)).granted).toBe(true)
  await fixture.ledger.resolve(captureOf(request, price))
}

const budgetFindings = async () => (await verifyLedger(fixture.database.connectionString)).findings

test('a budget made after spending began, and while a request is in flight, raises no alarm', async () => {
  const { ledger, clock } = fixture
  const account = await fixture.account(1_000n)
  await spend(account, 10n, [])
  const inFlight = requestOf(clock, account, { price: 20n })
  await ledger.authorize(inFlight)
  clock.advance(MINUTE)
  const budget = await budgetOf(account, 'TOTAL')
  clock.advance(MINUTE)
  await ledger.resolve(captureOf(inFlight, 20n))
  await spend(account, 30n, [budget])
  expect(await budgetFindings()).toEqual([])
})

test('a budget whose period has turned counts only what was charged since', async () => {
  const { ledger, clock } = fixture
  const account = await fixture.account(1_000n)
  const budget = await budgetOf(account, 'DAY')
  clock.advance(DAY)
  await spend(account, 100n, [budget])
  const overMidnight = requestOf(clock, account, { price: 7n }, { budgetIds: [budget] })
  await ledger.authorize(overMidnight)
  clock.advance(DAY)
  await ledger.resolve(captureOf(overMidnight, 7n))
  expect(await budgetFindings()).toEqual([])
  await fixture.pool.query('UPDATE budget SET spent_nano = 107 WHERE id = $1', [budget])
  expect(await budgetFindings()).toMatchObject([
    {
      check: 'budget-spent',
      row: budget,
      message: expect.stringMatching(/^107 nano are spent, .* were charged 7 nano/),
    },
  ])
})
