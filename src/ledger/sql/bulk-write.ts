import { type Column, rowsLiteral } from './row-literal.ts'

/** A write of any number of rows to one table, as one parameter. */
export interface BulkWrite<Row> {
  /** What it does to which table; no two of a statement have the same. */
  readonly name: string
  readonly table: string
  /** Every column of the table, in the table's order: that is how a row literal is read. */
  readonly columns: readonly Column<Row>[]
  /** The SQL with the parameter in its place. */
  text(parameter: string): string
}

export function bulkInsert<Row>(table: string, columns: readonly Column<Row>[]): BulkWrite<Row> {
  return {
    name: `insert_${table}`,
    table,
    columns,
    text: (parameter) => `INSERT INTO ${table} SELECT * FROM unnest(${parameter}::${table}[])`,
  }
}

/** Sets the named columns of the rows with the same key. */
export function bulkUpdate<Row>(
  table: string,
  key: string,
  changed: readonly string[],
  columns: readonly Column<Row>[],
): BulkWrite<Row> {
  const sets = changed.map((name) => `${name} = batch.${name}`).join(', ')
  return {
    name: `update_${table}`,
    table,
    columns,
    text: (parameter) =>
      `UPDATE ${table} SET ${sets} FROM unnest(${parameter}::${table}[]) AS batch WHERE ${table}.${key} = batch.${key}`,
  }
}

/** A write together with its rows. */
export interface BoundWrite {
  readonly name: string
  text(parameter: string): string
  value(): string
}

/** Null where there is nothing to write. */
export function bindWrite<Row>(write: BulkWrite<Row>, rows: readonly Row[]): BoundWrite | null {
  if (rows.length === 0) return null
  return { name: write.name, text: write.text, value: () => rowsLiteral(write.columns, rows) }
}

export interface Statement {
  name: string
  text: string
  values: string[]
}

const prepared = new Map<string, Omit<Statement, 'values'>>()

/**
 * Several writes as one prepared statement: what is written together costs one message and one plan. Each combination
 * of tables is prepared once; there are a dozen in use.
 */
export function oneStatement(writes: readonly BoundWrite[]): Statement {
  let combination = ''
  for (const write of writes) combination += `${write.name} `
  let statement = prepared.get(combination)
  if (!statement) {
    const parts = writes.map((write, index) => `${write.name} AS (${write.text(`$${index + 1}`)})`)
    // PostgreSQL's names are short, so the combination gets a number.
    statement = { name: `write_books_${prepared.size}`, text: `WITH ${parts.join(', ')} SELECT` }
    prepared.set(combination, statement)
  }
  return { ...statement, values: writes.map((write) => write.value()) }
}
