import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvoicingError } from '../../src/invoicing/invoicing-error.ts'
import { readSeller, writeSeller } from '../../src/invoicing/seller.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.connectionString, max: 4 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const BANK = { holder: 'Farebox Operations GmbH', iban: 'DE89 3704 0044 0532 0130 00', bic: 'COBADEFFXXX' }
const ADDRESS = { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' }
const SELLER = {
  legalName: 'Farebox Operations GmbH',
  address: ADDRESS,
  bank: BANK,
  vatId: 'DE136695976',
  email: 'billing@farebox.example',
}

const written = (more: Record<string, unknown>) => writeSeller(pool, systemClock, null, { ...SELLER, ...more } as never)

async function refusedField(work: Promise<unknown>): Promise<string | null> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvoicingError)
  return (error as InvoicingError).field
}

test('there is none before one is written', async () => {
  expect(await readSeller(pool, null)).toBeNull()
})

test('it is read back as written, with IBAN and BIC compact and in capitals', async () => {
  await written({ bank: { ...BANK, iban: 'de89 3704 0044 0532 0130 00', bic: 'cobadeff xxx' } })
  expect(await readSeller(pool, null)).toMatchObject({ bank: { iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' } })
  await written({ bank: null, legalName: '  Farebox\n Ltd ' })
  expect(await readSeller(pool, null)).toMatchObject({ bank: null, legalName: 'Farebox Ltd' })
})

describe('what is wrong is refused by its name, and the seller stays', () => {
  test.each([
    ['bank.iban', ['', 'DE89370400440532013001', 42, null].map((iban) => ({ bank: { ...BANK, iban } }))],
    ['bank.bic', ['', 'COBADE', '12345678', 42].map((bic) => ({ bank: { ...BANK, bic } }))],
    ['legalName', ['', ' ', 'n'.repeat(141), 42, null].map((legalName) => ({ legalName }))],
    ['email', ['', 'billing', 'a b@example.com', 42].map((email) => ({ email }))],
    ['address.country', [{ address: { ...ADDRESS, country: 'Germany' } }]],
    ['timeZone', [{ timeZone: 'Berlin' }, { timeZone: '' }]],
    ['logo', [{ logo: Buffer.from('<svg/>') }, { logo: Buffer.alloc(300_000, 0x89) }, { logo: 'a.png' }]],
    [
      'invoicePattern',
      ['FB-{yyyy}', '{000001}', 'FB-{yyyy}-{0001}-{01}', 'FB<{yyyy}-{01}>', 'FB-{mm}-{yyyy}-{01}'].map(
        (invoicePattern) => ({ invoicePattern }),
      ),
    ],
    ['creditNotePattern', [{ creditNotePattern: 'FB-{yyyy}-{000001}' }]],
    ['vatId', [{ vatId: null }, { vatId: '136695976' }, { vatId: 'DE' }, { vatId: 'DE<script>' }]],
    ['surprise', [{ surprise: 1 }]],
  ])('%s', async (field, changes) => {
    const before = await readSeller(pool, null)
    for (const change of changes) expect(await refusedField(written(change)), JSON.stringify(change)).toBe(field)
    expect(await readSeller(pool, null)).toEqual(before)
  })
})
