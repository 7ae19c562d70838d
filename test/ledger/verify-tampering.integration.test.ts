import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatVerifyReport } from '../../src/ledger/verify/format-verify-report.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { captureOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'

let fixture: LedgerFixture
let customer: string
let reseller: string
let charged: string
let open: string
let budget: string

/** A small ledger in full bloom: both planes, a charge, an open hold, a budget older than them all. */
beforeEach(async () => {
  fixture = await openLedger()
  const { ledger, pool, clock } = fixture
  reseller = await fixture.account(500n)
  customer = await fixture.account(1_000n, { resellerId: reseller })
  budget = uuidV7(clock)
  await pool.query(
    `INSERT INTO budget (id, account_id, period, limit_nano, period_start, created_at)
     VALUES ($1, $2, 'TOTAL', 100000, now() - interval '1 hour', now() - interval '1 hour')`,
    [budget, customer],
  )
  const more = { resellerId: reseller, budgetIds: [budget] }
  const requests = [30n, 40n, 50n].map((price) => requestOf(clock, customer, { price, wholesale: price - 10n }, more))
  for (const request of requests) await ledger.authorize(request)
  for (const request of requests.slice(0, 2)) await ledger.resolve(captureOf(request, 25n, 15n))
  charged = requests[1]!.requestId
  open = requests[2]!.requestId
  expect(formatVerifyReport(await verifyLedger(fixture.database.connectionString))).toMatch(/ledger is clean$/)
})
afterEach(() => fixture.close())

/** Changes rows as somebody with the keys to the database could: past every trigger. */
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  const client = await fixture.pool.connect()
  await client.query('SET session_replication_role = replica')
  const { rowCount } = await client.query(sql, values)
  expect(rowCount).toBe(1)
  await client.query('RESET session_replication_role')
  client.release()
}

/** What is found, as `check table row`, in the order of the text. */
async function found(): Promise<string[]> {
  const report = await verifyLedger(fixture.database.connectionString)
  expect(report.ok).toBe(report.findings.length === 0)
  return report.findings.map(({ check, table, row }) => `${check} ${table} ${row}`).sort()
}

test('an entry whose amount was changed is named', async () => {
  await tamper('UPDATE ledger_entry SET amount_nano = -24 WHERE account_id = $1 AND seq = 2', customer)
  expect(await found()).toEqual(
    [
      `debit-event ledger_entry ${customer}/2`,
      `entry-balance ledger_entry ${customer}/2`,
      `entry-hash ledger_entry ${customer}/2`,
      `entry-movements ledger_entry ${customer}/2`,
      `wallet-entries wallet ${customer}`,
    ].sort(),
  )
})

test('an entry whose hash was changed is named, and the one behind it is not', async () => {
  await tamper(`UPDATE ledger_entry SET hash = sha256('x') WHERE account_id = $1 AND seq = 2`, customer)
  expect(await found()).toEqual([`entry-hash ledger_entry ${customer}/2`])
})

test('an entry that was changed together with its own hash is betrayed by the one behind it', async () => {
  await tamper(
    `UPDATE ledger_entry SET reason = 'other', hash = sha256('x') WHERE account_id = $1 AND seq = 2`,
    customer,
  )
  const { findings } = await verifyLedger(fixture.database.connectionString)
  const named = findings.find(({ row }) => row === `${customer}/2`)
  const computed = /gives ([0-9a-f]{64})$/.exec(named?.message ?? '')?.[1]
  await tamper(`UPDATE ledger_entry SET hash = decode($2, 'hex') WHERE account_id = $1 AND seq = 2`, customer, computed)
  expect(await found()).toEqual([`entry-hash ledger_entry ${customer}/3`])
})

test.each([
  ['reason', `'because'`],
  ['actor_id', 'gen_random_uuid()'],
  ['created_at', `created_at + interval '1 millisecond'`],
  ['currency', `'EUR'`],
])('an entry whose %s was changed is named', async (column, value) => {
  await tamper(`UPDATE ledger_entry SET ${column} = ${value} WHERE account_id = $1 AND seq = 2`, customer)
  expect(await found()).toEqual([`entry-hash ledger_entry ${customer}/2`])
})

test('a deleted entry is named as the gap it leaves', async () => {
  await tamper('DELETE FROM ledger_entry WHERE account_id = $1 AND seq = 2', customer)
  const names = await found()
  expect(names).toContain(`entry-sequence ledger_entry ${customer}/3`)
  expect(names).toContain(`wallet-entries wallet ${customer}`)
  expect(names.some((name) => name.startsWith('entry-hash'))).toBe(false)
})

test('a deleted last entry is missed by its wallet', async () => {
  await tamper('DELETE FROM ledger_entry WHERE account_id = $1 AND seq = 3', customer)
  const report = await verifyLedger(fixture.database.connectionString)
  const head = report.findings.find(({ check }) => check === 'wallet-head')
  expect(head).toMatchObject({
    row: customer,
    message: 'the wallet was last written at entry 3, but the last entry stored is 2',
  })
  expect(await found()).toContain(`event-debit usage_event ${charged}`)
})

test('a lot with more left than its movements say is named', async () => {
  await tamper('UPDATE credit_lot SET remaining_nano = remaining_nano + 1 WHERE account_id = $1', customer)
  expect(await found()).toEqual([`lot-remaining credit_lot ${await lotOf(customer)}`, `wallet-lots wallet ${customer}`])
})

