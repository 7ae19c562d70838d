import { readFile } from 'node:fs/promises'
import { calcPrice } from '@pydantic/genai-prices'
import { beforeAll, expect, test } from 'vitest'
import { type CatalogFile, parseCatalogFile } from '../../src/catalog/catalog-file.ts'
import { SHIPPED_PROVIDERS } from '../../src/catalog/shipped-models.ts'
import { renderShippedCatalog, SHIPPED_CATALOG_PATH } from '../../src/catalog/write-shipped-catalog.ts'
import { rateTierFor } from '../../src/pricing/rate-card.ts'

let text: string
let file: CatalogFile
let writtenAt: Date

beforeAll(async () => {
  text = await readFile(SHIPPED_CATALOG_PATH, 'utf8')
  const parsed = parseCatalogFile(text, 'catalog/shipped.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  file = parsed.file
  writtenAt = new Date(/in force on (\S+)\./.exec(text)![1]!)
})

test('the shipped catalog is what its script writes from the installed price data', async () => {
  expect(await renderShippedCatalog(writtenAt)).toBe(text)
})

test('it offers at least thirty models, each with a list price and a route with a cost', () => {
  expect(file.models.length).toBeGreaterThanOrEqual(30)
  expect(file.providers.length).toBeGreaterThanOrEqual(12)
  for (const model of file.models) {
    expect(model.listPrice, model.name).toBeDefined()
    expect(file.routes.filter((route) => route.model === model.name && route.cost).length, model.name).toBeGreaterThan(
      0,
    )
  }
  expect(text).not.toContain('apiKey:')
})

test('no cost is under what the price data computes, at any size of input and any hour of the day', () => {
  for (const { source, provider, models } of SHIPPED_PROVIDERS) {
    for (const model of models) {
      const route = file.routes.find(
        (each) => each.provider === provider.slug && each.upstreamModel === (model.upstreamModel ?? model.source),
      )!
      for (const inputTokens of [1_000, 250_000, 900_000]) {
        for (const hour of ['02', '12', '22']) {
          const timestamp = new Date(`${writtenAt.toISOString().slice(0, 10)}T${hour}:00:00Z`)
          const usage = { input_tokens: inputTokens, output_tokens: 100_000 }
          const price = calcPrice(usage, model.upstreamModel ?? model.source, { providerId: source, timestamp })!
          const { rates } = rateTierFor(route.cost!.card, inputTokens)
          const ours =
            Number(rates.input) * inputTokens +
            Number(rates.output) * 100_000 +
            Number(route.cost!.card.perRequestNano) * 1e6
          const theirs = (price.input_price + price.output_price) * 1e15
          expect(ours, `${model.source} ${inputTokens} ${hour}`).toBeGreaterThanOrEqual(theirs * (1 - 1e-9))
          if (source !== 'deepseek' && source !== 'perplexity') {
            expect(ours, `${model.source} ${inputTokens}`).toBeLessThanOrEqual(theirs * (1 + 1e-9))
          }
        }
      }
    }
  }
})
