import type { Pool } from 'pg'
import { uuidV7Time } from '../lib/uuid-v7.ts'
import { HOUR_MS, hourOf } from './hours.ts'

/**
 * A request ends at most this long after it came, and its event is written then: a hold lasts an hour, and half an hour
 * more is for waits and for clocks that differ. Beyond that, a hold that is still open says so itself.
 */
export const LATE_MS = 90 * 60_000
/** An id is drawn at the instant that its event is dated by; between the two a clock may be set. */
export const ID_SLACK_MS = 10 * 60_000

/** What there is to sum. Times are starts of hours, in milliseconds since the epoch. */
export interface UsageExtent {
  /** The first hour that may have an event. */
  readonly from: number
  /** The hour after the last. */
  readonly to: number
  /** No event can come any more for the hours before this one. */
  readonly settled: number
}

/**
 * Reads what there is to sum; null = no event yet. Holds are read before any event is: a hold that is gone by then has
 * its event committed.
 *
 * Both ends follow the events as well as the clock, so that a clock which is wrong here never settles what is not over.
 */
export async function readUsageExtent(pool: Pool, now: number): Promise<UsageExtent | null> {
  const oldestHold = await idTime(pool, 'SELECT request_id AS id FROM hold ORDER BY request_id LIMIT 1')
  const first = await idTime(pool, 'SELECT id FROM usage_event ORDER BY id LIMIT 1')
  const last = await idTime(pool, 'SELECT id FROM usage_event ORDER BY id DESC LIMIT 1')
  if (first === null || last === null) return null
  const over = Math.min(now, last) - LATE_MS
  const underWay = oldestHold ?? Number.POSITIVE_INFINITY
  return {
    from: hourOf(first - ID_SLACK_MS),
    to: hourOf(Math.min(now, last + ID_SLACK_MS)) + HOUR_MS,
    settled: hourOf(Math.min(over, underWay - ID_SLACK_MS)),
  }
}

async function idTime(pool: Pool, sql: string): Promise<number | null> {
  const { rows } = await pool.query<{ id: string }>(sql)
  const [row] = rows
  return row ? uuidV7Time(row.id) : null
}
