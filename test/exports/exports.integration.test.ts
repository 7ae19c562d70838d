import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callApi } from '../orders/money-in-calls.ts'
import { parseCsv } from '../reports/export-parse-csv.ts'
import { type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { askForExport, DAY_MS, download, lastDays, reached, writeUsage } from './export-calls.ts'

const ROWS = 12_000

let farebox: Farebox
let customer: Customer
let stranger: Customer

beforeAll(async () => {
  farebox = await startFarebox({ workers: true })
  customer = await farebox.customer()
  stranger = await farebox.customer()
  await writeUsage(farebox, customer, ROWS)
})
afterAll(() => farebox.close())

const usage = (more: object = {}) => ({ kind: 'USAGE', format: 'csv', ...lastDays(farebox, 2), ...more })
const fileOf = (id: unknown, of = customer) => download(farebox, of, `/v1/exports/${id}/file`)
const row = async (id: unknown) => (await farebox.rows('SELECT * FROM export_request WHERE id = $1', id))[0]
async function made(of: Customer, body: object): Promise<string> {
  const { body: asked } = await askForExport(farebox, of, body)
  await reached(farebox, of, asked.id, 'DONE')
  return asked.id as string
}

/** Somebody who is told by mail. */
async function member({ accountId }: Customer): Promise<void> {
  await farebox.rows(
    `WITH person AS (INSERT INTO "user" (id, email, name, created_at) VALUES (gen_random_uuid(), $1 || '@example.com', 'Owner', now()) RETURNING id)
     INSERT INTO membership (id, user_id, account_id, role, created_at) SELECT gen_random_uuid(), id, $1::uuid, 'OWNER', now() FROM person`,
    accountId,
  )
}

describe('an export', () => {
  test('is asked for, made by a worker, and downloaded with the size and the hash that were said', async () => {
    const asked = await askForExport(farebox, customer, usage())
    expect(asked).toMatchObject({ status: 202, body: { state: 'PENDING', rowsDone: 0, rowsTotal: null } })
    const { body } = await reached(farebox, customer, asked.body.id, 'DONE')
    expect(body).toMatchObject({ rowsDone: ROWS, rowsTotal: ROWS, error: null })
    expect(Date.parse(body.expiresAt as string) - Date.parse(body.finishedAt as string)).toBe(7 * DAY_MS)
    const response = await fileOf(asked.body.id)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="usage-[-\d]+\.csv"$/)
    const content = Buffer.from(await response.arrayBuffer())
    expect([content.length, hash('sha256', content)]).toEqual([body.sizeBytes, body.sha256])
    expect(parseCsv(content.toString())).toHaveLength(ROWS + 1)
  })

  test('as JSON and as JSON lines has the same requests as the CSV', async () => {
    const range = lastDays(farebox, 2)
    const json = (await (await fileOf(await made(customer, usage({ ...range, format: 'json' })))).json()) as object[]
    const id = await made(customer, usage({ ...range, format: 'jsonl' }))
    const lines = (await (await fileOf(id)).text()).trimEnd().split('\n')
    expect(json).toHaveLength(ROWS)
    expect(lines.map((line) => JSON.parse(line))).toEqual(json)
    expect(await row(id)).toMatchObject({ rows_done: String(ROWS), rows_total: String(ROWS) })
  })

  test('of nothing is a file with its header alone', async () => {
    const id = await made(stranger, usage({ from: '2026-01-01', to: '2026-01-02' }))
    const response = await fileOf(id, stranger)
    expect(parseCsv(await response.text())).toHaveLength(1)
    expect(await row(id)).toMatchObject({ rows_done: '0', rows_total: '0' })
  })

  test('of a statement has its opening and closing balance', async () => {
    const id = await made(stranger, { ...usage(), kind: 'STATEMENT' })
    const [, ...rows] = parseCsv(await (await fileOf(id, stranger)).text())
    expect(rows.map((cells) => cells[2])).toEqual(['Opening balance', 'Promotional credit', 'Closing balance'])
    expect(await row(id)).toMatchObject({ rows_done: '3', rows_total: '3' })
  })

  test('holds no cell that a spreadsheet would compute, and counts rows with line ends in cells once', async () => {
    const buyer = await farebox.customer()
    await writeUsage(farebox, buyer, 3, '=HYPERLINK("http://evil.example","a\nb")')
    const id = await made(buyer, usage())
    const [header, ...rows] = parseCsv(await (await fileOf(id, buyer)).text())
    const agent = header?.indexOf('user_agent') as number
    expect(rows.map((cells) => cells[agent])).toEqual(Array(3).fill(`'=HYPERLINK("http://evil.example","a\nb")`))
    expect(await row(id)).toMatchObject({ rows_done: '3' })
  })
})

