import type { ConditionalPrice, ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices'
import { type Nano, parseDecimalNano } from '../money/nano.ts'
import type { RateCard, TokenRates } from '../pricing/rate-card.ts'

/** One figure of the data by input size. */
type Figure = (inputTokens: number) => Nano

/**
 * The rate card of a model of the price data at an instant. Where a price depends on the time of day, each bucket has
 * its dearest rate: a card has no hours, and must not be under cost. Throws for a price that will change, as a file
 * would go stale unnoticed.
 *
 * The data's other units (web searches, audio, images, storage) are not in a card.
 */
export function shippedRateCard(model: ModelInfo, at: Date): RateCard {
  const prices = pricesAt(model, at)
  const starts = prices.flatMap((price) =>
    Object.values(price).flatMap((value) => (isTiered(value) ? value.tiers.map((tier) => tier.start) : [])),
  )
  const thresholds = [...new Set([0, ...starts])].sort((a, b) => a - b)
  return {
    tiers: thresholds.map((aboveInputTokens) => ({
      aboveInputTokens,
      rates: dearest(prices.map((price) => ratesOf(price, aboveInputTokens + 1))),
    })),
    // Given per thousand requests.
    perRequestNano: greatest(prices.map((price) => figure(price, 'requests_kcount')?.(0) ?? 0n)) / 1_000n,
  }
}

/** The newest dated price, and those of hours of the day. The data's own order of precedence is: the last that fits. */
function pricesAt({ id, prices }: ModelInfo, at: Date): ModelPrice[] {
  if (!Array.isArray(prices)) return [prices]
  let dated: ModelPrice | undefined
  const hourly: ModelPrice[] = []
  for (const { constraint, prices: price } of prices as ConditionalPrice[]) {
    if (constraint?.type === 'time_of_date') hourly.push(price)
    else if (constraint === undefined || new Date(constraint.start_date) <= at) dated = price
    else throw new RangeError(`The price of ${id} changes on ${constraint.start_date}: leave the model out.`)
  }
  return dated === undefined ? hourly : [dated, ...hourly]
}

function ratesOf(price: ModelPrice, inputTokens: number): TokenRates {
  const rate = (key: string) => figure(price, key)?.(inputTokens)
  const input = rate('input_mtok')
  if (input === undefined) throw new RangeError('Expected a price of input tokens.')
  const cacheWrite = rate('cache_write_mtok') ?? input
  return {
    input,
    cacheRead: rate('cache_read_mtok') ?? input,
    cacheWrite5m: cacheWrite,
    cacheWrite1h: rate('cache_write_1h_mtok') ?? cacheWrite,
    // Only embeddings have none.
    output: rate('output_mtok') ?? 0n,
  }
}

function figure(price: ModelPrice, key: string): Figure | undefined {
  const value = price[key]
  if (value === undefined) return undefined
  return (inputTokens) => {
    if (!isTiered(value)) return toNano(value)
    return toNano(value.tiers.findLast((tier) => inputTokens > tier.start)?.price ?? value.base)
  }
}

function isTiered(value: number | TieredPrices | undefined): value is TieredPrices {
  return typeof value === 'object'
}

/** A number's shortest decimal is what the data's author wrote. */
const toNano = (value: number): Nano => parseDecimalNano(String(value))

function dearest(all: readonly TokenRates[]): TokenRates {
  const of = (bucket: keyof TokenRates) => greatest(all.map((rates) => rates[bucket]))
  return {
    input: of('input'),
    cacheRead: of('cacheRead'),
    cacheWrite5m: of('cacheWrite5m'),
    cacheWrite1h: of('cacheWrite1h'),
    output: of('output'),
  }
}

function greatest(values: readonly Nano[]): Nano {
  let found = 0n
  for (const value of values) if (value > found) found = value
  return found
}
