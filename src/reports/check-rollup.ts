import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import { type Span, stepsOf } from './hours.ts'
import { PLAN_FOR_SUMS, ROLLUP_COLUMNS, sumUsage } from './sql/sum-usage.ts'

/** Wider than the rollup's own, so that an event which it overlooked for its id is found. */
const ID_SLACK = '1 day'

/** An hour of which rollups and events tell different things, in whatever figure or group. */
export interface RollupDifference {
  /** Its start, in milliseconds since the epoch. */
  readonly hour: number
  readonly events: RollupTotals
  readonly rollup: RollupTotals
}

export interface RollupTotals {
  readonly requests: bigint
  readonly priceNano: bigint
}

/** Both sides in one statement, so that they are of one moment. */
const DIFFERING_HOURS = `
  WITH event AS (${sumUsage(ID_SLACK)}),
  kept AS (SELECT ${ROLLUP_COLUMNS} FROM usage_rollup WHERE hour >= $1 AND hour < $2),
  differing AS (
    SELECT hour FROM (SELECT ${ROLLUP_COLUMNS} FROM event EXCEPT SELECT ${ROLLUP_COLUMNS} FROM kept) missing
    UNION SELECT hour FROM (SELECT ${ROLLUP_COLUMNS} FROM kept EXCEPT SELECT ${ROLLUP_COLUMNS} FROM event) surplus
  )
  SELECT hour,
         (SELECT coalesce(sum(requests), 0) FROM event WHERE event.hour = differing.hour) AS event_requests,
         (SELECT coalesce(sum(price_nano), 0) FROM event WHERE event.hour = differing.hour) AS event_price_nano,
         (SELECT coalesce(sum(requests), 0) FROM kept WHERE kept.hour = differing.hour) AS kept_requests,
         (SELECT coalesce(sum(price_nano), 0) FROM kept WHERE kept.hour = differing.hour) AS kept_price_nano
  FROM differing ORDER BY hour`

interface DifferenceRow {
  hour: Date
  event_requests: string
  event_price_nano: string
  kept_requests: string
  kept_price_nano: string
}

/**
 * Compares rollups with events for the whole hours from one instant to another, and names those that differ. Hours that
 * are not settled may differ without a fault (see `readSettledUntil`).
 */
export async function checkRollup({ pool }: { pool: Pool }, from: number, to: number): Promise<RollupDifference[]> {
  const differences: RollupDifference[] = []
  for (const step of stepsOf({ from, to })) {
    differences.push(...(await compareHours(pool, step)))
  }
  return differences
}

function compareHours(pool: Pool, { from, to }: Span): Promise<RollupDifference[]> {
  return inTransaction(pool, async (client) => {
    await client.query(PLAN_FOR_SUMS)
    const { rows } = await client.query<DifferenceRow>(DIFFERING_HOURS, [new Date(from), new Date(to)])
    return rows.map(differenceOf)
  })
}

function differenceOf(row: DifferenceRow): RollupDifference {
  return {
    hour: row.hour.getTime(),
    events: { requests: BigInt(row.event_requests), priceNano: BigInt(row.event_price_nano) },
    rollup: { requests: BigInt(row.kept_requests), priceNano: BigInt(row.kept_price_nano) },
  }
}