describe('a request', () => {
  const refused = async (body: object) => (await askForExport(farebox, customer, body)).body

  test('is refused by the name of the field at fault, and leaves nothing behind', async () => {
    const before = await farebox.rows('SELECT id FROM export_request')
    const [from, to] = ['2026-10-01', '2026-10-02']
    const fields = [
      await refused(usage({ from: to, to: from })),
      await refused(usage({ from, to: from })),
      await refused(usage({ from: '2025-01-01', to: '2026-01-03' })),
      await refused(usage({ from: 'yesterday' })),
      await refused(usage({ kind: 'JOURNAL' })),
      await refused(usage({ format: 'xlsx' })),
      await refused(usage({ kind: 'STATEMENT', format: 'json' })),
      await refused(usage({ from: '1970-01-01', to: '1970-01-02' })),
      await refused(usage({ accountId: stranger.accountId })),
    ]
    expect(fields.map(({ statusCode, details }) => [statusCode, (details as { field: string }).field])).toEqual(
      ['to', 'to', 'to', 'from', 'kind', 'format', 'format', 'from', 'accountId'].map((field) => [400, field]),
    )
    expect(await farebox.rows('SELECT id FROM export_request')).toEqual(before)
  })

  test('with the same key is one export, and with another body a conflict', async () => {
    const body = usage({ from: '2026-10-01', to: '2026-10-03' })
    const key = { 'idempotency-key': 'october-export' }
    const [first, again] = await Promise.all([0, 1].map(() => askForExport(farebox, customer, body, key)))
    expect([first?.status, again?.status]).toEqual([202, 202])
    expect(again?.body.id).toBe(first?.body.id)
    expect(await askForExport(farebox, customer, { ...body, format: 'json' }, key)).toMatchObject({
      status: 409,
      body: { errorCode: 'idempotency_conflict' },
    })
    expect((await askForExport(farebox, stranger, body, key)).body.id).not.toBe(first?.body.id)
  })

  test('beyond ten open ones waits for its turn, also of many at once', async () => {
    const busy = await farebox.customer()
    const lock = await farebox.pool.connect()
    try {
      // Nothing is made while this stands, so that all stay open.
      await lock.query('BEGIN; LOCK TABLE usage_event IN ACCESS EXCLUSIVE MODE')
      const answers = await Promise.all(Array.from({ length: 14 }, () => askForExport(farebox, busy, usage())))
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(10)
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(4)
    } finally {
      await lock.query('ROLLBACK')
      lock.release()
    }
  })

  test('takes a key that may see billing', async () => {
    await farebox.rows(`UPDATE access_key SET scopes = '{inference}' WHERE id = $1`, stranger.keyId)
    await vi.waitFor(async () => expect((await askForExport(farebox, stranger, usage())).status).toBe(403), PATIENCE)
    await farebox.rows(
      `UPDATE access_key SET scopes = '{inference,balance,purchase,billing}' WHERE id = $1`,
      stranger.keyId,
    )
    await vi.waitFor(
      async () => expect((await callApi(farebox, stranger, 'GET', '/v1/invoices')).status).toBe(200),
      PATIENCE,
    )
  })
})

describe('somebody else’s export', () => {
  test('is answered like one that does not exist', async () => {
    const id = await made(customer, usage())
    const nothing = '01980000-0000-7000-8000-000000000001'
    for (const path of ['', '/file']) {
      const answers = [id, nothing, 'nonsense'].map((one) =>
        callApi(farebox, stranger, 'GET', `/v1/exports/${one}${path}`),
      )
      const [theirs, ...none] = await Promise.all(answers)
      expect(theirs).toMatchObject({ status: 404, body: { errorCode: 'export_not_found' } })
      expect(none).toEqual([theirs, theirs])
    }
  })
})

describe('an export that is done', () => {
  test('is told by mail, once, to those who look after the account’s money', async () => {
    const buyer = await farebox.customer()
    await member(buyer)
    await writeUsage(farebox, buyer, 100)
    const id = await made(buyer, usage())
    const mails = await farebox.rows<{ id: string; template: string; data: object }>(
      'SELECT id, template, data FROM mail WHERE account_id = $1',
      buyer.accountId,
    )
    const data = { what: 'usage export', rows: 100, path: `/exports/${id}` }
    expect(mails).toMatchObject([{ template: 'export-ready', data }])
    const written = () => readFile(join(farebox.outbox, `${mails[0]?.id}.eml`), 'utf8')
    await expect.poll(() => written().catch(() => ''), PATIENCE).toContain('Your usage export is ready')
  })
})
