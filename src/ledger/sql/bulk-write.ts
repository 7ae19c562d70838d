import type { RowEncoders } from './row-encoder.ts'
import type { ColumnValue } from './wire-values.ts'

/** A value for each column that is written, by the column's name. How it is written follows from the column's type. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => ColumnValue>>

/** A write of any number of rows to one table, as one parameter. */
export interface BulkWrite<Row> {
  /** What it does to which table; no two of a statement have the same. */
  readonly name: string
  readonly table: string
  readonly columns: Columns<Row>
  /** Whether it must have every column of the table. */
  readonly isWhole: boolean
  /** The SQL with the parameter in its place. */
  text(parameter: string): string
}

export function bulkInsert<Row>(table: string, columns: Columns<Row>): BulkWrite<Row> {
  return {
    name: `insert_${table}`,
    table,
    columns,
    isWhole: true,
    text: (parameter) => `INSERT INTO ${table} SELECT * FROM unnest(${parameter}::${table}[])`,
  }
}

/** Sets the columns of the rows with the same key. `name` tells two updates of one table apart. */
export function bulkUpdate<Row>(
  table: string,
  key: Columns<Row>,
  changed: Columns<Row>,
  name = `update_${table}`,
): BulkWrite<Row> {
  const sets = Object.keys(changed).map((name) => `${name} = batch.${name}`)
  const keys = Object.keys(key).map((name) => `${table}.${name} = batch.${name}`)
  return {
    name,
    table,
    columns: { ...key, ...changed },
    isWhole: false,
    text: (parameter) =>
      `UPDATE ${table} SET ${sets.join(', ')} FROM unnest(${parameter}::${table}[]) AS batch WHERE ${keys.join(' AND ')}`,
  }
}

/** A write together with its rows. */
export interface BoundWrite {
  readonly write: BulkWrite<never>
  readonly rows: readonly never[]
}

/** Null where there is nothing to write. */
export function bindWrite<Row>(write: BulkWrite<Row>, rows: readonly Row[]): BoundWrite | null {
  // What one type of rows was paired with here is only ever used together.
  return rows.length === 0 ? null : { write, rows: rows as readonly never[] }
}

export interface Statement {
  name: string
  text: string
  values: Buffer[]
}

const prepared = new Map<string, Omit<Statement, 'values'>>()

/**
 * Several writes as one prepared statement: what is written together costs one message and one plan. Each combination
 * of tables is prepared once; there are a dozen in use.
 */
export function oneStatement(bound: readonly BoundWrite[], encoders: RowEncoders): Statement {
  let combination = ''
  for (const { write } of bound) combination += `${write.name} `
  let statement = prepared.get(combination)
  if (!statement) {
    const parts = bound.map(({ write }, index) => `${write.name} AS (${write.text(`$${index + 1}`)})`)
    // PostgreSQL's names are short, so the combination gets a number.
    statement = { name: `write_books_${prepared.size}`, text: `WITH ${parts.join(', ')} SELECT` }
    prepared.set(combination, statement)
  }
  return { ...statement, values: encoders.encode(bound) }
}
