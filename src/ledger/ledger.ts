import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { Operation, Outcome } from './batch.ts'
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
/**
 * Group commits side by side, each with a connection of its own: while the database works on one lane's batch, this
 * process decides the other's. A third one was measured to bring nothing on two cores.
 */
const LANES = 2

/** A wallet always takes the same lane, so that two batches seldom wait for one lock. Ids end in random digits. */
function laneOf(walletId: string): number {
  return walletId.charCodeAt(walletId.length - 1) % LANES
}

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
  /** Hears that an account's automatic top-up became due. A hint only: the wallet's row says so as well. */
  onTopUpDue?: (accountId: string) => void
}

export function createLedger(options: LedgerOptions): Ledger {
  const { connectionString, pool, clock, report, resolveRetryMs, onTopUpDue } = options
  const instance = createInstance(pool, clock, report)
  const partitions = createUsagePartitions()
  const lanes = Array.from({ length: LANES }, () => {
    const connection = createLedgerConnection(connectionString, report)
    const group = createGroupCommit({
      connection,
      instanceId: instance.id,
      now: clock.now,
      resolveRetryMs: resolveRetryMs ?? RESOLVE_RETRY_MS,
      partitions,
      onTopUpDue: onTopUpDue ?? (() => undefined),
    })
    return { connection, group }
  })
  let timer: NodeJS.Timeout | null = null

  /** All of a reseller's customers share its wallet, so they share its lane. */
  const submit = (walletId: string, operation: Operation): Promise<Outcome> => {
    const lane = lanes[laneOf(walletId)] as (typeof lanes)[number]
    return lane.group.submit(operation)
  }
  const resolve = (resolution: Resolution) =>
    submit(resolution.resellerId ?? resolution.accountId, { kind: 'resolve', resolution }) as Promise<Resolved>
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
    authorize: (request) =>
      submit(request.resellerId ?? request.accountId, { kind: 'authorize', request }) as Promise<Authorization>,
    resolve,
    credit: (request) =>
      submit(request.accountId, { kind: 'credit', request, lotId: uuidV7(clock) }) as Promise<Credited>,
    reap,
    async sweepExpired() {
      const { rows } = await pool.query<{ account_id: string }>(
        `SELECT DISTINCT account_id FROM credit_lot
         WHERE open AND held_nano + frozen_nano < remaining_nano AND expires_at <= to_timestamp($1::float8 / 1000) LIMIT $2`,
        [clock.now(), EXPIRED_WALLETS_PER_SWEEP_MAX],
      )
      await Promise.all(rows.map(({ account_id }) => submit(account_id, { kind: 'expire', accountId: account_id })))
      return rows.length
    },
    async stop() {
      if (timer) clearInterval(timer)
      await Promise.all(lanes.map(({ group }) => group.drain()))
      await instance.stop()
      await Promise.all(lanes.map(({ connection }) => connection.close()))
    },
  }
}
