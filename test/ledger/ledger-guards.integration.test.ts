import { afterAll, beforeAll, expect, test } from 'vitest'
import { captureOf, type LedgerFixture, openLedger, requestOf } from './ledger-fixture.ts'

let fixture: LedgerFixture
beforeAll(async () => {
  fixture = await openLedger()
  const { ledger, clock } = fixture
  const request = requestOf(clock, await fixture.account(100n), { price: 30n })
  await ledger.authorize(request)
  await ledger.resolve(captureOf(request, 30n))
})
afterAll(() => fixture.close())

const APPEND_ONLY: [table: string, column: string][] = [
  ['ledger_entry', 'reason'],
  ['ledger_entry', 'lot_amounts_nano'],
  ['usage_event', 'price_nano'],
]

test.each(APPEND_ONLY)('%s can neither be changed, nor deleted, nor emptied', async (table, column) => {
  const { pool } = fixture
  const before = await pool.query(`SELECT * FROM ${table} ORDER BY 1, 2`)
  expect(before.rows.length).toBeGreaterThan(0)
  for (const statement of [
    `UPDATE ${table} SET ${column} = ${column}`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ]) {
    await expect(pool.query(statement), statement).rejects.toThrow(/append-only/)
  }
  expect((await pool.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows).toEqual(before.rows)
})

test('a partition of usage events is no way around', async () => {
  const { pool } = fixture
  const { rows } = await pool.query<{ name: string }>(`SELECT tableoid::regclass::text AS name FROM usage_event`)
  for (const statement of ['UPDATE % SET price_nano = 0', 'DELETE FROM %', 'TRUNCATE %']) {
    await expect(pool.query(statement.replace('%', rows[0]!.name)), statement).rejects.toThrow(/append-only/)
  }
})

test.each(['wallet', 'credit_lot'])('a %s can neither be deleted nor emptied', async (table) => {
  const client = await fixture.pool.connect()
  for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`]) {
    await client.query('BEGIN')
    const answer = await client.query(statement).then(
      () => 'done',
      (error: Error) => error.message,
    )
    expect.soft(answer, statement).toMatch(/append-only/)
    await client.query('ROLLBACK')
  }
  client.release()
})

test('the database itself refuses figures that the ledger never writes', async () => {
  const { pool } = fixture
  for (const [statement, constraint] of [
    ['UPDATE wallet SET held_nano = balance_nano + debt_nano + 1', 'wallet_held_is_covered'],
    ['UPDATE wallet SET debt_nano = -1', 'wallet_debt_not_negative'],
    ['UPDATE credit_lot SET remaining_nano = granted_nano + 1', 'credit_lot_remaining_not_above_granted'],
    ['UPDATE credit_lot SET held_nano = remaining_nano + 1', 'credit_lot_held_is_covered'],
    ['UPDATE credit_lot SET open = NOT open', 'credit_lot_open_while_credit_remains'],
  ] as const) {
    await expect(pool.query(statement), statement).rejects.toMatchObject({ constraint })
  }
})
