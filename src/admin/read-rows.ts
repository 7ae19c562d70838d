import type { Pool } from 'pg'
import type { Statement } from './sql/list-query.ts'

export type Row = Record<string, string | number | boolean | null>

/** Reads rows as AdminJS takes them: times as ISO 8601, everything else as it came. */
export async function readRows(pool: Pool, { text, values }: Statement): Promise<Row[]> {
  const { rows } = await pool.query<Record<string, unknown>>(text, values)
  return rows.map(plainRow)
}

export function plainRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : (value as string)]),
  )
}
