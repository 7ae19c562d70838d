import type pg from 'pg'
import type { Clock } from '../../src/lib/clock.ts'
import { readMark, xidOf } from '../../src/reports/rollup-mark.ts'
import { LEAST_LEFT } from '../../src/reports/sql/sum-usage.ts'
import { rollUpUsage } from '../../src/reports/usage-rollup.ts'

const RUNS_MAX = 200

/**
 * Rolls up until no event is left. A transaction that ends in the very moment of a run may hold the horizon back for it, and
 * tests share their server with others.
 */
export async function summed(deps: { pool: pg.Pool; clock: Clock }): Promise<number> {
  let written = 0
  for (let run = 0; run < RUNS_MAX; run += 1) {
    written += await rollUpUsage(deps)
    if (!(await isAnyLeft(deps.pool))) return written
  }
  throw new Error('something holds the horizon back')
}

async function isAnyLeft(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect()
  try {
    const { mark } = await readMark(client)
    if (!mark) return false
    const { rows } = await client.query(LEAST_LEFT, [mark.floor, xidOf(mark.horizon)])
    return rows[0].id !== null
  } finally {
    client.release()
  }
}
