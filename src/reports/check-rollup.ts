import type { ClientBase, Pool } from 'pg'
import { daysOf, type Span } from './hours.ts'
import { completeDay, type RollupMark, readMark, xidOf } from './rollup-mark.ts'
import { idRange, sumEvents, sumSums, writtenSince } from './sql/sum-usage.ts'
import { COARSER, columnsOf, ROLLUP, type SumTable } from './sql/usage-figures.ts'
import { inSnapshot } from './statement-read.ts'

/** Wider than the rollup's own, so that an event which it overlooked for its id is found. */
const ID_SLACK_MS = 86_400_000

/** An hour (of a table by day, a day) of which sums and events tell different things, in whatever figure or group. */
export interface RollupDifference {
  readonly table: string
  /** Its start, in milliseconds since the epoch. */
  readonly hour: number
  readonly events: RollupTotals
  readonly rollup: RollupTotals
}

export interface RollupTotals {
  readonly requests: bigint
  readonly priceNano: bigint
}

/** Both sides in one statement. */
function differing(target: SumTable, events: string, kept: string): string {
  const { bucket } = target
  const columns = columnsOf(target)
  const total = (side: string, figure: string) =>
    `(SELECT coalesce(sum(${figure}), 0) FROM ${side} WHERE ${side}.${bucket} = differing.${bucket})`
  return `
    WITH event AS MATERIALIZED (${events}), kept AS MATERIALIZED (${kept}),
    differing AS (
      SELECT ${bucket} FROM (SELECT ${columns} FROM event EXCEPT SELECT ${columns} FROM kept) missing
      UNION SELECT ${bucket} FROM (SELECT ${columns} FROM kept EXCEPT SELECT ${columns} FROM event) surplus
    )
    SELECT ${bucket} AS hour,
           ${total('event', 'requests')} AS event_requests, ${total('event', 'price_nano')} AS event_price_nano,
           ${total('kept', 'requests')} AS kept_requests, ${total('kept', 'price_nano')} AS kept_price_nano
    FROM differing ORDER BY ${bucket}`
}

const keptOf = (target: SumTable) =>
  `SELECT ${columnsOf(target)} FROM ${target.table} WHERE ${target.bucket} >= $1 AND ${target.bucket} < $2`

/** The finest sums with the events, where the mark says which of them they hold; the coarser ones with the finest. */
const OF_EVENTS = differing(
  ROLLUP,
  sumEvents(
    `created_at >= $1 AND created_at < $2 AND ${idRange('$1', '$2', ID_SLACK_MS)} AND NOT (id >= $3 AND ${writtenSince('$4')})`,
  ),
  keptOf(ROLLUP),
)
const OF_COMPLETE_DAYS = differing(
  ROLLUP,
  sumEvents(`created_at >= $1 AND created_at < $2 AND ${idRange('$1', '$2', ID_SLACK_MS)}`),
  keptOf(ROLLUP),
)
const OF_SUMS = COARSER.map(
  (target) => [target.table, differing(target, sumSums(target, `(${keptOf(ROLLUP)}) finest`), keptOf(target))] as const,
)

interface DifferenceRow {
  hour: Date
  event_requests: string
  event_price_nano: string
  kept_requests: string
  kept_price_nano: string
}

/**
 * Compares sums with events for the whole days that lie between two instants or touch them, and names the hours that
 * differ. Events that the sums do not hold yet are no difference (see `RollupMark`), nor are days that were not summed yet.
 */
export async function checkRollup({ pool }: { pool: Pool }, from: number, to: number): Promise<RollupDifference[]> {
  const differences: RollupDifference[] = []
  for (const day of daysOf({ from, to })) {
    differences.push(...(await inSnapshot(pool, (client) => compareDay(client, day))))
  }
  return differences
}

async function compareDay(client: ClientBase, day: Span): Promise<RollupDifference[]> {
  const { mark, isCurrent } = await readMark(client)
  if (!mark || day.to > heldUntil(mark, isCurrent)) return []
  await client.query('SET LOCAL jit = off')
  const bounds = [new Date(day.from), new Date(day.to)]
  const differences = isCurrent
    ? await compare(client, ROLLUP.table, OF_EVENTS, [...bounds, mark.floor, xidOf(mark.horizon)])
    : await compare(client, ROLLUP.table, OF_COMPLETE_DAYS, bounds)
  for (const [table, statement] of OF_SUMS) differences.push(...(await compare(client, table, statement, bounds)))
  return differences
}

function heldUntil(mark: RollupMark, isCurrent: boolean): number {
  return isCurrent ? (mark.builtUntil ?? Number.POSITIVE_INFINITY) : completeDay(mark)
}

async function compare(
  client: ClientBase,
  table: string,
  statement: string,
  values: readonly unknown[],
): Promise<RollupDifference[]> {
  const { rows } = await client.query<DifferenceRow>(statement, [...values])
  return rows.map((row) => ({
    table,
    hour: row.hour.getTime(),
    events: { requests: BigInt(row.event_requests), priceNano: BigInt(row.event_price_nano) },
    rollup: { requests: BigInt(row.kept_requests), priceNano: BigInt(row.kept_price_nano) },
  }))
}
