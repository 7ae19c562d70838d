import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { type Span, stepsOf } from './hours.ts'
import { readSettledUntil, writeSettledUntil } from './settled-hours.ts'
import { PLAN_FOR_SUMS, ROLLUP_COLUMNS, sumUsage } from './sql/sum-usage.ts'
import { ID_SLACK_MS, readUsageExtent, type UsageExtent } from './usage-extent.ts'

/** Held while hours are replaced, so that two runs never write the same hour side by side. */
const ROLLUP_LOCK = `SELECT pg_advisory_xact_lock(hashtext('farebox_usage_rollup'))`

const DELETE_HOURS = 'DELETE FROM usage_rollup WHERE hour >= $1 AND hour < $2'
const INSERT_HOURS = `INSERT INTO usage_rollup (${ROLLUP_COLUMNS}) ${sumUsage(`${ID_SLACK_MS} milliseconds`)}`

/**
 * Sums usage up to now: every hour that is not settled, whole. Run it as often as pages shall be fresh, anywhere, by
 * anybody; after a pause of any length it catches up a day at a time, and each day is kept.
 *
 * @returns how many rows of `usage_rollup` it wrote
 */
export async function rollUpUsage({ pool, clock }: { pool: Pool; clock: Clock }): Promise<number> {
  const extent = await readUsageExtent(pool, clock.now())
  if (extent === null) return 0
  let written = 0
  for (const step of stepsOf({ from: await firstOpenHour(pool, extent), to: extent.to })) {
    written += await inTransaction(pool, async (client) => {
      const rows = await replaceHours(client, step)
      // Everything before this step was summed by this run, or had been settled before it.
      await writeSettledUntil(client, Math.min(step.to, extent.settled))
      return rows
    })
  }
  return written
}

/**
 * Sums the hours of a span anew, settled or not: for usage that was written with a date long past, and for hours that
 * `checkRollup` names. What is settled stays so.
 *
 * @returns how many rows of `usage_rollup` it wrote
 */
export async function recomputeRollup({ pool }: { pool: Pool }, from: number, to: number): Promise<number> {
  let written = 0
  for (const step of stepsOf({ from, to })) {
    written += await inTransaction(pool, (client) => replaceHours(client, step))
  }
  return written
}

async function firstOpenHour(pool: Pool, extent: UsageExtent): Promise<number> {
  const settledUntil = await readSettledUntil(pool)
  return settledUntil === null ? extent.from : Math.min(settledUntil, extent.settled)
}

async function replaceHours(client: ClientBase, { from, to }: Span): Promise<number> {
  // The sums' own snapshot is taken after the lock, so it sees what another run and every ended request have committed.
  await client.query(ROLLUP_LOCK)
  await client.query(PLAN_FOR_SUMS)
  const bounds = [new Date(from), new Date(to)]
  await client.query(DELETE_HOURS, bounds)
  const { rowCount } = await client.query(INSERT_HOURS, bounds)
  return rowCount ?? 0
}
