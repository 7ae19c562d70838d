import { z } from 'zod'
import type { CatalogDatabase } from './read-catalog-rows.ts'

const KEY = 'catalog.margin_floor'
/** The price is ten times the cost: whoever asks for more has mistaken the unit. */
export const MARGIN_FLOOR_BPS_MAX = 90_000

const stored = z.strictObject({ bps: z.int().min(0).max(MARGIN_FLOOR_BPS_MAX) })

/** A price must be at least cost × (1 + this / 10,000). 0 until somebody sets it. Throws where the setting is broken. */
export async function readMarginFloorBps(database: CatalogDatabase): Promise<number> {
  const { rows } = await database.query('SELECT value FROM setting WHERE key = $1', [KEY])
  const [row] = rows as { value: unknown }[]
  return row === undefined ? 0 : stored.parse(row.value).bps
}

/** Call it inside a transaction, under the catalog's lock. */
export async function writeMarginFloorBps(database: CatalogDatabase, bps: number): Promise<void> {
  await database.query(
    'INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    [KEY, JSON.stringify(stored.parse({ bps }))],
  )
}
