import { plainArray } from './array-literal.ts'

/**
 * How a column's value is written: `plain` needs no quoting (ids, figures, enums), `text` may be anything, `hex` becomes
 * bytea, `time` is milliseconds since the epoch, `list` is an array of plain values.
 */
export type Column<Row> =
  | { name: string; kind: 'plain'; value: (row: Row) => string | number | bigint | boolean | null }
  | { name: string; kind: 'text'; value: (row: Row) => string | null }
  | { name: string; kind: 'hex'; value: (row: Row) => string }
  | { name: string; kind: 'time'; value: (row: Row) => number | null }
  | { name: string; kind: 'list'; value: (row: Row) => readonly (string | bigint | null)[] }

/**
 * Rows as one literal of an array of a table's row type (manual, 8.15.2 and 8.16.2): the whole batch travels as one
 * parameter and is unpacked by one `unnest`. A row is quoted as an element of the array, so that whatever a field
 * quotes is escaped twice. An empty field is NULL.
 */
export function rowsLiteral<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  let text = '{'
  for (let index = 0; index < rows.length; index += 1) {
    text += index === 0 ? '"(' : ',"('
    for (let position = 0; position < columns.length; position += 1) {
      if (position > 0) text += ','
      text += field(columns[position] as Column<Row>, rows[index] as Row)
    }
    text += ')"'
  }
  return `${text}}`
}

function field<Row>(column: Column<Row>, row: Row): string {
  switch (column.kind) {
    case 'plain': {
      const value = column.value(row)
      return value === null ? '' : String(value)
    }
    case 'text': {
      const value = column.value(row)
      return value === null ? '' : quoted(value)
    }
    case 'hex':
      return `${QUOTE}${BACKSLASH}x${column.value(row)}${QUOTE}`
    case 'time': {
      const value = column.value(row)
      return value === null ? '' : `${QUOTE}${new Date(value).toISOString()}${QUOTE}`
    }
    case 'list':
      return `${QUOTE}${plainArray(column.value(row))}${QUOTE}`
  }
}

/** A quote around a field, escaped once for the array. */
const QUOTE = '\\"'
/** A backslash within a quoted field: doubled for the row, and again for the array. */
const BACKSLASH = '\\\\\\\\'
/** A quote within a quoted field: escaped for the row, and both characters again for the array. */
const INNER_QUOTE = '\\\\\\"'

const SPECIAL = /["\\\0]/
const SPECIAL_ALL = /["\\\0]/g

function quoted(value: string): string {
  const escaped = SPECIAL.test(value) ? value.replace(SPECIAL_ALL, escape) : value
  return `${QUOTE}${escaped}${QUOTE}`
}

/** PostgreSQL text cannot hold a zero byte, which a client may send in a header; it is left out. */
function escape(character: string): string {
  if (character === '"') return INNER_QUOTE
  return character === '\\' ? BACKSLASH : ''
}
