import { type Clock, systemClock } from '../lib/clock.ts'
import { open } from '../lib/seal.ts'
import type { PriceRule } from '../pricing/price-rule.ts'
import { type ProviderKeyRow, toCardVersion, toPriceRule } from './catalog-rows.ts'
import type { CardVersion, CatalogModel, CatalogProvider, CatalogRoute, CatalogSnapshot } from './catalog-snapshot.ts'
import { type CatalogDatabase, type CatalogRows, readCatalogRows } from './read-catalog-rows.ts'

/**
 * Loads what the gateway serves by: enabled models, ACTIVE routes, rules that are not retired. One statement, so it is
 * consistent. A broken price or rule throws; keep the last snapshot then.
 *
 * @param secret `FAREBOX_SECRET`, which opens sealed API keys
 * @param environment where keys named by `apiKeyEnv` are looked up
 * @param warn told once of each provider whose key is named but not to be had; its `apiKey` is null then
 */
export async function loadCatalog(
  database: CatalogDatabase,
  secret: string,
  environment: Record<string, string | undefined>,
  warn: (message: string) => void = () => {},
  clock: Clock = systemClock,
): Promise<CatalogSnapshot> {
  const rows = await readCatalogRows(database, new Date(clock.now()))
  const providers = toProviders(rows, (slug, key) => {
    const found = findApiKey(key, secret, environment)
    if (found.problem !== null) warn(`Provider ${slug} has no API key: ${found.problem}.`)
    return found.apiKey
  })
  const models = toModels(rows, providers)
  const modelsByName = new Map(models.map((model) => [model.name, model]))
  const modelsById = new Map(models.map((model) => [model.id, model]))
  for (const alias of rows.modelAliases) {
    const model = modelsById.get(alias.model_id)
    if (model !== undefined && !modelsByName.has(alias.name)) modelsByName.set(alias.name, model)
  }
  return { modelsByName, models, ...toRules(rows) }
}

function toProviders(
  rows: CatalogRows,
  apiKeyOf: (slug: string, key: ProviderKeyRow) => string | null,
): Map<string, CatalogProvider> {
  const keys = new Map(rows.providerKeys.map((key) => [key.provider_id, key]))
  const providers = rows.providers.map((row): [string, CatalogProvider] => {
    const key = keys.get(row.id)
    return [
      row.id,
      {
        id: row.id,
        slug: row.slug,
        protocol: row.protocol,
        baseUrl: row.base_url.replace(/\/+$/, ''),
        outputCapParameter: row.output_cap_parameter,
        apiKey: key === undefined ? null : apiKeyOf(row.slug, key),
      },
    ]
  })
  return new Map(providers)
}

/** One provider's lost key must not take the others down, so it is a warning and not an error. */
function findApiKey(
  key: ProviderKeyRow,
  secret: string,
  environment: Record<string, string | undefined>,
): { apiKey: string | null; problem: string | null } {
  if (key.secret_env !== null) {
    const apiKey = environment[key.secret_env]
    if (apiKey) return { apiKey, problem: null }
    return { apiKey: null, problem: `the environment variable ${key.secret_env} is not set` }
  }
  try {
    return { apiKey: open(secret, Buffer.from(key.secret_sealed!, 'base64')), problem: null }
  } catch {
    return { apiKey: null, problem: 'its sealed key cannot be opened with this FAREBOX_SECRET' }
  }
}

function toModels(rows: CatalogRows, providers: ReadonlyMap<string, CatalogProvider>): CatalogModel[] {
  const costProfiles = Map.groupBy(rows.costProfiles, (row) => costKey(row.provider_id, row.upstream_model))
  const costVersions = new Map<string, readonly CardVersion[]>()
  for (const [key, profiles] of costProfiles) costVersions.set(key, profiles.map(toCardVersion))
  const listPrices = Map.groupBy(rows.listPrices, (row) => row.model_id)
  const active = rows.routes.filter((row) => row.state === 'ACTIVE')
  const routes = Map.groupBy(active, (row) => row.model_id)

  return rows.models
    .filter((row) => !row.is_disabled)
    .map((row) => ({
      id: row.id,
      name: row.name,
      contextWindow: row.context_window,
      maxOutputTokens: row.max_output_tokens,
      maxImageTokens: row.max_image_tokens,
      createdAt: row.created_at,
      listPrices: (listPrices.get(row.id) ?? []).map(toCardVersion),
      routes: (routes.get(row.id) ?? []).map(
        (route): CatalogRoute => ({
          id: route.id,
          upstreamModel: route.upstream_model,
          priority: route.priority,
          weight: route.weight,
          allowNegativeMargin: route.allow_negative_margin,
          // Foreign keys, and one statement: the provider is there.
          provider: providers.get(route.provider_id)!,
          costProfiles: costVersions.get(costKey(route.provider_id, route.upstream_model)) ?? [],
        }),
      ),
    }))
}

/** A newline is in neither an id nor a model's name. */
function costKey(providerId: string, upstreamModel: string): string {
  return `${providerId}\n${upstreamModel}`
}

function toRules(rows: CatalogRows): Pick<CatalogSnapshot, 'operatorRules' | 'resellerRules'> {
  const bySeller = Map.groupBy(rows.priceRules, (row) => row.seller_id)
  const operatorRules = (bySeller.get(null) ?? []).map(toPriceRule)
  const resellerRules = new Map<string, readonly PriceRule[]>()
  for (const [sellerId, sellerRows] of bySeller) {
    if (sellerId !== null) resellerRules.set(sellerId, sellerRows.map(toPriceRule))
  }
  return { operatorRules, resellerRules }
}
