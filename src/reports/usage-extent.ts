import type { ClientBase } from 'pg'
import { uuidV7Time } from '../lib/uuid-v7.ts'

/**
 * A request ends at most this long after it came, and its event is written then: a hold lasts an hour, and half an hour
 * more is for waits and for clocks that differ. Beyond that, a hold that is still open says so itself.
 */
export const LATE_MS = 90 * 60_000
/** An id is drawn at the instant that its event is dated by; between the two a clock may be set. */
export const ID_SLACK_MS = 10 * 60_000

/** What there is to sum, at one moment. */
export interface UsageExtent {
  /** When the first and the last request came, by their ids: milliseconds since the epoch. */
  readonly first: number
  readonly last: number
  /** The oldest request that is under way; null = none. */
  readonly oldestHoldId: string | null
  /** Every transaction before this one, in this database, has ended (64 bits). */
  readonly horizon: bigint
}

/**
 * In one statement, so that an event which its horizon leaves either stands or has its hold among those that were read.
 *
 * Snapshots know the transactions of the whole cluster. One that holds its number in another database writes nothing here,
 * and need not be waited for; of whatever else is not certain, the horizon waits.
 */
const EXTENT = `
  WITH elsewhere AS MATERIALIZED (
    SELECT lock.transactionid::text AS xid FROM pg_locks lock JOIN pg_stat_activity writer USING (pid)
    WHERE lock.locktype = 'transactionid' AND lock.mode = 'ExclusiveLock' AND lock.granted
      AND writer.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
  )
  SELECT (SELECT id FROM usage_event ORDER BY id LIMIT 1) AS first,
         (SELECT id FROM usage_event ORDER BY id DESC LIMIT 1) AS last,
         (SELECT request_id FROM hold ORDER BY request_id LIMIT 1) AS oldest_hold,
         coalesce(
           (SELECT min(running::text::bigint) FROM pg_snapshot_xip(pg_current_snapshot()) running
            WHERE (running::text::bigint % 4294967296)::text NOT IN (SELECT xid FROM elsewhere)),
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint
         )::text AS horizon`

/** Reads what there is to sum; null = no event yet. */
export async function readUsageExtent(client: ClientBase): Promise<UsageExtent | null> {
  const { rows } = await client.query<{
    first: string | null
    last: string | null
    oldest_hold: string | null
    horizon: string
  }>(EXTENT)
  const [row] = rows
  if (!row?.first || !row.last) return null
  return {
    first: uuidV7Time(row.first),
    last: uuidV7Time(row.last),
    oldestHoldId: row.oldest_hold,
    horizon: BigInt(row.horizon),
  }
}

/**
 * The id under which no event can come any more that is not there yet. It follows the events as well as the clock, so that
 * a clock which is wrong here never settles what is not over.
 *
 * @param leastLeft the least id of the events that are there and not summed; null = none
 */
export function floorOf({ last, oldestHoldId }: UsageExtent, leastLeft: string | null, now: number): string {
  const over = idFloor(Math.min(now, last) - LATE_MS)
  return [leastLeft, oldestHoldId].reduce<string>((least, id) => (id !== null && id < least ? id : least), over)
}

/** The least UUIDv7 of an instant. */
export function idFloor(at: number): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}
