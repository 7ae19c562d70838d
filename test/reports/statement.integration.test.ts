import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExportError } from '../../src/reports/export-error.ts'
import type { Statement } from '../../src/reports/statement.ts'
import { checkStatement } from '../../src/reports/statement-check.ts'
import { writeStatementCsv } from '../../src/reports/statement-csv.ts'
import { monthPeriod } from '../../src/reports/statement-period.ts'
import { readStatement, type StatementRequest } from '../../src/reports/statement-read.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'
import { parseCsv } from './export-parse-csv.ts'
import { DAY_MS, liveThroughYear, startYear, type Year } from './statement-year.ts'

const ZONES = ['UTC', 'America/New_York', 'Pacific/Auckland']

let farebox: Farebox
let year: Year
let startedAt: number

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  startedAt = farebox.clock.now()
  year = await startYear(farebox)
  await liveThroughYear(year)
})
afterAll(() => farebox.close())

const statement = (more: Partial<StatementRequest> = {}) =>
  readStatement(farebox, {
    ...{ accountId: year.customer.accountId, from: startedAt - DAY_MS, to: farebox.clock.now() + DAY_MS },
    ...more,
  })
const check = (of: Statement) => checkStatement(farebox, of)

/** The calendar months from the first request to today, as they are in the zone. */
function months(zone: string): { from: number; to: number }[] {
  const first = new Date(startedAt - DAY_MS)
  const count = 15
  return Array.from({ length: count }, (_, index) => {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index, 1))
    return monthPeriod(month.getUTCFullYear(), month.getUTCMonth() + 1, zone)
  })
}

/** Changes what is append-only, as somebody with the rights of the database's owner could. */
async function force(sql: string, ...values: unknown[]): Promise<void> {
  const client = await farebox.pool.connect()
  try {
    await client.query('BEGIN; SET LOCAL session_replication_role = replica')
    await client.query(sql, values)
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

test('a year of mixed movements adds up to the wallet, to the nano, with every kind in it', async () => {
  const whole = await statement()
  const [wallet] = await farebox.rows<{ nano: string }>(
    'SELECT balance_nano::text AS nano FROM wallet WHERE account_id = $1',
    year.customer.accountId,
  )
  expect(whole.openingNano).toBe(0n)
  expect(whole.closingNano).toBe(BigInt(wallet?.nano ?? 0))
  expect(whole.lines.reduce((sum, { amountNano }) => sum + amountNano, whole.openingNano)).toBe(whole.closingNano)
  expect(new Set(whole.lines.map(({ kind }) => kind))).toEqual(
    new Set([
      'PURCHASE',
      'MANUAL_SETTLEMENT',
      'GRANT',
      'USAGE_DEBIT',
      'REFUND',
      'ADJUSTMENT',
      'DISPUTE',
      'DISPUTE_REVERSAL',
      'EXPIRY',
    ]),
  )
  expect(new Set(whole.lines.map(({ type }) => type))).toContain('Bonus')
  expect(await check(whole)).toEqual([])
})

test.each(ZONES)('each month opens with what the month before closed with, in %s', async (zone) => {
  const statements: Statement[] = []
  for (const period of months(zone)) statements.push(await statement({ ...period, timeZone: zone }))
  let closingNano = 0n
  for (const month of statements) {
    expect(month.openingNano).toBe(closingNano)
    expect(await check(month)).toEqual([])
    closingNano = month.closingNano
  }
  const whole = await statement({ timeZone: zone })
  expect(closingNano).toBe(whole.closingNano)
  expect(statements.flatMap(({ lines }) => lines)).toEqual(whole.lines)
})

test('usage is one line a day with its number of requests, after the other movements of the day', async () => {
  const { lines } = await statement()
  const usage = lines.filter(({ kind }) => kind === 'USAGE_DEBIT')
  expect(new Set(usage.map(({ day }) => day)).size).toBe(usage.length)
  const [first] = usage
  expect([first?.requests, first?.amountNano, first?.description]).toEqual([4n, -1_710_000_000n, '4 requests'])
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1]
    if (line.kind === 'USAGE_DEBIT' && next) expect(next.day > line.day).toBe(true)
  }
})

