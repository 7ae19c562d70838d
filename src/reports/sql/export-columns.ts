/**
 * What a spreadsheet would take for a formula begins with one of these code points: tab, LF, CR, + - = @, and the
 * full-width forms of the last four.
 */
export const FORMULA_STARTS = [0x09, 0x0a, 0x0d, 0x2b, 0x2d, 0x3d, 0x40, 0xff0b, 0xff0d, 0xff1d, 0xff20] as const

/** SQL: a text as a cell that no spreadsheet computes. It gets an apostrophe before it, which spreadsheets do not show. */
export function neutralText(column: string): string {
  return `CASE WHEN ascii(${column}) IN (${FORMULA_STARTS.join(', ')}) THEN '''' || ${column} ELSE ${column} END`
}

/** SQL: nano as an exact decimal of units with nine digits. The product keeps the scale of both factors. */
export function exactDecimal(column: string): string {
  return `${column} * 0.000000001`
}

/** SQL: an instant in ISO 8601, UTC, to the millisecond. */
export function isoInstant(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** SQL: a constant instant. */
export function instantLiteral(at: number): string {
  return `'${new Date(at).toISOString()}'::timestamptz`
}
