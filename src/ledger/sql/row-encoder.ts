import type { ClientBase } from 'pg'
import type { BoundWrite, BulkWrite } from './bulk-write.ts'
import { readTableTypes, type TableType } from './table-type.ts'
import { putInt32, WireBuffer } from './wire-buffer.ts'
import { type ColumnValue, ENCODERS, type Encode, nullable, text } from './wire-values.ts'

/** Writes rows for one database, whose types have numbers of their own. */
export interface RowEncoders {
  /** The parameters of one statement, one a write. */
  encode(writes: readonly BoundWrite[]): Buffer[]
}

/** Learns the tables' columns. Throws when a write does not fit its table. */
export async function readRowEncoders(client: ClientBase, writes: readonly BulkWrite<never>[]): Promise<RowEncoders> {
  const tables = await readTableTypes(client, [...new Set(writes.map((write) => write.table))])
  const fieldsOf = new Map<BulkWrite<never>, Field<never>[]>()
  for (const write of writes) fieldsOf.set(write, fieldsFor(write, tables.get(write.table)))
  return {
    encode(bound) {
      out.at = 0
      const ends: number[] = []
      for (const { write, rows } of bound) {
        const table = tables.get(write.table)
        const fields = fieldsOf.get(write)
        if (!table || !fields) throw new Error(`${write.name} was not made known to this connection`)
        encodeRows(table, fields, rows)
        ends.push(out.at)
      }
      // One copy for the statement: each buffer of this size is memory of its own, which costs more than filling it.
      const bytes = out.take()
      return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    },
  }
}

interface Field<Row> {
  name: string
  typeOid: number
  encode: Encode
  value: (row: Row) => ColumnValue
}

const leftOut = () => null

/** The table's columns in its order, each with its value in the write. */
function fieldsFor<Row>(write: BulkWrite<Row>, table: TableType | undefined): Field<Row>[] {
  if (!table) throw new Error(`${write.name}: table ${write.table} has no columns`)
  const columns = new Map(Object.entries(write.columns))
  const fields = table.columns.map(({ name, typeOid, typeName, isEnum }) => {
    const value = columns.get(name)
    columns.delete(name)
    if (!value && write.isWhole) throw new Error(`${write.name}: no value for the column ${table.name}.${name}`)
    const encode = isEnum ? text : ENCODERS.get(typeOid)
    if (value && !encode) throw new Error(`${write.name}: ${table.name}.${name} is a ${typeName}, which is not encoded`)
    return { name, typeOid, encode: encode ?? text, value: value ?? leftOut }
  })
  for (const name of columns.keys()) throw new Error(`${write.name}: table ${table.name} has no column ${name}`)
  return fields
}

/** One for the process: rows are written without a pause, and taken as a copy. */
const out = new WireBuffer()

/**
 * Rows as one binary value of an array of the table's row type, as `array_recv` and `record_recv` read it: the whole
 * batch travels as one parameter, is parsed by nobody, and is unpacked by one `unnest`.
 */
function encodeRows<Row>(table: TableType, fields: readonly Field<Row>[], rows: readonly Row[]): void {
  const bytes = out.reserve(20)
  // One dimension, no row is NULL, of this type, so many, counted from one.
  for (const header of [1, 0, table.rowTypeOid, rows.length, 1]) out.at = putInt32(bytes, out.at, header)
  for (const row of rows) encodeRow(table, fields, row)
}

function encodeRow<Row>(table: TableType, fields: readonly Field<Row>[], row: Row): void {
  const lengthAt = out.at
  out.at = putInt32(out.reserve(8), lengthAt + 4, fields.length)
  let index = 0
  try {
    for (; index < fields.length; index += 1) {
      const { typeOid, encode, value } = fields[index] as Field<Row>
      out.at = putInt32(out.reserve(4), out.at, typeOid)
      nullable(out, encode, value(row))
    }
  } catch (error) {
    throw new Error(`${table.name}.${fields[index]?.name}: ${(error as Error).message}`, { cause: error })
  }
  out.endLength(lengthAt)
}
