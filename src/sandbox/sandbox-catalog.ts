import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CatalogFile, type FileRoute, parseCatalogFile } from '../catalog/catalog-file.ts'
import { BPS_PER_WHOLE } from '../pricing/price-rule.ts'
import type { RateCard, RateTier } from '../pricing/rate-card.ts'

export const SHIPPED_CATALOG = resolve(import.meta.dirname, '../../catalog/shipped.yaml')
export const SANDBOX_PROVIDER = 'sandbox'

/** The simulated provider is tried before any real one, so that trying things out never spends real money. */
const SANDBOX_PRIORITY = -100
/** What the simulated provider charges of the list price: there is a margin to be seen, and a saving. */
const SANDBOX_COST_BPS = 8_000
const RESELLER_MARKUP_BPS = 1_000

/** The shipped catalog, with every model also served by the simulated provider, and a price list of the demo's reseller. */
export async function sandboxCatalog(providerUrl: string, resellerSlug: string): Promise<CatalogFile> {
  const parsed = parseCatalogFile(await readFile(SHIPPED_CATALOG, 'utf8'), 'catalog/shipped.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  const { file } = parsed
  const routes = file.models.flatMap((model): FileRoute[] => {
    if (!model.listPrice) return []
    const cost = { card: scaled(model.listPrice.card, SANDBOX_COST_BPS), effectiveFrom: undefined }
    return [sandboxRoute(model.name, cost)]
  })
  return {
    providers: [
      ...file.providers,
      {
        slug: SANDBOX_PROVIDER,
        name: 'Sandbox (simulated)',
        protocol: 'openai',
        baseUrl: providerUrl,
        outputCapParameter: 'max_completion_tokens',
        credential: { apiKey: 'sandbox' },
      },
    ],
    models: file.models,
    routes: [...file.routes, ...routes],
    priceRules: [
      ...file.priceRules,
      {
        terms: { kind: 'MARKUP_ON_COST', markupBps: RESELLER_MARKUP_BPS },
        seller: resellerSlug,
        account: undefined,
        plan: undefined,
        model: undefined,
        provider: undefined,
        effectiveFrom: undefined,
        allowNegativeMargin: false,
      },
    ],
  }
}

function sandboxRoute(model: string, cost: FileRoute['cost']): FileRoute {
  return {
    model,
    provider: SANDBOX_PROVIDER,
    upstreamModel: model,
    priority: SANDBOX_PRIORITY,
    weight: 1,
    state: 'ACTIVE',
    allowNegativeMargin: false,
    cost,
  }
}

/** Rounded down: the shown cost of a simulated provider need not be exact, only below the list. */
function scaled(card: RateCard, bps: number): RateCard {
  const scale = (nano: bigint): bigint => (nano * BigInt(bps)) / BigInt(BPS_PER_WHOLE)
  const tiers = card.tiers.map(
    ({ aboveInputTokens, rates }): RateTier => ({
      aboveInputTokens,
      rates: {
        input: scale(rates.input),
        cacheRead: scale(rates.cacheRead),
        cacheWrite5m: scale(rates.cacheWrite5m),
        cacheWrite1h: scale(rates.cacheWrite1h),
        output: scale(rates.output),
      },
    }),
  )
  return { tiers, perRequestNano: scale(card.perRequestNano) }
}
