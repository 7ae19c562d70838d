import type { PriceRule } from '../pricing/price-rule.ts'
import type { RateCard } from '../pricing/rate-card.ts'

/**
 * What the gateway needs to know of the catalog, as of one instant and consistent in itself. Immutable: a change in the
 * database (channel `farebox_catalog`) makes a new snapshot.
 */
export interface CatalogSnapshot {
  /** By name and by every alias; a name wins over an alias. Enabled models only. */
  modelsByName: ReadonlyMap<string, CatalogModel>
  /** Enabled, sorted by name. */
  models: readonly CatalogModel[]
  /** Not retired. Future versions are there too: `selectPriceRule` chooses by date. */
  operatorRules: readonly PriceRule[]
  /** By the reseller's account id. */
  resellerRules: ReadonlyMap<string, readonly PriceRule[]>
}

export interface CatalogModel {
  id: string
  name: string
  contextWindow: number
  maxOutputTokens: number
  /** The most one image may cost; null = an image is bounded by the context window alone. */
  maxImageTokens: number | null
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  createdAt: number
  /** Every version, past and future, oldest first: `selectVersion` chooses by date. */
  listPrices: readonly CardVersion[]
  /** ACTIVE ones only, by priority (lowest number first), then the greatest weight. May be empty. */
  routes: readonly CatalogRoute[]
}

/** A version of a cost profile or of a list price. */
export interface CardVersion {
  id: string
  card: RateCard
  effectiveFrom: Date
}

export interface CatalogRoute {
  id: string
  upstreamModel: string
  priority: number
  weight: number
  allowNegativeMargin: boolean
  provider: CatalogProvider
  /** What the provider charges us for the upstream model: every version, oldest first. May be empty: not priced. */
  costProfiles: readonly CardVersion[]
}

export type ProviderProtocol = 'openai' | 'anthropic' | 'gemini'
export type OutputCapParameter = 'max_tokens' | 'max_completion_tokens'

export interface CatalogProvider {
  id: string
  slug: string
  protocol: ProviderProtocol
  /** Without a slash at the end. */
  baseUrl: string
  outputCapParameter: OutputCapParameter
  /** Null where we have none: only a customer's own key can use the provider. */
  apiKey: string | null
}
