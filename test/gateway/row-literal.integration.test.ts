import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bindWrite, bulkInsert, bulkUpdate, oneStatement } from '../../src/ledger/sql/bulk-write.ts'
import type { Column } from '../../src/ledger/sql/row-literal.ts'
import { ALL_WRITES } from '../../src/ledger/sql/writes.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let client: pg.Client
beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.connectionString })
  await client.connect()
  await client.query('CREATE TABLE parcel (id bigint, note text, stamp timestamptz(3), hash bytea, amounts bigint[])')
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

interface Parcel {
  id: bigint
  note: string | null
  stamp: number | null
  hash: string
  amounts: bigint[]
}

const columns: Column<Parcel>[] = [
  { name: 'id', kind: 'plain', value: (row) => row.id },
  { name: 'note', kind: 'text', value: (row) => row.note },
  { name: 'stamp', kind: 'time', value: (row) => row.stamp },
  { name: 'hash', kind: 'hex', value: (row) => row.hash },
  { name: 'amounts', kind: 'list', value: (row) => row.amounts },
]
const insert = bulkInsert<Parcel>('parcel', columns)
const update = bulkUpdate<Parcel>('parcel', 'id', ['note'], columns)

async function stored(): Promise<Parcel[]> {
  const { rows } = await client.query(
    `SELECT id, note, stamp, encode(hash, 'hex') AS hash, amounts FROM parcel ORDER BY id`,
  )
  return rows.map((row) => ({
    id: BigInt(row.id),
    note: row.note,
    stamp: row.stamp?.getTime() ?? null,
    hash: row.hash,
    amounts: row.amounts.map(BigInt),
  }))
}

async function write(one: typeof insert, rows: readonly Parcel[]): Promise<void> {
  const bound = bindWrite(one, rows)
  if (bound) await client.query(oneStatement([bound]))
}

/** Text as headers and providers may bring it: what is special in rows and arrays above all. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', "'", '{', '}', '(', ')', ',', '\n', '\r', '\t', ' ', 'NULL', '$1', '\\x', '\\"', '""'),
    fc.constantFrom('😀', 'é', '漢', '\u{10ffff}', '\ufeff', '\u2028', '\u0001', '\u007f'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 30,
})
const bigints = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const parcels = fc
  .array(
    fc.record({
      note: fc.option(nasty),
      stamp: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 })),
      hash: fc.stringMatching(/^([0-9a-f]{2}){0,32}$/),
      amounts: fc.array(bigints, { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((rows) => rows.map((row, index): Parcel => ({ id: BigInt(index), ...row })))

test('whatever is written in bulk is read back the same, field by field', async () => {
  await fc.assert(
    fc.asyncProperty(parcels, async (rows) => {
      await client.query('TRUNCATE parcel')
      await write(insert, rows)
      const expected = rows.map((row) => ({ ...row, note: row.note?.replaceAll('\0', '') ?? null }))
      expect(await stored()).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('a bulk update changes the named columns of the rows with its keys, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(parcels, nasty, async (rows, note) => {
      await client.query('TRUNCATE parcel')
      await write(insert, rows)
      const before = await stored()
      const changed = { id: 0n, note, stamp: 1, hash: 'ff', amounts: [1n] }
      await write(update, [changed])
      expect(await stored()).toEqual(
        before.map((row) => (row.id === 0n ? { ...row, note: note.replaceAll('\0', '') } : row)),
      )
    }),
    { numRuns: 50 },
  )
})

test('a zero byte, which PostgreSQL cannot hold, is left out', async () => {
  await client.query('TRUNCATE parcel')
  await write(insert, [{ id: 1n, note: 'a\0b\\\0"', stamp: null, hash: '', amounts: [] }])
  expect((await stored())[0]?.note).toBe('ab\\"')
})

test('half of a surrogate pair, which is no character, does not break the batch', async () => {
  await client.query('TRUNCATE parcel')
  const whole = { id: 2n, note: 'whole', stamp: null, hash: '', amounts: [] }
  await write(insert, [{ id: 1n, note: 'a\ud83d"b', stamp: null, hash: '', amounts: [] }, whole])
  expect((await stored()).map(({ note }) => note)).toEqual(['a\ufffd"b', 'whole'])
})

describe('every write names all columns of its table in the table’s order', () => {
  test.each(ALL_WRITES.map((one) => [one.table, one.columns.map(({ name }) => name)]))('%s', async (table, named) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`,
      [table],
    )
    expect(named).toEqual(rows.map(({ name }) => name))
  })
})
