import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BulkWrite, bindWrite, bulkInsert, bulkUpdate, oneStatement } from '../../src/ledger/sql/bulk-write.ts'
import { type RowEncoders, readRowEncoders } from '../../src/ledger/sql/row-encoder.ts'
import { ALL_WRITES } from '../../src/ledger/sql/writes.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { openLedger, requestOf } from './ledger-fixture.ts'

interface Parcel {
  id: bigint
  key: string | null
  note: string | null
  code: string | null
  small: number | null
  middle: number | null
  large: bigint | null
  fragile: boolean | null
  hash: string | null
  stamp: number | null
  size: string | null
  keys: (string | null)[] | null
  amounts: (bigint | null)[] | null
}

/** Not in the table's order: what goes where follows from the names. */
const insert = bulkInsert<Parcel>('parcel', {
  note: (row) => row.note,
  id: (row) => row.id,
  key: (row) => row.key,
  amounts: (row) => row.amounts,
  keys: (row) => row.keys,
  code: (row) => row.code,
  small: (row) => row.small,
  middle: (row) => row.middle,
  large: (row) => row.large,
  fragile: (row) => row.fragile,
  hash: (row) => row.hash,
  stamp: (row) => row.stamp,
  size: (row) => row.size,
})
const update = bulkUpdate<Parcel>('parcel', { id: (row) => row.id }, { note: (row) => row.note })

const SIZES = ['small', 'it\'s "big", {really} \\ 漢😀']

let database: TestDatabase
let client: pg.Client
let encoders: RowEncoders
beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.connectionString })
  await client.connect()
  // Columns that were dropped stay in the catalog, and one that came later is the last.
  await client.query(`
    CREATE TYPE parcel_size AS ENUM (${SIZES.map((size) => client.escapeLiteral(size)).join(', ')});
    CREATE TABLE parcel (gone bigint, id bigint, key uuid, note text, code char(3), small smallint, lost text, middle int,
                         large bigint, fragile boolean, hash bytea, size parcel_size, keys uuid[], amounts bigint[]);
    ALTER TABLE parcel DROP COLUMN gone, DROP COLUMN lost, ADD COLUMN stamp timestamptz(3)`)
  encoders = await readRowEncoders(client, [insert, update])
})
beforeEach(() => client.query('TRUNCATE parcel'))
afterAll(async () => {
  await client.end()
  await database.drop()
})

async function write(one: BulkWrite<Parcel>, rows: readonly Parcel[]): Promise<void> {
  const bound = bindWrite(one, rows)
  if (bound) await client.query(oneStatement([bound], encoders))
}

async function stored(): Promise<Parcel[]> {
  const { rows } = await client.query(
    `SELECT id, key, note, code, small, middle, large, fragile, encode(hash, 'hex') AS hash,
            (extract(epoch FROM stamp) * 1000)::bigint AS stamp, size::text, keys, amounts FROM parcel ORDER BY id`,
  )
  return rows.map((row) => ({
    ...row,
    id: BigInt(row.id),
    large: row.large === null ? null : BigInt(row.large),
    stamp: row.stamp === null ? null : Number(row.stamp),
    amounts: row.amounts?.map((amount: string | null) => (amount === null ? null : BigInt(amount))) ?? null,
  }))
}

const nothing = { key: null, note: null, code: null, small: null, middle: null, large: null, fragile: null, hash: null }
const empty = { id: 1n, ...nothing, stamp: null, size: null, keys: null, amounts: null } satisfies Parcel

