import { ID_SLACK_MS } from '../usage-extent.ts'
import {
  COARSER,
  columnsOf,
  EVENT_SUMS,
  eventDimension,
  ROLLUP,
  type SumTable,
  sumNames,
  sumsOver,
} from './usage-figures.ts'

/**
 * For the transaction of a sum: hash rather than sort. The planner takes every event for a group of its own, and to save
 * itself the sort would read them one by one in the order of an index; that was six times slower.
 */
export const PLAN_FOR_SUMS = 'SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off; SET LOCAL jit = off'

/** Older than any age that the other side of a comparison can have: transaction ids are compared around a circle. */
const AGE_MIN = -1_073_741_824

/**
 * SQL: whether an event was written by a transaction from the horizon on (a parameter, a transaction id without its epoch).
 * The system column says who wrote it; events are never updated, so it stays.
 */
export function writtenSince(horizon: string): string {
  return `age(xmin) BETWEEN ${AGE_MIN} AND (SELECT age(${horizon}::text::xid))`
}

/** SQL: bounds on a UUIDv7 for a half-open range of time. Partitions and primary keys go by the id. */
export function idRange(from: string, to: string, slackMs = ID_SLACK_MS, id = 'id'): string {
  const slack = `interval '${slackMs} milliseconds'`
  return `${id} >= uuid_v7_floor(${from}::timestamptz - ${slack}) AND ${id} < uuid_v7_floor(${to}::timestamptz + ${slack})`
}

/** SQL: the finest sums of the events that a condition chooses. */
export function sumEvents(condition: string): string {
  const dimensions = ROLLUP.key.map((name) => `${eventDimension(name)} AS ${name}`).join(', ')
  const places = ROLLUP.key.map((_name, index) => index + 2).join(', ')
  return `
    SELECT date_bin('1 hour', created_at, 'epoch') AS hour, ${dimensions}, max(currency) AS currency, ${EVENT_SUMS}
    FROM usage_event WHERE ${condition} GROUP BY 1, ${places}`
}

/** SQL: a coarser table's rows, made of the finest. */
export function sumSums(target: SumTable, source: string): string {
  const { bucket, dimensions } = target
  const at = bucket === 'day' ? `date_bin('1 day', hour, 'epoch')` : 'hour'
  const places = dimensions.map((_name, index) => index + 2).join(', ')
  return `SELECT ${at} AS ${bucket}, ${dimensions.join(', ')}, ${sumsOver(target)} FROM ${source} GROUP BY 1, ${places}`
}

/** SQL: adds rows to those of the same key that stand. */
function addTo(target: SumTable, rows: string): string {
  const { table, bucket, key } = target
  const added = sumNames(target)
    .map((name) => `${name} = ${table}.${name} + excluded.${name}`)
    .join(', ')
  return `INSERT INTO ${table} (${columnsOf(target)}) ${rows}
    ON CONFLICT (${[bucket, ...key].join(', ')}) DO UPDATE SET ${added}`
}

/** One statement: sums the chosen events once and adds them to all tables. It tells of the finest's rows. */
function addEvents(condition: string): string {
  const coarser = COARSER.map((target, index) => `coarser_${index} AS (${addTo(target, sumSums(target, 'fresh'))})`)
  return `
    WITH fresh AS MATERIALIZED (${sumEvents(condition)}), ${coarser.join(', ')}
    ${addTo(ROLLUP, `SELECT ${columnsOf(ROLLUP)} FROM fresh`)}`
}

/** Adds what was written from one horizon on and before the next. `$1` the floor, `$2` and `$3` the horizons. */
export const ADD_WRITTEN = addEvents(`id >= $1 AND ${writtenSince('$2')} AND NOT ${writtenSince('$3')}`)

/** Sums whole days of events, but for those that the horizon leaves. `$1` and `$2` the days, `$3` the floor, `$4` the horizon. */
export const ADD_DAYS = addEvents(
  `created_at >= $1 AND created_at < $2 AND ${idRange('$1', '$2')} AND NOT (id >= $3 AND ${writtenSince('$4')})`,
)

/** Removes the sums from `$1` up to, but without, `$2`. */
export const REMOVE_DAYS = [ROLLUP, ...COARSER].map(
  ({ table, bucket }) => `DELETE FROM ${table} WHERE ${bucket} >= $1 AND ${bucket} < $2`,
)

/** The least id of events that the horizon leaves. `$1` from which id on to look, `$2` the horizon. */
export const LEAST_LEFT = `SELECT min(id::text) AS id FROM usage_event WHERE id >= $1 AND ${writtenSince('$2')}`

/** The same of the events of some days, wherever their ids are. `$1` and `$2` the days, `$3` the horizon. */
export const LEAST_LEFT_OF_DAYS = `
  SELECT min(id::text) AS id FROM usage_event
  WHERE created_at >= $1 AND created_at < $2 AND ${idRange('$1', '$2')} AND ${writtenSince('$3')}`
