import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { createGroupCommit } from './group-commit.ts'
import { createInstance } from './instance.ts'
import { createLedgerConnection } from './ledger-connection.ts'
import type { Authorization, AuthorizeRequest, Credited, CreditRequest, Resolution, Resolved } from './operations.ts'
import { reapHolds } from './reap.ts'
import { createUsagePartitions } from './usage-partitions.ts'

/** How long the end of a request waits for a database that went away. Its client waits for the last byte meanwhile. */
const RESOLVE_RETRY_MS = 30_000
/** Holds of the dead and the overdue are looked for this often. */
const REAP_EVERY_MS = 5_000
const EXPIRED_WALLETS_PER_SWEEP_MAX = 1_000

export interface Ledger {
  readonly instanceId: string
  /** Registers this process and gives back what a dead one left reserved. */
  start(): Promise<void>
  /** Reserves credit for a request, or says what ran out. The same request id twice gives the same answer. */
  authorize(request: AuthorizeRequest): Promise<Authorization>
  /**
   * Ends a request: gives its hold back and books its charge and its usage event, once.
   * @throws LedgerConflict when the request was booked with other figures before.
   * @throws LedgerUnavailable when the database stayed away; nothing was booked, the reaper will give the hold back.
   */
  resolve(resolution: Resolution): Promise<Resolved>
  /** Adds credits as a lot of their own. The same source twice is credited once. */
  credit(request: CreditRequest): Promise<Credited>
  /** Gives back the holds of dead processes and those past their deadline; returns how many. */
  reap(): Promise<number>
  /** Books the expiry of due lots in idle wallets (a spending wallet books its own); returns how many wallets it saw. */
  sweepExpired(): Promise<number>
  /** Waits until all that was submitted is written, then says farewell. */
  stop(): Promise<void>
}

export interface LedgerOptions {
  connectionString: string
  /** For the reads beside the spend path. */
  pool: Pool
  clock: Clock
  report: (error: Error) => void
  resolveRetryMs?: number
}

export function createLedger({ connectionString, pool, clock, report, resolveRetryMs }: LedgerOptions): Ledger {
  const connection = createLedgerConnection(connectionString, report)
  const instance = createInstance(pool, clock, report)
  const group = createGroupCommit({
    connection,
    instanceId: instance.id,
    now: clock.now,
    resolveRetryMs: resolveRetryMs ?? RESOLVE_RETRY_MS,
    partitions: createUsagePartitions(),
  })
  let timer: NodeJS.Timeout | null = null

  const resolve = (resolution: Resolution) => group.submit({ kind: 'resolve', resolution }) as Promise<Resolved>
  const reap = () => reapHolds(pool, clock, instance.id, resolve)

  return {
    instanceId: instance.id,
    async start() {
      await instance.start()
      // What cannot be given back now is tried again at the next interval; it must not keep the process from serving.
      await reap().catch(report)
      timer = setInterval(() => reap().catch(report), REAP_EVERY_MS)
      timer.unref()
    },
    authorize: (request) => group.submit({ kind: 'authorize', request }) as Promise<Authorization>,
    resolve,
    credit: (request) => group.submit({ kind: 'credit', request, lotId: uuidV7(clock) }) as Promise<Credited>,
    reap,
    async sweepExpired() {
      const { rows } = await pool.query<{ account_id: string }>(
        `SELECT DISTINCT account_id FROM credit_lot
         WHERE open AND held_nano < remaining_nano AND expires_at <= to_timestamp($1::float8 / 1000) LIMIT $2`,
        [clock.now(), EXPIRED_WALLETS_PER_SWEEP_MAX],
      )
      await Promise.all(rows.map(({ account_id }) => group.submit({ kind: 'expire', accountId: account_id })))
      return rows.length
    },
    async stop() {
      if (timer) clearInterval(timer)
      await group.drain()
      await instance.stop()
      await connection.close()
    },
  }
}
