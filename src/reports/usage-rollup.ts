import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { DAY_MS, dayOf, daysOf, type Span } from './hours.ts'
import { completeDay, type ReadMark, type RollupMark, readMark, writeMark, xidOf } from './rollup-mark.ts'
import { ADD_DAYS, ADD_WRITTEN, LEAST_LEFT, LEAST_LEFT_OF_DAYS, PLAN_FOR_SUMS, REMOVE_DAYS } from './sql/sum-usage.ts'
import { NONE } from './sql/usage-figures.ts'
import { floorOf, ID_SLACK_MS, readUsageExtent, type UsageExtent } from './usage-extent.ts'

interface RollupDeps {
  pool: Pool
  clock: Clock
}

/** Held while sums are written, so that two runs never add the same events. The statements after it see what it waited for. */
const ROLLUP_LOCK = `SELECT pg_advisory_xact_lock(hashtext('farebox_usage_rollup'))`

/** After a longer pause than this, days are summed one by one again, instead of all that came in one transaction. */
const PAUSE_MAX_MS = 2 * DAY_MS

/** Before all days and after them: what a UUIDv7 can tell, as far as years have four digits. */
const FIRST_OF_DAYS = 0
const END_OF_DAYS = Date.UTC(9999, 0, 1)

/**
 * Adds to the sums what was written since the last run. Run it as often as readers shall be fast, anywhere, by anybody:
 * they are exact without it. The first run, and one after a pause of days, sums day by day, and each day is kept.
 *
 * @returns how many rows of `usage_rollup` it wrote
 */
export async function rollUpUsage({ pool, clock }: RollupDeps): Promise<number> {
  let written = 0
  for (;;) {
    const step = await locked(pool, (client) => nextStep(client, clock.now()))
    written += step.written
    if (step.isLast) return written
  }
}

/**
 * Sums the days of a span anew: for usage that was written with a date long past, and for hours that `checkRollup` names.
 * Days that were never summed are left to the next `rollUpUsage`.
 *
 * @returns how many rows of `usage_rollup` it wrote
 */
export async function recomputeRollup({ pool }: { pool: Pool }, from: number, to: number): Promise<number> {
  let written = 0
  for (const day of daysOf({ from, to })) {
    written += await locked(pool, (client) => recomputeDay(client, day))
  }
  return written
}

function locked<Result>(pool: Pool, work: (client: ClientBase) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, async (client) => {
    await client.query(ROLLUP_LOCK)
    await client.query(PLAN_FOR_SUMS)
    return work(client)
  })
}

interface Step {
  written: number
  isLast: boolean
}

async function nextStep(client: ClientBase, now: number): Promise<Step> {
  const read = await readMark(client)
  const extent = await readUsageExtent(client)
  if (!extent) return { written: 0, isLast: true }
  const { mark } = read
  if (!mark || !read.isCurrent || (mark.builtUntil === null && now - mark.foldedAt > PAUSE_MAX_MS)) {
    await startDays(client, read, extent, now)
    return { written: 0, isLast: false }
  }
  if (mark.builtUntil !== null) return buildDay(client, read.origin, mark, mark.builtUntil, extent)
  return { written: await addWritten(client, read.origin, mark, extent, now), isLast: true }
}

/** From the first day on that the sums do not hold completely: what they say of later ones is dropped, and readers know. */
async function startDays(
  client: ClientBase,
  { mark, origin }: ReadMark,
  extent: UsageExtent,
  now: number,
): Promise<void> {
  const firstDay = dayOf(extent.first - ID_SLACK_MS)
  const builtUntil = mark ? completeDay(mark) : firstDay
  await removeDays(client, { from: mark ? builtUntil : FIRST_OF_DAYS, to: END_OF_DAYS })
  const leastLeft = await leastId(client, LEAST_LEFT, [mark?.floor ?? NONE, xidOf(extent.horizon)])
  const floor = floorOf(extent, leastLeft, now)
  await writeMark(client, origin, {
    horizon: extent.horizon,
    floor,
    builtUntil: Math.max(builtUntil, firstDay),
    foldedAt: now,
  })
}

async function buildDay(
  client: ClientBase,
  origin: string,
  mark: RollupMark,
  from: number,
  { last }: UsageExtent,
): Promise<Step> {
  // Whatever is dated beyond the last request goes with its day, so that the days have an end.
  const isLastDay = from + DAY_MS > Math.min(last + ID_SLACK_MS, mark.foldedAt)
  const to = isLastDay ? END_OF_DAYS : from + DAY_MS
  const written = await addDays(client, { from, to }, mark)
  await writeMark(client, origin, { ...mark, builtUntil: isLastDay ? null : to })
  return { written, isLast: false }
}

/** Adds what the transactions between the two horizons wrote: every one of them has ended, so nothing can follow. */
async function addWritten(
  client: ClientBase,
  origin: string,
  mark: RollupMark,
  extent: UsageExtent,
  now: number,
): Promise<number> {
  const next = xidOf(extent.horizon)
  const { rowCount } = await client.query(ADD_WRITTEN, [mark.floor, xidOf(mark.horizon), next])
  const floor = floorOf(extent, await leastId(client, LEAST_LEFT, [mark.floor, next]), now)
  await writeMark(client, origin, { horizon: extent.horizon, floor, builtUntil: null, foldedAt: now })
  return rowCount ?? 0
}

async function recomputeDay(client: ClientBase, day: Span): Promise<number> {
  const { mark, isCurrent, origin } = await readMark(client)
  if (!mark || !isCurrent || day.from >= (mark.builtUntil ?? Number.POSITIVE_INFINITY)) return 0
  // What the horizon leaves of this day has to be found by readers and by the next run.
  const leastLeft = await leastId(client, LEAST_LEFT_OF_DAYS, [...instants(day), xidOf(mark.horizon)])
  const lowered = { ...mark, floor: leastLeft !== null && leastLeft < mark.floor ? leastLeft : mark.floor }
  await removeDays(client, day)
  const written = await addDays(client, day, lowered)
  await writeMark(client, origin, lowered)
  return written
}

async function addDays(client: ClientBase, { from, to }: Span, { floor, horizon }: RollupMark): Promise<number> {
  const { rowCount } = await client.query(ADD_DAYS, [...instants({ from, to }), floor, xidOf(horizon)])
  return rowCount ?? 0
}

async function removeDays(client: ClientBase, span: Span): Promise<void> {
  for (const statement of REMOVE_DAYS) await client.query(statement, instants(span))
}

function instants({ from, to }: Span): Date[] {
  return [new Date(from), new Date(to)]
}

async function leastId(client: ClientBase, statement: string, values: readonly unknown[]): Promise<string | null> {
  const { rows } = await client.query<{ id: string | null }>(statement, [...values])
  return rows[0]?.id ?? null
}
