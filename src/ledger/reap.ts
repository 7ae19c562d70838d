import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7Time } from '../lib/uuid-v7.ts'
import { LedgerConflict } from './errors.ts'
import { DEAD_AFTER_MS } from './instance.ts'
import type { Resolution, Resolved } from './operations.ts'
import { isRunning, processPlace } from './process-place.ts'

/** Reaped in one go; the next run takes the rest. */
const HOLDS_PER_RUN_MAX = 5_000

interface OrphanedHold {
  request_id: string
  account_id: string
  reseller_id: string | null
  budget_ids: string[]
  project_id: string
  access_key_id: string
  model: string
  surface: string
  streaming: boolean
  cost_bound_nano: string
  authorized_at: Date
}

/** Instances that stopped, went silent, or whose process at this very place is gone. */
async function deadInstances(pool: Pool, ownId: string): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; host: string; pid: number; silent: boolean }>(
    `SELECT id, host, pid, stopped_at IS NOT NULL OR heartbeat_at < now() - $2 * interval '1 millisecond' AS silent
     FROM gateway_instance WHERE id <> $1 AND EXISTS (SELECT FROM hold WHERE instance_id = gateway_instance.id)`,
    [ownId, DEAD_AFTER_MS],
  )
  const here = processPlace()
  return rows.filter((row) => row.silent || (row.host === here && !isRunning(row.pid))).map((row) => row.id)
}

/**
 * Gives back the holds of dead instances and those past their deadline. Each leaves an `ABANDONED` usage event with
 * charge 0 and what the provider may have billed us as exposure. Safe to run anywhere, any time, by anybody: whoever
 * deletes a hold's row books its end. Returns how many holds were given back.
 */
export async function reapHolds(
  pool: Pool,
  clock: Clock,
  ownId: string,
  resolve: (resolution: Resolution) => Promise<Resolved>,
): Promise<number> {
  const dead = await deadInstances(pool, ownId)
  const { rows } = await pool.query<OrphanedHold>(
    `SELECT request_id, account_id, reseller_id, budget_ids, project_id, access_key_id, model, surface, streaming,
            cost_bound_nano, authorized_at
     FROM hold WHERE instance_id = ANY ($1::uuid[]) OR deadline_at < to_timestamp($2::float8 / 1000) LIMIT $3`,
    [dead, clock.now(), HOLDS_PER_RUN_MAX],
  )
  const outcomes = await Promise.all(rows.map((hold) => giveBack(abandoned(hold, clock.now()), resolve)))
  return outcomes.filter(({ outcome }) => outcome === 'booked').length
}

/** PostgreSQL's unique_violation: an event of this request stands already. */
const UNIQUE_VIOLATION = '23505'

async function giveBack(
  resolution: Resolution,
  resolve: (resolution: Resolution) => Promise<Resolved>,
): Promise<Resolved> {
  try {
    return await resolve(resolution)
  } catch (error) {
    // The request was charged between our look at its hold and our reach for it: its charge stands.
    if (error instanceof LedgerConflict) return { outcome: 'repeated' }
    // Its id was authorized again after it had ended: that hold stands for nothing, and the first event stays.
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) return resolve({ ...resolution, event: null })
    throw error
  }
}

function abandoned(hold: OrphanedHold, now: number): Resolution {
  const createdAt = uuidV7Time(hold.request_id)
  return {
    requestId: hold.request_id,
    accountId: hold.account_id,
    resellerId: hold.reseller_id,
    budgetIds: hold.budget_ids,
    attempts: [],
    priceNano: 0n,
    wholesaleNano: 0n,
    event: {
      id: hold.request_id,
      accountId: hold.account_id,
      resellerId: hold.reseller_id,
      projectId: hold.project_id,
      accessKeyId: hold.access_key_id,
      surface: hold.surface,
      model: hold.model,
      routeId: null,
      providerId: null,
      upstreamModel: null,
      status: 'ABANDONED',
      httpStatus: 0,
      errorCode: 'abandoned',
      streaming: hold.streaming,
      estimated: false,
      ownKey: false,
      inputTokens: 0,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      listNano: null,
      costNano: 0n,
      wholesaleNano: 0n,
      priceNano: 0n,
      operatorFeeNano: 0n,
      sellerFeeNano: 0n,
      costProfileId: null,
      listPriceId: null,
      operatorRuleId: null,
      resellerRuleId: null,
      exposureNano: BigInt(hold.cost_bound_nano),
      attempts: 0,
      latencyMs: Math.max(0, Math.min(now - hold.authorized_at.getTime(), LATENCY_MAX_MS)),
      firstByteMs: null,
      clientIp: null,
      userAgent: null,
      createdAt,
    },
  }
}

/** The column is a 32-bit integer. */
const LATENCY_MAX_MS = 2 ** 31 - 1
