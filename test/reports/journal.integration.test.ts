import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { JOURNAL_CHECKS } from '../../src/reports/journal-checks.ts'
import { exportJournal } from '../../src/reports/journal-export.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { CLEAN, type Farebox, startFarebox } from '../support/farebox.ts'
import { DAY_MS, fallIntoDebt, liveThroughYear, startYear, type Year } from './statement-year.ts'
import { insertEvents } from './usage-world.ts'

let farebox: Farebox
let year: Year
let indebted: Year
let startedAt: number

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  startedAt = farebox.clock.now()
  year = await startYear(farebox)
  indebted = await startYear(farebox)
  await fallIntoDebt(indebted)
  await liveThroughYear(year)
})
afterAll(() => farebox.close())

/** Debits less credits of each account of the chart, in cents. */
async function balances(accountId: string): Promise<Record<string, number>> {
  const rows = await farebox.rows<{ code: string; nano: string }>(
    `SELECT account_code AS code, sum(debit_nano - credit_nano)::text AS nano FROM journal_line WHERE account_id = $1 GROUP BY 1 ORDER BY 1`,
    accountId,
  )
  return Object.fromEntries(rows.map(({ code, nano }) => [code, Number(nano) / 1e7]))
}

async function findings(): Promise<string[]> {
  const client = await farebox.pool.connect()
  try {
    const report = await verifyLedger(client, JOURNAL_CHECKS)
    return report.findings
      .filter(({ check }) => check.startsWith('journal'))
      .map(({ check, message }) => `${check}: ${message}`)
  } finally {
    client.release()
  }
}

