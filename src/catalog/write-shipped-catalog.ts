import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { findProvider, type ModelInfo } from '@pydantic/genai-prices'
import type { CatalogFile } from './catalog-file.ts'
import { renderCatalogFile } from './render-catalog-file.ts'
import { SHIPPED_PROVIDERS, type ShippedModel, type ShippedProvider } from './shipped-models.ts'
import { shippedRateCard } from './shipped-prices.ts'

export const SHIPPED_CATALOG_PATH = resolve(import.meta.dirname, '../../catalog/shipped.yaml')

/** What customers pay above cost until the operator decides otherwise. */
const MARKUP_BPS = 500

/**
 * The catalog that Farebox comes with, from the price data of `@pydantic/genai-prices` in node_modules; nothing is
 * fetched. Run `node src/catalog/write-shipped-catalog.ts` after an update of the package.
 */
export function shippedCatalog(at: Date): CatalogFile {
  const file: CatalogFile = {
    providers: SHIPPED_PROVIDERS.map(({ provider }) => provider),
    models: [],
    routes: [],
    priceRules: [globalMarkup()],
  }
  for (const provider of SHIPPED_PROVIDERS) for (const model of provider.models) addModel(file, provider, model, at)
  return file
}

function addModel(file: CatalogFile, { source, provider }: ShippedProvider, model: ShippedModel, at: Date): void {
  const info = findModel(source, model.source)
  const card = { card: shippedRateCard(info, at), effectiveFrom: undefined }
  const name = model.name ?? model.source
  const contextWindow = info.context_window ?? model.contextWindow
  if (!file.models.some((known) => known.name === name)) {
    if (contextWindow === undefined) throw new RangeError(`Expected a context window of ${name}.`)
    file.models.push({
      name,
      aliases: [...(model.aliases ?? [])],
      contextWindow,
      maxOutputTokens: model.maxOutputTokens,
      maxImageTokens: undefined,
      listPrice: card,
    })
  }
  file.routes.push({
    model: name,
    provider: provider.slug,
    upstreamModel: model.upstreamModel ?? model.source,
    // The first provider of a model, whose price is its list price, is asked first.
    priority: file.routes.filter((route) => route.model === name).length,
    weight: 1,
    state: undefined,
    allowNegativeMargin: undefined,
    cost: card,
  })
}

function findModel(providerId: string, modelId: string): ModelInfo {
  const model = findProvider({ providerId })?.models.find(({ id }) => id === modelId)
  if (model === undefined) throw new RangeError(`The price data has no model ${modelId} of ${providerId}.`)
  return model
}

function globalMarkup(): CatalogFile['priceRules'][number] {
  return {
    terms: { kind: 'MARKUP_ON_COST', markupBps: MARKUP_BPS },
    seller: undefined,
    account: undefined,
    plan: undefined,
    model: undefined,
    provider: undefined,
    effectiveFrom: undefined,
    allowNegativeMargin: false,
  }
}

async function dataVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const { version } = JSON.parse(await readFile(join(dirname(entry), '../package.json'), 'utf8')) as { version: string }
  return version
}

export async function renderShippedCatalog(at: Date): Promise<string> {
  const header = [
    'The catalog that Farebox comes with: public prices in US dollars per million tokens, sold at cost + 5 %.',
    `Prices and most context windows: @pydantic/genai-prices ${await dataVersion()} (MIT), as in force on ${at.toISOString().slice(0, 10)}.`,
    'Cost = list price = the public price. Replace the costs with those of your own contracts.',
    'Where a provider charges by the hour of the day, the dearest hour stands here. Web searches, audio and image rates',
    'are in no price. maxOutputTokens is our own reading of the documentation, and rather too small than too great.',
    'Written by src/catalog/write-shipped-catalog.ts.',
  ]
  return renderCatalogFile(shippedCatalog(at), { header: header.join('\n') })
}

if (import.meta.main) await writeFile(SHIPPED_CATALOG_PATH, await renderShippedCatalog(new Date()))
