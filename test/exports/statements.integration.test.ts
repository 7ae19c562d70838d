import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { callApi } from '../orders/money-in-calls.ts'
import { parseCsv } from '../reports/export-parse-csv.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { DAY_MS, download } from './export-calls.ts'

let farebox: Farebox
let customer: Customer
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'farebox-statements-'))
  farebox = await startFarebox()
  customer = await farebox.customer({ creditNano: 12_345_678_901n })
})
afterAll(async () => {
  await farebox.close()
  await rm(directory, { recursive: true, force: true })
})

const monthAt = (at: number) => new Date(at).toISOString().slice(0, 7)
const thisMonth = () => monthAt(farebox.clock.now())
const statement = (name: string) => download(farebox, customer, `/v1/statements/${name}`)
const refusal = async (name: string) => {
  const { status, body } = await callApi(farebox, customer, 'GET', `/v1/statements/${name}`)
  return [status, body.errorCode, (body.details as { field?: string }).field]
}
const balances = async (response: Response) => {
  const [, ...rows] = parseCsv(await response.text())
  return { opening: rows[0]?.[8], closing: rows.at(-1)?.[8], rows: rows.length }
}

describe('a month', () => {
  test('as a CSV goes from its opening to its closing balance', async () => {
    const response = await statement(`${thisMonth()}.csv`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="statement-${thisMonth()}.csv"`)
    expect(await balances(response)).toEqual({ opening: '0.000000000', closing: '12.345678901', rows: 3 })
  })

  test('that has not begun, ended before the account was opened, or is none, is refused and named', async () => {
    const now = farebox.clock.now()
    expect(await refusal(`${monthAt(now + 40 * DAY_MS)}.csv`)).toEqual([404, 'month_not_found', 'month'])
    expect(await refusal(`${monthAt(now - 70 * DAY_MS)}.pdf`)).toEqual([404, 'month_not_found', 'month'])
    for (const name of ['2026-13', '2026-00', '2026-1', '202611', 'november', '0000-01']) {
      expect(await refusal(`${name}.csv`)).toEqual([400, 'invalid_request', 'month'])
    }
  })

  test('is nobody’s but the caller’s', async () => {
    const stranger = await farebox.customer({ creditNano: 0n })
    const response = await download(farebox, stranger, `/v1/statements/${thisMonth()}.csv`)
    expect(await balances(response)).toEqual({ opening: '0.000000000', closing: '0.000000000', rows: 2 })
    expect((await fetch(`${farebox.url}/v1/statements/${thisMonth()}.csv`)).status).toBe(401)
  })

  test('as a PDF bears the seller’s name, and waits for a seller', async () => {
    expect(await refusal(`${thisMonth()}.pdf`)).toEqual([409, 'seller_not_set_up', undefined])
    await writeSeller(farebox.pool, farebox.clock, null, {
      legalName: 'Farebox Operations GmbH',
      address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
      vatId: 'DE136695976',
      email: 'billing@farebox.example',
      timeZone: 'Europe/Berlin',
    })
    const response = await statement(`${thisMonth()}.pdf`)
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
  })
})

describe('farebox statement export', () => {
  const run = async (...parameters: string[]) => {
    const { DATABASE_URL: _, ...env } = process.env
    const command = [resolve(import.meta.dirname, '../../src/cli.ts'), 'statement', 'export', ...parameters]
    return promisify(execFile)(process.execPath, command, {
      env: { ...env, DATABASE_URL: farebox.database.connectionString, FAREBOX_DATA_DIR: directory },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout.trim() }),
      ({ code, stderr }) => ({ code: code as number, text: String(stderr).trim() }),
    )
  }
  const slug = async () => {
    const [row] = await farebox.rows<{ slug: string }>('SELECT slug FROM account WHERE id = $1', customer.accountId)
    return row?.slug as string
  }

  test('writes the same CSV as the API, and a PDF', async () => {
    const [csv, pdf] = [join(directory, 'month.csv'), join(directory, 'month.PDF')]
    expect(await run(await slug(), thisMonth(), csv)).toEqual({ code: 0, text: `Wrote ${csv}.` })
    expect(await readFile(csv, 'utf8')).toBe(await (await statement(`${thisMonth()}.csv`)).text())
    expect(await run(await slug(), thisMonth(), pdf)).toEqual({ code: 0, text: `Wrote ${pdf}.` })
    expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-')
  })

  test('says what is wrong with its parameters and writes no file', async () => {
    const file = join(directory, 'none.csv')
    expect(await run('nobody', thisMonth(), file)).toMatchObject({ code: 1, text: expect.stringContaining("'nobody'") })
    expect(await run(await slug(), '2026-13', file)).toMatchObject({
      code: 1,
      text: expect.stringContaining('2026-13'),
    })
    expect(await run(await slug(), thisMonth(), join(directory, 'none.txt'))).toMatchObject({ code: 1 })
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })
})

describe('months', () => {
  test('without movements open and close with the same balance, and the next one begins where one ends', async () => {
    const first = thisMonth()
    farebox.clock.advance(70 * DAY_MS)
    const [, year = '', month = ''] = /^(\d+)-(\d+)$/.exec(first) ?? []
    const next = monthAt(Date.UTC(Number(year), Number(month), 1))
    const { closing } = await balances(await statement(`${first}.csv`))
    expect(await balances(await statement(`${next}.csv`))).toEqual({ opening: closing, closing, rows: 2 })
  })
})