test('a wallet with another balance is named with exact figures', async () => {
  await tamper('UPDATE wallet SET balance_nano = balance_nano + 7 WHERE account_id = $1', customer)
  const report = await verifyLedger(fixture.database.connectionString)
  expect(report.findings.map(({ check, row, message }) => ({ check, row, message }))).toEqual([
    { check: 'wallet-entries', row: customer, message: 'the balance is 957 nano, but the entries sum to 950 nano' },
    {
      check: 'wallet-lots',
      row: customer,
      message: 'the balance is 957 nano, but the lots have 950 nano left and the debt is 0 nano',
    },
  ])
})

test('a wallet or a lot that holds something else than its holds reserve is named', async () => {
  await tamper('UPDATE wallet SET held_nano = held_nano + 1 WHERE account_id = $1', reseller)
  await tamper('UPDATE credit_lot SET held_nano = held_nano - 1 WHERE account_id = $1', customer)
  expect(await found()).toEqual(
    [
      `lot-held credit_lot ${await lotOf(customer)}`,
      `wallet-held wallet ${customer}`,
      `wallet-held wallet ${reseller}`,
    ].sort(),
  )
})

test('a debt that no movement made is named', async () => {
  await tamper('UPDATE wallet SET debt_nano = 5, balance_nano = balance_nano - 5 WHERE account_id = $1', customer)
  expect(await found()).toEqual([`wallet-debt wallet ${customer}`, `wallet-entries wallet ${customer}`])
})

test('a deleted movement is named by its entry and its lot', async () => {
  await tamper(
    `UPDATE ledger_entry SET lot_ids = '{}', lot_amounts_nano = '{}' WHERE account_id = $1 AND seq = 3`,
    customer,
  )
  expect(await found()).toEqual(
    [
      `entry-hash ledger_entry ${customer}/3`,
      `entry-movements ledger_entry ${customer}/3`,
      `lot-remaining credit_lot ${await lotOf(customer)}`,
    ].sort(),
  )
})

test('a usage event that nobody was debited for is named on both planes', async () => {
  const invented = uuidV7(fixture.clock)
  await tamper(
    `INSERT INTO usage_event SELECT (jsonb_populate_record(u, jsonb_build_object('id', $2::text))).*
     FROM usage_event u WHERE id = $1`,
    charged,
    invented,
  )
  expect(await found()).toEqual([`event-debit usage_event ${invented}`, `event-debit usage_event ${invented}`])
})

test('a usage event with another price is named by its debits', async () => {
  await tamper('UPDATE usage_event SET price_nano = 26, wholesale_nano = 14 WHERE id = $1', charged)
  expect(await found()).toEqual(
    [
      `budget-spent budget ${budget}`,
      `debit-event ledger_entry ${customer}/3`,
      `debit-event ledger_entry ${reseller}/3`,
    ].sort(),
  )
})

test('a request that ended and still holds credit is named', async () => {
  await tamper('UPDATE hold SET request_id = $2 WHERE request_id = $1', open, charged)
  expect(await found()).toEqual([`ended-hold hold ${charged}`])
})

test('a budget that spent or holds something else than its requests is named', async () => {
  await tamper('UPDATE budget SET spent_nano = spent_nano - 1, held_nano = held_nano + 1 WHERE id = $1', budget)
  expect(await found()).toEqual([`budget-held budget ${budget}`, `budget-spent budget ${budget}`])
})

test('a hold that was deleted is missed by wallets, lots and budget', async () => {
  await tamper('DELETE FROM hold WHERE request_id = $1', open)
  expect(await found()).toEqual(
    [
      `budget-held budget ${budget}`,
      `lot-held credit_lot ${await lotOf(customer)}`,
      `lot-held credit_lot ${await lotOf(reseller)}`,
      `wallet-held wallet ${customer}`,
      `wallet-held wallet ${reseller}`,
    ].sort(),
  )
})

test('a lot without an entry behind it is named', async () => {
  await tamper('UPDATE credit_lot SET source_id = gen_random_uuid() WHERE account_id = $1', customer)
  expect(await found()).toEqual([
    `credit-lot ledger_entry ${customer}/1`,
    `lot-source credit_lot ${await lotOf(customer)}`,
  ])
})

test('rows without a wallet are named', async () => {
  await tamper('DELETE FROM wallet WHERE account_id = $1', customer)
  const names = await found()
  for (const row of [`hold ${open}`, `usage_event ${charged}`, `ledger_entry ${customer}/1`, `budget ${budget}`]) {
    expect(names).toContain(`owner ${row}`)
  }
})

test('the printed report has a line a check, the broken rows below theirs, and the verdict last', async () => {
  await tamper(`UPDATE ledger_entry SET reason = 'x' WHERE account_id = $1 AND seq = 2`, customer)
  const text = formatVerifyReport(await verifyLedger(fixture.database.connectionString))
  expect(text).toContain('✓ each balance is the sum of its entries\n')
  expect(text).toContain(
    '✗ each entry has the hash of its content and of the entry before it (entry-hash): 1 finding\n',
  )
  expect(text).toContain(`    ledger_entry ${customer}/2: the hash is `)
  expect(text).toMatch(/\nchecked 2 wallets, 6 entries, 2 lots, 1 hold, 2 usage events, 1 budget\n1 finding$/)
})

async function lotOf(account: string): Promise<string> {
  const { rows } = await fixture.pool.query<{ id: string }>('SELECT id FROM credit_lot WHERE account_id = $1', [
    account,
  ])
  return rows[0]!.id
}
