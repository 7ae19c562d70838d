import type { ClientBase } from 'pg'
import { z } from 'zod'
import { uuidV7Time } from '../lib/uuid-v7.ts'
import { dayOf, hourOf } from './hours.ts'
import { ID_SLACK_MS } from './usage-extent.ts'

const SETTING = 'usage_rollup.mark'

/** Ages of transactions are compared around a circle of 2^32: a mark older than a quarter of it is not relied upon. */
const AGE_MAX = 2n ** 30n

const stored = z.object({
  /** The cluster, database and table whose transactions the horizon counts. A restored copy is another one. */
  origin: z.string(),
  horizon: z.string().regex(/^\d+$/),
  floor: z.guid(),
  builtUntil: z.int().nullable(),
  foldedAt: z.int(),
})

/**
 * Which events the sums hold: of days before `builtUntil`, all but those with an id from `floor` on that were written by
 * the transactions from `horizon` on. Whoever reads the sums adds these, and the whole of the later days.
 */
export interface RollupMark {
  /** A transaction id of 64 bits. */
  readonly horizon: bigint
  /** No event below it will ever be written. */
  readonly floor: string
  /** The start of a day (UTC), in milliseconds; null = all days are summed. */
  readonly builtUntil: number | null
  /** When this was noted, by the clock of whoever did. */
  readonly foldedAt: number
}

/** The mark as it holds for this database now. */
export interface ReadMark {
  /** Null = nothing was summed yet. */
  readonly mark: RollupMark | null
  /** False where the horizon says nothing: the database was restored elsewhere, or the mark is too old. */
  readonly isCurrent: boolean
  readonly origin: string
}

const READ = `
  SELECT (SELECT value FROM setting WHERE key = $1) AS value, pg_snapshot_xmax(pg_current_snapshot())::text AS next,
         (SELECT system_identifier FROM pg_control_system()) || '/' || d.oid || '/' || 'usage_event'::regclass::oid AS origin
  FROM pg_database d WHERE d.datname = current_database()`

export async function readMark(client: ClientBase): Promise<ReadMark> {
  const { rows } = await client.query<{ value: unknown; next: string; origin: string }>(READ, [SETTING])
  const row = rows[0] as (typeof rows)[0]
  if (row.value === null) return { mark: null, isCurrent: false, origin: row.origin }
  const { origin, horizon, ...rest } = stored.parse(row.value)
  const age = BigInt(row.next) - BigInt(horizon)
  const isCurrent = origin === row.origin && age >= 0n && age < AGE_MAX
  return { mark: { horizon: BigInt(horizon), ...rest }, isCurrent, origin: row.origin }
}

export async function writeMark(client: ClientBase, origin: string, mark: RollupMark): Promise<void> {
  await client.query(
    'INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    [SETTING, JSON.stringify({ ...mark, origin, horizon: mark.horizon.toString() })],
  )
}

/** A transaction id as rows have it: without its epoch. */
export function xidOf(horizon: bigint): string {
  return (horizon % 2n ** 32n).toString()
}

/** The day before which the sums are complete by themselves: no event of it can still come, or waits to be summed. */
export function completeDay({ floor, builtUntil }: RollupMark): number {
  return dayOf(Math.min(uuidV7Time(floor) - ID_SLACK_MS, builtUntil ?? Number.POSITIVE_INFINITY))
}

/**
 * The start of the first hour whose sums may still change, in milliseconds since the epoch: all before it are complete.
 * Null = nothing was summed yet.
 */
export async function readSettledUntil(client: ClientBase): Promise<number | null> {
  const { mark } = await readMark(client)
  if (!mark) return null
  return hourOf(Math.min(uuidV7Time(mark.floor) - ID_SLACK_MS, mark.builtUntil ?? Number.POSITIVE_INFINITY))
}