/** Text as headers and providers may bring it, short and long. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', "'", '{', '}', '(', ')', ',', '\n', '\r', '\t', ' ', 'NULL', '$1', '\\x', '\\"', '""'),
    fc.constantFrom('😀', 'é', '漢', '\u{10ffff}', '\ufeff', '\u2028', '\u0001', '\u007f', '\u0080', '\0'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 80,
})
const int8 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 34n), max: 2n ** 34n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), -(2n ** 32n), 0n, -1n),
)
const time = fc.oneof(
  fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
  fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11, 31) }),
  fc.constantFrom(0, 1, 999, Date.UTC(1999, 11, 31, 23, 59, 59, 999), Date.UTC(2000, 0), Date.UTC(2100, 0), -1),
)
const uuid = fc.oneof(
  fc.uuid(),
  fc.constantFrom('00000000-0000-0000-0000-000000000000', `${'f'.repeat(8)}-ffff-ffff-ffff-${'f'.repeat(12)}`),
)
const parcels = fc
  .array(
    fc.record({
      key: fc.option(uuid),
      note: fc.option(nasty),
      code: fc.option(fc.stringMatching(/^[A-Z]{3}$/)),
      small: fc.option(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
      middle: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      large: fc.option(int8),
      fragile: fc.option(fc.boolean()),
      hash: fc.option(fc.stringMatching(/^([0-9a-f]{2}){0,64}$/)),
      stamp: fc.option(time),
      size: fc.option(fc.constantFrom(...SIZES)),
      keys: fc.option(fc.array(fc.option(uuid), { maxLength: 4 })),
      amounts: fc.option(fc.array(fc.option(int8), { maxLength: 4 })),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((rows) => rows.map((row, index): Parcel => ({ id: BigInt(index), ...row })))

const withoutZeroBytes = (row: Parcel): Parcel => ({ ...row, note: row.note?.replaceAll('\0', '') ?? null })

test('whatever is written in bulk is read back the same, type by type', async () => {
  await fc.assert(
    fc.asyncProperty(parcels, async (rows) => {
      await client.query('TRUNCATE parcel')
      await write(insert, rows)
      expect(await stored()).toEqual(rows.map(withoutZeroBytes))
    }),
    { numRuns: 400 },
  )
})

test('a bulk update changes the named columns of the rows with its keys, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(parcels, fc.option(nasty), async (rows, note) => {
      await client.query('TRUNCATE parcel')
      await write(insert, rows)
      await write(update, [{ ...empty, id: 0n, note, large: 5n, amounts: [1n] }])
      const expected = rows.map((row) => withoutZeroBytes(row.id === 0n ? { ...row, note } : row))
      expect(await stored()).toEqual(expected)
    }),
    { numRuns: 50 },
  )
})

test('a zero byte, which PostgreSQL cannot hold, is left out, wherever it stands', async () => {
  const long = 'x'.repeat(100)
  const notes = ['a\0b\\\0"', '\0', `\0${long}\0é\0`]
  await write(
    insert,
    notes.map((note, index) => ({ ...empty, id: BigInt(index), note })),
  )
  expect((await stored()).map(({ note }) => note)).toEqual(['ab\\"', '', `${long}é`])
})

test('half of a surrogate pair, which is no character, does not break the batch', async () => {
  await write(insert, [
    { ...empty, id: 1n, note: 'a\ud83d"b' },
    { ...empty, id: 2n, note: 'whole' },
  ])
  expect((await stored()).map(({ note }) => note)).toEqual(['a\ufffd"b', 'whole'])
})

test('an instant between two milliseconds is the one before', async () => {
  await write(insert, [{ ...empty, stamp: Date.UTC(2026, 0) + 0.9 }])
  expect((await stored())[0]?.stamp).toBe(Date.UTC(2026, 0))
})

test('a batch far larger than any before is written whole, and so is the small one after it', async () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    ...empty,
    id: BigInt(index),
    key: randomUUID(),
    note: String(index % 10).repeat(index * 10_000),
    amounts: Array.from({ length: index * 100 }, (_, amount) => BigInt(amount)),
  }))
  await write(insert, rows)
  await write(insert, [{ ...empty, id: 40n }])
  expect(await stored()).toEqual([...rows, { ...empty, id: 40n }])
})

test('what was encoded for one statement stays as it is while the next is encoded', async () => {
  const first = encoders.encode([bindWrite(insert, [{ ...empty, id: 1n, note: 'first' }])!])
  encoders.encode([bindWrite(insert, [{ ...empty, id: 2n, note: 'second' }])!])
  await client.query(`INSERT INTO parcel SELECT * FROM unnest($1::parcel[])`, first)
  expect(await stored()).toEqual([{ ...empty, id: 1n, note: 'first' }])
})

describe('a value that is none of its column’s type is refused by the column’s name, before anything is sent', () => {
  const uuidText = '01900000-0000-7000-8000-00000000000c'
  test.each<[string, unknown]>([
    ['key', uuidText.replace('c', 'g')],
    ['key', uuidText.replace('c', 'ä')],
    ['key', uuidText.replace('c', '\u0130')],
    ['key', `${uuidText}0`],
    ['key', uuidText.replaceAll('-', '0')],
    ['key', 1n],
    ['note', 5],
    ['note', undefined],
    ['small', 2 ** 15],
    ['small', 1.5],
    ['middle', -(2 ** 31) - 1],
    ['middle', Number.NaN],
    ['middle', 1n],
    ['large', 2n ** 63n],
    ['large', -(2n ** 63n) - 1n],
    ['large', 1],
    ['fragile', 't'],
    ['hash', 'abc'],
    ['hash', 'zz'],
    ['stamp', Number.NaN],
    ['stamp', Number.POSITIVE_INFINITY],
    ['stamp', new Date()],
    ['size', 3],
    ['keys', ['x']],
    ['keys', '{}'],
    ['amounts', [1n, undefined]],
    ['amounts', [[1n]]],
  ])('%s %s', async (name, value) => {
    const good = { ...empty, id: 7n }
    await expect(write(insert, [good, { ...empty, [name]: value }])).rejects.toThrow(`parcel.${name}: not a`)
    expect(await stored()).toEqual([])
    // Half a row was left in the buffer; the next statement begins anew.
    await write(insert, [good])
    expect(await stored()).toEqual([good])
  })

  test('PostgreSQL refuses an unknown word of an enum and text that is too long', async () => {
    await expect(write(insert, [{ ...empty, size: 'medium' }])).rejects.toThrow('parcel_size')
    await expect(write(insert, [{ ...empty, code: 'EURO' }])).rejects.toThrow('too long')
    expect(await stored()).toEqual([])
  })
})

describe('a write that does not fit its table is refused when the tables are read', () => {
  const { note: _, ...withoutNote } = insert.columns

  test('an insert without one of the columns', async () => {
    const reading = readRowEncoders(client, [bulkInsert('parcel', withoutNote)])
    await expect(reading).rejects.toThrow('insert_parcel: no value for the column parcel.note')
  })

  test('a column that the table does not have, or not any more', async () => {
    const more = bulkInsert<Parcel>('parcel', { ...insert.columns, gone: () => 1n })
    await expect(readRowEncoders(client, [more])).rejects.toThrow('insert_parcel: table parcel has no column gone')
    const wrong = bulkUpdate<Parcel>('parcel', { id: (row) => row.id }, { weight: () => 1 })
    await expect(readRowEncoders(client, [wrong])).rejects.toThrow('update_parcel: table parcel has no column weight')
  })

  test('a type that nobody can write', async () => {
    await client.query('CREATE TABLE crate (weight numeric(5,2))')
    const reading = readRowEncoders(client, [bulkInsert('crate', { weight: () => 1 })])
    await expect(reading).rejects.toThrow('insert_crate: crate.weight is a numeric(5,2), which is not encoded')
  })

  test('a table that is not there', async () => {
    await expect(readRowEncoders(client, [bulkInsert('barrel', {})])).rejects.toThrow('"barrel" does not exist')
  })
})

test('rows for a table that has changed since are refused by PostgreSQL, and nothing is written', async () => {
  await client.query('CREATE TABLE basket (id bigint)')
  const fill = bulkInsert<bigint>('basket', { id: (id) => id })
  const before = await readRowEncoders(client, [fill])
  await client.query('ALTER TABLE basket ADD COLUMN note text')
  const writing = client.query(
    `INSERT INTO basket SELECT * FROM unnest($1::basket[])`,
    before.encode([bindWrite(fill, [1n])!]),
  )
  await expect(writing).rejects.toThrow('wrong number of columns')
  expect((await client.query('SELECT * FROM basket')).rows).toEqual([])
})

test('every write of the ledger fits its table', async () => {
  await expect(readRowEncoders(client, ALL_WRITES)).resolves.toBeDefined()
})

test('a ledger on a database with other tables refuses, says which column it is, and works once they are right', async () => {
  const fixture = await openLedger()
  try {
    await fixture.pool.query('ALTER TABLE hold ADD COLUMN colour text')
    const refused = expect.objectContaining({
      cause: expect.objectContaining({ message: 'insert_hold: no value for the column hold.colour' }),
    })
    await expect(fixture.account(5n)).rejects.toEqual(refused)
    await fixture.pool.query('ALTER TABLE hold DROP COLUMN colour')
    await fixture.account(5n)
    const { rows } = await fixture.pool.query('SELECT sum(balance_nano) AS balance FROM wallet')
    expect(rows).toEqual([{ balance: '5' }])
  } finally {
    await fixture.close()
  }
})

test('a request that cannot be written fails alone, whatever else is in its batch', async () => {
  const fixture = await openLedger()
  try {
    const { ledger, clock, pool } = fixture
    const accountId = await fixture.account(10n)
    const requests = [{}, { accessKeyId: 'no uuid' }, {}].map((more) =>
      requestOf(clock, accountId, { price: 2n }, more),
    )
    const [first, bad, last] = await Promise.allSettled(requests.map((request) => ledger.authorize(request)))
    expect([first, last]).toMatchObject([{ value: { granted: true } }, { value: { granted: true } }])
    expect(bad).toMatchObject({ reason: { message: 'hold.access_key_id: not a uuid: text of 7 characters' } })
    const { rows } = await pool.query('SELECT held_nano AS held, (SELECT count(*) FROM hold) AS holds FROM wallet')
    expect(rows).toEqual([{ held: '4', holds: '2' }])
  } finally {
    await fixture.close()
  }
})
