import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { CatalogFile } from './catalog-file.ts'
import { readCatalogState } from './catalog-state.ts'
import { readMarginFloorBps } from './margin-floor-setting.ts'
import { planCatalog } from './plan-catalog.ts'
import { writeCatalog } from './write-catalog.ts'

/** Held while a change of prices is planned and written, so that no two of them are made on the same state. */
export const CATALOG_LOCK = `SELECT pg_advisory_xact_lock(hashtext('farebox_catalog'))`

const INSERT_ACKNOWLEDGEMENT = 'INSERT INTO setting (key, value) VALUES ($1, $2)'

/** A sentence. */
export const REASON_MAX = 500

export interface ApplyCatalogOptions {
  /** `FAREBOX_SECRET`: API keys of the file are sealed with it. */
  secret: string
  clock: Clock
  /** Why prices under the margin floor are meant. Kept in `setting` under `catalog.acknowledgement.<id>`. */
  acknowledge?: string
  /** A price must be at least cost × (1 + this / 10,000). Default: what is set in the database. */
  marginFloorBps?: number
}

export type ApplyCatalogResult =
  /** `lines` as of `diffCatalog`; `changed` is false where the database said so already. */
  | { ok: true; lines: string[]; changed: boolean; acknowledged: string[] }
  /** Nothing was written. */
  | { ok: false; reason: 'conflict' | 'under_margin_floor'; problems: string[] }

/**
 * Makes the database say what the file says, in one transaction on this connection. Idempotent. Nothing is deleted;
 * costs, list prices and rules become new versions.
 */
export async function applyCatalog(
  client: ClientBase,
  file: CatalogFile,
  options: ApplyCatalogOptions,
): Promise<ApplyCatalogResult> {
  await client.query('BEGIN')
  try {
    await client.query(CATALOG_LOCK)
    const result = await applyLocked(client, file, options)
    await client.query(result.ok ? 'COMMIT' : 'ROLLBACK')
    return result
  } catch (error) {
    // A connection that is gone cannot roll back, and needs not: its first error is the one to tell.
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function applyLocked(
  client: ClientBase,
  file: CatalogFile,
  options: ApplyCatalogOptions,
): Promise<ApplyCatalogResult> {
  const { secret, clock, acknowledge } = options
  const marginFloorBps = options.marginFloorBps ?? (await readMarginFloorBps(client))
  const now = new Date(clock.now())
  const state = await readCatalogState(client, now, file.priceRules)
  const plan = planCatalog(file, state, { now, newId: () => uuidV7(clock), secret, marginFloorBps })
  if (plan.problems.length > 0) return { ok: false, reason: 'conflict', problems: plan.problems }
  if (plan.breaches.length > 0) {
    const reason = acknowledge?.trim().slice(0, REASON_MAX)
    if (!reason) return { ok: false, reason: 'under_margin_floor', problems: plan.breaches }
    const value = { at: now.toISOString(), reason, breaches: plan.breaches }
    await client.query(INSERT_ACKNOWLEDGEMENT, [`catalog.acknowledgement.${uuidV7(clock)}`, JSON.stringify(value)])
  }
  await writeCatalog(client, plan.writes, { secret, now })
  return { ok: true, lines: plan.lines, changed: plan.writes.length > 0, acknowledged: plan.breaches }
}
