import { hostname } from 'node:os'
import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { processPlace } from './process-place.ts'

/** A process writes its heartbeat this often, in milliseconds. */
export const HEARTBEAT_MS = 2_000
/** Without a heartbeat for this long an instance is dead, and its holds are given back. */
export const DEAD_AFTER_MS = 15_000

export interface Instance {
  readonly id: string
  /** Writes the row, then renews its heartbeat until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** The row by which other processes can tell whether this one, which may own holds, still lives. */
export function createInstance(pool: Pool, clock: Clock, report: (error: Error) => void): Instance {
  const id = uuidV7(clock)
  let timer: NodeJS.Timeout | null = null
  return {
    id,
    async start() {
      await pool.query(
        'INSERT INTO gateway_instance (id, host, pid, started_at, heartbeat_at) VALUES ($1, $2, $3, now(), now())',
        [id, processPlace() ?? hostname(), process.pid],
      )
      timer = setInterval(() => {
        pool.query('UPDATE gateway_instance SET heartbeat_at = now() WHERE id = $1', [id]).catch(report)
      }, HEARTBEAT_MS)
      timer.unref()
    },
    async stop() {
      if (timer) clearInterval(timer)
      // Without the database nobody hears the farewell; the heartbeat's silence will say it.
      await pool.query('UPDATE gateway_instance SET stopped_at = now() WHERE id = $1', [id]).catch(report)
    },
  }
}