/** Changes what is append-only, as somebody with the rights of the database's owner could; undone afterwards. */
async function tampered<Result>(sql: string, undo: string, look: () => Promise<Result>): Promise<Result> {
  const change = async (statement: string) => {
    const client = await farebox.pool.connect()
    try {
      await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`)
    } finally {
      client.release()
    }
  }
  await change(sql)
  try {
    return await look()
  } finally {
    await change(undo)
  }
}

test('the books of a mixed year are clean, and so is their journal', async () => {
  expect(await farebox.verify()).toBe(CLEAN)
  expect(await findings()).toEqual([])
})

test('the journal as a whole, and each entry in it, sums to zero', async () => {
  const [total] = await farebox.rows(
    `SELECT sum(debit_nano - credit_nano)::text AS nano, count(*) > 60 AS many FROM journal_line`,
  )
  expect(total).toEqual({ nano: '0', many: true })
  expect(
    await farebox.rows('SELECT entry_id FROM journal_line GROUP BY 1 HAVING sum(debit_nano) <> sum(credit_nano)'),
  ).toEqual([])
  expect(await farebox.rows('SELECT 1 FROM journal_line WHERE account_name IS NULL OR at IS NULL')).toEqual([])
})

test('each account of the chart tells what happened in a year, to the cent', async () => {
  const { accountId } = year.customer
  const books = await balances(accountId)
  const [wallet] = await farebox.rows<{ nano: string }>(
    'SELECT balance_nano::text AS nano FROM wallet WHERE account_id = $1',
    accountId,
  )
  // Received 1,200.00 by bank for an order of 1,190.00.
  expect(books['1000']).toBe(120_000)
  expect(books['2210']).toBe(-1_000)
  const [money] = await farebox.rows<Record<'paid' | 'refunded' | 'lost' | 'open', number>>(
    `SELECT (SELECT sum(total_minor)::integer FROM payment_order WHERE account_id = $1 AND provider = 'STRIPE' AND paid_at IS NOT NULL) AS paid,
            (SELECT sum(total_minor)::integer FROM refund WHERE account_id = $1 AND state = 'SUCCEEDED') AS refunded,
            (SELECT sum(amount_minor)::integer FROM dispute WHERE account_id = $1 AND state = 'LOST') AS lost,
            (SELECT sum(amount_minor)::integer FROM dispute WHERE account_id = $1 AND state = 'OPEN') AS open`,
    accountId,
  )
  const { paid, refunded, lost, open } = money as NonNullable<typeof money>
  expect([refunded, lost > 999, open > 4_199]).toEqual([4_000, true, true])
  expect(books['1010']).toBe(paid - refunded - lost - open)
  // Its credits, 10.00, were taken back; what its tax was is lost with it.
  expect(books['6300'] ?? 0).toBe(lost - 1_000)
  expect(books['1200']).toBe(open)
  expect(books['1100'] ?? 0).toBe(0)
  expect(books['2200'] ?? 0).toBe(0)
  expect(books['4000']).toBe(-(123 + 10 + 7 + 31 + 1_001 + 2_500 + 777 + 5 + 9))
  expect((books['2000'] ?? 0) + (books['2100'] ?? 0)).toBe(-Number(wallet?.nano) / 1e7)
  const [tax] = await farebox.rows<{ minor: number }>(
    `SELECT sum(CASE t.kind WHEN 'INVOICE' THEN t.tax_minor WHEN 'CREDIT_NOTE' THEN -t.tax_minor END)::integer AS minor
     FROM tax_document t LEFT JOIN refund r ON r.id = t.refund_id
     WHERE t.account_id = $1 AND (r.id IS NULL OR r.state = 'SUCCEEDED')`,
    accountId,
  )
  expect(tax?.minor).toBeGreaterThan(18_999)
  expect(books['2300']).toBe(-(tax?.minor as number))
  expect(Object.values(books).reduce((sum, cents) => sum + cents, 0)).toBe(0)
})

test('a debt is a receivable until a purchase repays it', async () => {
  const { accountId } = indebted.customer
  const books = await balances(accountId)
  const [wallet] = await farebox.rows<{ debt: string; balance: string }>(
    'SELECT debt_nano::text AS debt, balance_nano::text AS balance FROM wallet WHERE account_id = $1',
    accountId,
  )
  expect(books['1100']).toBe(Number(wallet?.debt) / 1e7)
  // 9.00 were spent and 2.50 billed above; the lost 10.00 took what was left, 6.00 came in.
  expect(books).toMatchObject({ '1100': 250 + 900 - 600, '4000': -1_150 })
})

test("usage of a reseller's customer is owed to the reseller, whose own credit pays the wholesale price", async () => {
  const { resellerId, running, clock } = farebox
  await farebox.credit(resellerId, 5_000_000_000n)
  const customer = await farebox.customer({ creditNano: 5_000_000_000n, resellerId })
  const request = requestOf(clock, customer.accountId, { price: 30_000_000n, wholesale: 20_000_000n }, { resellerId })
  expect(await running.gateway.ledger.authorize(request)).toMatchObject({ granted: true })
  await running.gateway.ledger.resolve(captureOf(request, 30_000_000n, 20_000_000n))
  expect(await balances(customer.accountId)).toMatchObject({ '2500': -3 })
  expect(await balances(resellerId)).toMatchObject({ '4010': -2 })
  expect(await findings()).toEqual([])
})

test('what a provider charges for a request is cost and accrued, in the period of the request', async () => {
  const { accountId } = await farebox.customer({ creditNano: 0n })
  const at = startedAt + 50 * DAY_MS
  await insertEvents(farebox.pool, [{ at, accountId, seed: 1_000_000 }])
  expect(await balances(accountId)).toEqual({ '2400': -2.3, '5000': 2.3 })
  const within = (await linesOf(at, at + 1)).filter((line) => line.includes(accountId))
  expect(within.map((line) => line.split(',').slice(3, 7).join())).toEqual([
    '5000,Provider cost,0.023000000,0.000000000',
    '2400,Accrued provider cost,0.000000000,0.023000000',
  ])
  expect((await linesOf(at + 1, at + DAY_MS)).filter((line) => line.includes(accountId))).toEqual([])
})

test('a ledger entry that was changed by one nano no longer balances, and is named', async () => {
  const where = `account_id = '${year.customer.accountId}' AND seq = (SELECT min(seq) FROM ledger_entry WHERE kind = 'PURCHASE' AND account_id = '${year.customer.accountId}')`
  const change = (sign: string) =>
    `UPDATE ledger_entry SET lot_amounts_nano[1] = lot_amounts_nano[1] ${sign} 1 WHERE ${where}`
  const found = await tampered(change('+'), change('-'), findings)
  const [, debits = 0, credits = 0] =
    found
      .map((finding) => /^journal-entries: has debits of (\d+) nano, but credits of (\d+) nano/.exec(finding))
      .find(Boolean) ?? []
  expect(BigInt(credits) - BigInt(debits)).toBe(1n)
  expect(found.some((finding) => finding.startsWith('journal-balances: the journal owes'))).toBe(true)
  expect(await findings()).toEqual([])
})

test('an order whose credits were changed by one nano no longer explains its entry, and is named', async () => {
  const { accountId } = year.customer
  const change = (sign: string) =>
    `UPDATE payment_order SET credit_nano = credit_nano ${sign} 1 WHERE account_id = '${accountId}' AND kind = 'MANUAL'`
  const found = await tampered(change('+'), change('-'), findings)
  expect(found).toEqual([expect.stringContaining('journal-entries: has debits of')])
})

test('the journal of a period has exactly its lines, exact and in balance', async () => {
  const to = farebox.clock.now() + DAY_MS
  const middle = startedAt + 100 * DAY_MS
  const [whole, first, second] = await Promise.all([
    linesOf(startedAt - DAY_MS, to),
    linesOf(startedAt - DAY_MS, middle),
    linesOf(middle, to),
  ])
  const [count] = await farebox.rows<{ lines: number }>('SELECT count(*)::integer AS lines FROM journal_line')
  expect(whole).toHaveLength(count?.lines as number)
  expect([...first, ...second]).toEqual(whole)
  expect([first.length > 20, second.length > 20]).toEqual([true, true])
  const sums = whole.map((line) => line.split(',')).map(([, , , , , debit = '', credit = '']) => [debit, credit])
  for (const amount of sums.flat()) expect(amount).toMatch(/^\d+\.\d{9}$/)
  const nano = (amount = '') => BigInt(amount.replace('.', ''))
  expect(sums.reduce((sum, [debit, credit]) => sum + nano(debit) - nano(credit), 0n)).toBe(0n)
  for (const line of whole) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/)
})

async function linesOf(from: number, to: number): Promise<string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of await exportJournal({ pool: farebox.pool }, { from, to })) chunks.push(chunk as Buffer)
  const [header, ...lines] = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n')
  expect(header).toBe('time,entry,kind,account_code,account_name,debit,credit,currency,customer,source,source_id')
  return lines
}
