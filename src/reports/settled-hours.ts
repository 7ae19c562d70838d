import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'

const SETTING = 'usage_rollup.settled_until'

const settled = z.object({ at: z.iso.datetime() })

/**
 * The start of the first hour whose sums may still change, in milliseconds since the epoch: all before it are complete.
 * Null = nothing was summed yet.
 */
export async function readSettledUntil(client: ClientBase | Pool): Promise<number | null> {
  const { rows } = await client.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [SETTING])
  const [row] = rows
  return row ? Date.parse(settled.parse(row.value).at) : null
}

export async function writeSettledUntil(client: ClientBase, until: number): Promise<void> {
  await client.query(
    'INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    [SETTING, JSON.stringify({ at: new Date(until).toISOString() })],
  )
}
