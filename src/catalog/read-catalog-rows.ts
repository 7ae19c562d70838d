import type {
  CostProfileRow,
  ListPriceRow,
  ModelAliasRow,
  ModelRow,
  PriceRuleRow,
  ProviderKeyRow,
  ProviderRow,
  RouteRow,
} from './catalog-rows.ts'

/** A `pg` pool or client. */
export interface CatalogDatabase {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

/** Every row that the catalog is made of: retired rules are left out, disabled models and routes are there. */
export interface CatalogRows {
  providers: ProviderRow[]
  providerKeys: ProviderKeyRow[]
  models: ModelRow[]
  modelAliases: ModelAliasRow[]
  routes: RouteRow[]
  costProfiles: CostProfileRow[]
  listPrices: ListPriceRow[]
  priceRules: PriceRuleRow[]
}

/**
 * One statement, so that all of it is of one instant even through a pool, at any isolation level.
 * JSON keeps it one round trip; what JSON cannot hold exactly (bytes, 64-bit integers, instants) is converted.
 */
const READ_CATALOG = `
  WITH providers AS (
    SELECT id, slug, name, protocol, base_url, output_cap_parameter FROM provider ORDER BY slug
  ), provider_keys AS (
    SELECT id, provider_id, encode(secret_sealed, 'base64') AS secret_sealed, secret_env
      FROM provider_key WHERE account_id IS NULL AND disabled_at IS NULL
  ), models AS (
    SELECT id, name, context_window, max_output_tokens, max_image_tokens, disabled_at IS NOT NULL AS is_disabled,
           (extract(epoch FROM created_at) * 1000)::bigint AS created_at
      FROM model ORDER BY name COLLATE "C"
  ), model_aliases AS (
    SELECT name, model_id FROM model_alias ORDER BY name COLLATE "C"
  ), routes AS (
    SELECT id, model_id, provider_id, upstream_model, priority, weight, state, allow_negative_margin
      FROM route ORDER BY priority, weight DESC, id
  ), cost_profiles AS (
    SELECT id, provider_id, upstream_model, currency, rates,
           (extract(epoch FROM effective_from) * 1000)::bigint AS effective_from
      FROM cost_profile ORDER BY cost_profile.effective_from, id
  ), list_prices AS (
    SELECT id, model_id, currency, rates, (extract(epoch FROM effective_from) * 1000)::bigint AS effective_from
      FROM list_price ORDER BY list_price.effective_from, id
  ), price_rules AS (
    SELECT id, seller_id, account_id, plan_id, model_id, provider_id, kind, markup_bps,
           addition_nano::text AS addition_nano, discount_bps, rates, allow_negative_margin,
           (extract(epoch FROM effective_from) * 1000)::bigint AS effective_from,
           (extract(epoch FROM retired_at) * 1000)::bigint AS retired_at
      FROM price_rule WHERE price_rule.retired_at IS NULL OR price_rule.retired_at > $1
     ORDER BY price_rule.effective_from, id
  )
  SELECT json_build_object(
    'providers', (SELECT coalesce(json_agg(providers), '[]') FROM providers),
    'providerKeys', (SELECT coalesce(json_agg(provider_keys), '[]') FROM provider_keys),
    'models', (SELECT coalesce(json_agg(models), '[]') FROM models),
    'modelAliases', (SELECT coalesce(json_agg(model_aliases), '[]') FROM model_aliases),
    'routes', (SELECT coalesce(json_agg(routes), '[]') FROM routes),
    'costProfiles', (SELECT coalesce(json_agg(cost_profiles), '[]') FROM cost_profiles),
    'listPrices', (SELECT coalesce(json_agg(list_prices), '[]') FROM list_prices),
    'priceRules', (SELECT coalesce(json_agg(price_rules), '[]') FROM price_rules)
  )::text AS catalog`

/** @param at rules retired by then are left out */
export async function readCatalogRows(database: CatalogDatabase, at: Date): Promise<CatalogRows> {
  const { rows } = await database.query(READ_CATALOG, [at])
  const [{ catalog }] = rows as [{ catalog: string }]
  return JSON.parse(catalog) as CatalogRows
}