test('a line names its order, and its invoice or credit note', async () => {
  const { lines } = await statement()
  const { accountId } = year.customer
  const orders = await farebox.rows<{ reference: string; number: string | null }>(
    `SELECT o.reference, t.number FROM payment_order o LEFT JOIN tax_document t ON t.order_id = o.id AND t.kind = 'INVOICE'
     WHERE o.account_id = $1 ORDER BY o.paid_at`,
    accountId,
  )
  const bought = lines.filter(({ group }) => group === 'purchases')
  expect(bought.map(({ orderReference }) => orderReference)).toEqual(orders.map(({ reference }) => reference))
  expect(bought.map(({ documentNumber }) => documentNumber)).toEqual(orders.map(({ number }) => number))
  const notes = await farebox.rows<{ number: string }>(
    `SELECT number FROM tax_document WHERE account_id = $1 AND kind = 'CREDIT_NOTE' AND refund_id IS NOT NULL ORDER BY created_at`,
    accountId,
  )
  const refunds = lines.filter(({ kind }) => kind === 'REFUND').map(({ documentNumber }) => documentNumber)
  expect(refunds.filter((number) => number !== null)).toEqual(notes.map(({ number }) => number))
  for (const line of lines.filter(({ group }) => group === 'refunds' || group === 'disputes')) {
    expect(line.orderReference).toMatch(/^RF/)
  }
})

test('two statements of neighbouring periods share no movement, also when a process booked with a clock behind', async () => {
  const customer = await farebox.customer({ creditNano: 1_000_000_000n })
  await farebox.credit(customer.accountId, 2_000_000_000n)
  await farebox.credit(customer.accountId, 3_000_000_000n)
  const { accountId } = customer
  const [second] = await farebox.rows<{ at: Date }>(
    'SELECT created_at AS at FROM ledger_entry WHERE account_id = $1 AND seq = 2',
    accountId,
  )
  const border = (second?.at.getTime() ?? 0) + 500
  await force(
    `UPDATE ledger_entry SET created_at = $2 WHERE account_id = $1 AND seq = 2`,
    accountId,
    new Date(border + 1_000),
  )
  await force(
    `UPDATE ledger_entry SET created_at = $2 WHERE account_id = $1 AND seq = 3`,
    accountId,
    new Date(border - 1_000),
  )
  const early = await statement({ accountId, from: border - DAY_MS, to: border })
  const late = await statement({ accountId, from: border, to: border + DAY_MS })
  expect([early.openingNano, early.closingNano]).toEqual([0n, 1_000_000_000n])
  expect([late.openingNano, late.closingNano]).toEqual([1_000_000_000n, 6_000_000_000n])
  expect([...(await check(early)), ...(await check(late))]).toEqual([])
})

test.each([
  [
    'the amount of an entry',
    'UPDATE ledger_entry SET amount_nano = amount_nano + $2 WHERE account_id = $1 AND seq = 7',
    /after entry 7|line|closing/,
  ],
  [
    'the balance of an entry',
    'UPDATE ledger_entry SET balance_after_nano = balance_after_nano + $2 WHERE account_id = $1 AND seq = 7',
    /after entry [78]/,
  ],
  [
    'the wallet',
    'UPDATE wallet SET balance_nano = balance_nano + $2, debt_nano = debt_nano WHERE account_id = $1',
    /wallet/,
  ],
])('one nano that was changed in %s is detected and named, and so is one cent', async (_what, sql, named) => {
  const whole = await statement()
  for (const nano of [1n, 10_000_000n]) {
    await force(sql, year.customer.accountId, nano.toString())
    const stored = await check(whole)
    const fresh = await check(await statement())
    await force(sql, year.customer.accountId, (-nano).toString())
    for (const found of [stored, fresh]) {
      expect(found.map(({ what }) => what).join('\n')).toMatch(named)
      const off = found.map(({ expectedNano, foundNano }) => expectedNano - foundNano)
      expect(off.every((difference) => difference === nano || difference === -nano)).toBe(true)
    }
  }
  expect(await check(whole)).toEqual([])
})

