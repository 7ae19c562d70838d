import { plainArray, textArray } from './array-literal.ts'

/** How a column travels: as a plain array element, as quoted text, as milliseconds, or as an array of its own. */
export type ColumnKind = 'plain' | 'text' | 'milliseconds' | 'array'

export interface Column<Row> {
  name: string
  /** The PostgreSQL type of one element. */
  type: string
  kind: ColumnKind
  value: (row: Row) => string | number | bigint | boolean | null
}

export interface Statement {
  name: string
  text: string
  values: string[]
}

/** One prepared statement that writes any number of rows: a column is one array parameter, joined by `unnest`. */
export interface BulkStatement<Row> {
  bind(rows: readonly Row[]): Statement
}

export function bulkInsert<Row>(table: string, columns: readonly Column<Row>[]): BulkStatement<Row> {
  const names = columns.map((column) => column.name).join(', ')
  const text = `INSERT INTO ${table} (${names}) SELECT ${columns.map(selected).join(', ')} FROM ${source(columns)}`
  return bulk(`insert_${table}`, text, columns)
}

/** Sets every column after the first, which is the key. */
export function bulkUpdate<Row>(table: string, columns: readonly Column<Row>[]): BulkStatement<Row> {
  const [key, ...rest] = columns
  if (!key) throw new Error(`bulkUpdate(${table}) needs a key column`)
  const sets = rest.map((column) => `${column.name} = ${selected(column)}`).join(', ')
  const text = `UPDATE ${table} SET ${sets} FROM ${source(columns)} WHERE ${table}.${key.name} = ${selected(key)}`
  return bulk(`update_${table}`, text, columns)
}

function bulk<Row>(name: string, text: string, columns: readonly Column<Row>[]): BulkStatement<Row> {
  return {
    bind: (rows) => ({ name, text, values: columns.map((column) => parameter(column, rows)) }),
  }
}

function source<Row>(columns: readonly Column<Row>[]): string {
  const arrays = columns.map((column, index) => `$${index + 1}::${parameterType(column)}[]`).join(', ')
  return `unnest(${arrays}) AS batch (${columns.map((column) => column.name).join(', ')})`
}

function parameterType<Row>(column: Column<Row>): string {
  if (column.kind === 'milliseconds') return 'bigint'
  // unnest flattens an array of arrays, so an array travels as text and is cast row by row.
  if (column.kind === 'array') return 'text'
  return column.type
}

function selected<Row>(column: Column<Row>): string {
  if (column.kind === 'milliseconds') return `to_timestamp(batch.${column.name}::float8 / 1000)`
  if (column.kind === 'array') return `batch.${column.name}::${column.type}[]`
  return `batch.${column.name}`
}

function parameter<Row>(column: Column<Row>, rows: readonly Row[]): string {
  const values = rows.map(column.value)
  if (column.kind === 'text' || column.kind === 'array') return textArray(values as (string | null)[])
  return plainArray(values)
}
