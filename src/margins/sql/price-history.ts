import type { Pool } from 'pg'
import type { PriceRuleFigures } from '../../catalog/catalog-rows.ts'
import type { PriceHistoryItem } from '../price-history.ts'

export interface HistoryRow extends Omit<PriceHistoryItem, 'terms'> {
  /** The version, or the change that retired one. */
  itemId: string
  rates: unknown
  rule: PriceRuleFigures | null
}

export interface HistoryFilter {
  kind?: string | undefined
  modelId?: string | undefined
  providerId?: string | undefined
  upstreamModel?: string | undefined
  sellerId?: string | undefined
  before?: { at: Date; id: string } | undefined
  limit: number
  /** Only rules of this reseller, whatever else is asked for. */
  onlySellerId: string | null
}

/** Versions are few: a catalog has hundreds of prices, and each changes some times a year. */
const READ = `
  WITH version AS (
    SELECT 'COST_PROFILE' AS kind, id, provider_id, upstream_model, NULL::uuid AS model_id, NULL::uuid AS seller_id,
           NULL::uuid AS account_id, NULL::uuid AS plan_id, rates, NULL::json AS rule, source, effective_from,
           NULL::timestamptz AS retired_at, created_at
      FROM cost_profile
    UNION ALL
    SELECT 'LIST_PRICE', id, NULL, NULL, model_id, NULL, NULL, NULL, rates, NULL, source, effective_from, NULL, created_at
      FROM list_price
    UNION ALL
    SELECT 'PRICE_RULE', id, provider_id, NULL, model_id, seller_id, account_id, plan_id, rates,
           json_build_object('kind', kind, 'markup_bps', markup_bps, 'addition_nano', addition_nano::text,
                             'discount_bps', discount_bps, 'rates', rates, 'allow_negative_margin', allow_negative_margin),
           NULL, effective_from, retired_at, created_at
      FROM price_rule
  ), item AS (
    SELECT version.*, version.id AS item_id, change.actor_id, change.reason, change.breaches
      FROM version LEFT JOIN price_change change ON change.version_id = version.id AND change.kind = version.kind
    UNION ALL
    SELECT 'RETIRE_RULE', version.id, version.provider_id, version.upstream_model, version.model_id, version.seller_id,
           version.account_id, version.plan_id, version.rates, version.rule, NULL, change.effective_from,
           version.retired_at, change.created_at, change.id, change.actor_id, change.reason, change.breaches
      FROM price_change change JOIN version ON version.id = change.version_id
     WHERE change.kind = 'RETIRE_RULE'
  )
  SELECT item.kind, item.id AS "versionId", item.item_id AS "itemId", seller.slug AS seller, account.slug AS account,
         plan.slug AS plan, model.name AS model, provider.slug AS provider, item.upstream_model AS "upstreamModel",
         item.rates, item.rule, item.effective_from AS "effectiveFrom", item.retired_at AS "retiredAt",
         item.created_at AS "createdAt", item.actor_id AS "actorId", item.reason,
         coalesce(item.breaches, '{}') AS breaches, item.source
    FROM item
    LEFT JOIN account seller ON seller.id = item.seller_id
    LEFT JOIN account ON account.id = item.account_id
    LEFT JOIN plan ON plan.id = item.plan_id
    LEFT JOIN model ON model.id = item.model_id
    LEFT JOIN provider ON provider.id = item.provider_id
   WHERE ($1::text IS NULL OR item.kind = $1)
     AND ($2::uuid IS NULL OR item.model_id = $2)
     AND ($3::uuid IS NULL OR item.provider_id = $3)
     AND ($4::text IS NULL OR item.upstream_model = $4)
     AND ($5::uuid IS NULL OR item.seller_id = $5)
     AND ($6::uuid IS NULL OR item.seller_id = $6)
     AND ($7::timestamptz IS NULL OR (item.created_at, item.item_id) < ($7, $8::uuid))
   ORDER BY item.created_at DESC, item.item_id DESC
   LIMIT $9`

export async function readHistory(pool: Pool, filter: HistoryFilter): Promise<HistoryRow[]> {
  const { kind, modelId, providerId, upstreamModel, sellerId, onlySellerId, before, limit } = filter
  const { rows } = await pool.query<HistoryRow>(READ, [
    ...[kind, modelId, providerId, upstreamModel, sellerId, onlySellerId],
    ...[before?.at, before?.id, limit],
  ])
  return rows
}