test('one nano that was changed in a kept statement is detected and named, line by line', async () => {
  const whole = await statement()
  const line = whole.lines[4] as Statement['lines'][number]
  const changed = { ...line, amountNano: line.amountNano + 1n }
  const found = await check({ ...whole, lines: whole.lines.map((one) => (one === line ? changed : one)) })
  expect(found.map(({ what }) => what)).toEqual(expect.arrayContaining([expect.stringContaining('line 5 ')]))
  expect(await check({ ...whole, openingNano: 1n })).not.toEqual([])
  expect(await check({ ...whole, closingNano: whole.closingNano - 1n })).not.toEqual([])
  expect(await check({ ...whole, lines: whole.lines.slice(0, -1) })).not.toEqual([])
})

test('the CSV repeats the statement exactly: nine digits, ISO dates, the currency in a column of its own', async () => {
  const whole = await statement()
  const chunks: Buffer[] = []
  for await (const chunk of writeStatementCsv(whole)) chunks.push(chunk)
  const [header = [], ...rows] = parseCsv(Buffer.concat(chunks).toString('utf8'))
  const column = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? '')
  expect(rows).toHaveLength(whole.lines.length + 2)
  const amounts = column('amount').slice(1, -1)
  for (const amount of amounts) expect(amount).toMatch(/^-?\d+\.\d{9}$/)
  const nano = (amount: string) => BigInt(amount.replace('.', ''))
  const balances = column('balance_after')
  expect(amounts.map(nano)).toEqual(whole.lines.map(({ amountNano }) => amountNano))
  expect(amounts.reduce((sum, amount) => sum + nano(amount), nano(balances[0] as string))).toBe(
    nano(balances.at(-1) as string),
  )
  for (const digits of column('balance_after_2_digits')) expect(digits).toMatch(/^-?\d+\.\d\d$/)
  expect(new Set(column('currency'))).toEqual(new Set(['USD']))
  for (const time of column('time')) expect(new Date(time).toISOString()).toBe(time)
  expect(column('type')[0]).toBe('Opening balance')
  expect(column('type').at(-1)).toBe('Closing balance')
})

test('a description that begins like a formula is text in the CSV; an amount below zero stays a number', async () => {
  const whole = await statement()
  const [line] = whole.lines
  const nasty = { ...(line as Statement['lines'][number]), description: '=HYPERLINK("http://x","y")', amountNano: -1n }
  const chunks: Buffer[] = []
  for await (const chunk of writeStatementCsv({ ...whole, lines: [nasty] })) chunks.push(chunk)
  const rows = parseCsv(Buffer.concat(chunks).toString('utf8'))
  expect(rows[2]).toEqual(expect.arrayContaining([`'=HYPERLINK("http://x","y")`, '-0.000000001']))
})

test.each([
  ['from', { from: 5, to: 10 }],
  ['to', { from: Date.UTC(2026, 1, 2), to: Date.UTC(2026, 1, 1) }],
  ['timeZone', { timeZone: '+02:00' }],
  ['timeZone', { timeZone: 'Mars/Olympus' }],
  ['accountId', { accountId: 'nobody' }],
])('a request whose %s makes no sense is refused by name', async (field, more) => {
  await expect(statement(more)).rejects.toMatchObject({ code: 'invalid_request', field })
})

test('there is no statement of an account that there is not', async () => {
  await expect(statement({ accountId: '01980000-0000-7000-8000-000000000001' })).rejects.toThrow(ExportError)
})
