import type { PoolClient } from 'pg'

export interface PriceChangeRow {
  id: string
  kind: string
  versionId: string
  sellerId: string | null
  actorId: string
  idempotencyKey: string
  bodyHash: Buffer
  effectiveFrom: Date
  lines: string[]
  floorBps: number
  breaches: string[]
  reason: string | null
  createdAt: Date
}

const INSERT = `
  INSERT INTO price_change
    (id, kind, version_id, seller_id, actor_id, idempotency_key, body_hash, effective_from, lines, floor_bps, breaches,
     reason, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

export async function insertPriceChange(client: PoolClient, row: PriceChangeRow): Promise<void> {
  await client.query(INSERT, [
    ...[row.id, row.kind, row.versionId, row.sellerId, row.actorId, row.idempotencyKey, row.bodyHash],
    ...[row.effectiveFrom, row.lines, row.floorBps, row.breaches, row.reason, row.createdAt],
  ])
}

export interface SavedChange {
  changeId: string
  versionId: string
  effectiveFrom: Date
  lines: string[]
  breaches: string[]
  bodyHash: Buffer
}

const FIND = `
  SELECT id AS "changeId", version_id AS "versionId", effective_from AS "effectiveFrom", lines, breaches,
         body_hash AS "bodyHash"
    FROM price_change WHERE actor_id = $1 AND idempotency_key = $2`

/** What a call with the same key of the same person has made before. */
export async function findSavedChange(
  client: PoolClient,
  actorId: string,
  idempotencyKey: string,
): Promise<SavedChange | null> {
  const { rows } = await client.query<SavedChange>(FIND, [actorId, idempotencyKey])
  return rows[0] ?? null
}

const IS_RETIRED = `
  SELECT 1 FROM price_rule WHERE id = $1 AND ($2::uuid IS NULL OR seller_id = $2) AND retired_at <= $3`

/** Whether a rule that the seller may know of (null = the operator, who may know of all) has been retired. */
export async function isRuleRetired(
  client: PoolClient,
  ruleId: string,
  sellerId: string | null,
  now: Date,
): Promise<boolean> {
  const { rows } = await client.query(IS_RETIRED, [ruleId, sellerId, now])
  return rows.length > 0
}
