import { NANO_PER_UNIT, type Nano } from '../money/nano.ts'
import { TOKENS_MAX } from './token-usage.ts'

/** What each bucket costs, in nano per 1,000,000 tokens: $0.15 per million is `150_000_000n`. */
export interface TokenRates {
  input: Nano
  cacheRead: Nano
  cacheWrite5m: Nano
  cacheWrite1h: Nano
  output: Nano
}

/**
 * The rates of every request whose total input (uncached and all cache buckets) is greater than `aboveInputTokens`.
 *
 * A tier is a cliff, not a bracket: one token above the threshold reprices the whole request, output too. Providers
 * bill so, and `@pydantic/genai-prices` 0.1.8 computes so (dist/index.js: the last tier with
 * `input_tokens > tier.start` prices all tokens of the request).
 */
export interface RateTier {
  aboveInputTokens: number
  rates: TokenRates
}

/** A complete price list of one model: cost, list price or absolute customer price. */
export interface RateCard {
  /** At least one; thresholds rise strictly from 0. */
  tiers: RateTier[]
  /** Nano for each request, whatever its tokens. */
  perRequestNano: Nano
}

export const RATE_BUCKETS = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output'] as const

/** Known models have at most three tiers; the limit keeps the hot path's scan short. */
export const RATE_TIERS_MAX = 16

/**
 * A whole currency unit for a single token. Anything above is a slip of the unit, and a usual slip (a per-million
 * price entered as a per-token one) is a factor of a million away.
 */
export const RATE_NANO_MAX = 1_000_000n * NANO_PER_UNIT

/** Throws a RangeError that names the first broken part of the card. */
export function assertRateCard(card: RateCard): void {
  assertRate(card.perRequestNano, 'perRequestNano')
  if (card.tiers.length < 1 || card.tiers.length > RATE_TIERS_MAX) {
    throw new RangeError(`Expected a rate card to have 1 to ${RATE_TIERS_MAX} tiers, but got ${card.tiers.length}.`)
  }
  let previous = -1
  for (const [index, { aboveInputTokens, rates }] of card.tiers.entries()) {
    if (!Number.isInteger(aboveInputTokens) || aboveInputTokens > TOKENS_MAX) {
      throw new RangeError(`Expected aboveInputTokens to be a whole number of tokens, but got ${aboveInputTokens}.`)
    }
    if (index === 0 ? aboveInputTokens !== 0 : aboveInputTokens <= previous) {
      throw new RangeError(`Expected tiers to start at 0 and rise, but tier ${index + 1} is at ${aboveInputTokens}.`)
    }
    previous = aboveInputTokens
    for (const bucket of RATE_BUCKETS) assertRate(rates[bucket], `the ${bucket} rate of tier ${index + 1}`)
  }
}

export function assertRate(rate: unknown, name: string): void {
  if (typeof rate !== 'bigint' || rate < 0n || rate > RATE_NANO_MAX) {
    throw new RangeError(`Expected ${name} to be a bigint of nano from 0 to ${RATE_NANO_MAX}, but got ${String(rate)}.`)
  }
}

/** The one tier that prices a request of this much input. */
export function rateTierFor(card: RateCard, totalInputTokens: number): RateTier {
  let tier = card.tiers[0]!
  for (const candidate of card.tiers) {
    if (totalInputTokens > candidate.aboveInputTokens) tier = candidate
  }
  return tier
}

/** A rate card as a JSONB column keeps it. Nano are strings of decimal digits, as a JSON number is a float. */
export interface RateCardJson {
  tiers: { aboveInputTokens: number; rates: Record<keyof TokenRates, string> }[]
  perRequestNano: string
}

/** Digits only: no sign, point or exponent. 19 digits hold any BIGINT. */
const NANO_DIGITS = /^\d{1,19}$/

export function rateCardToJson(card: RateCard): RateCardJson {
  assertRateCard(card)
  return {
    tiers: card.tiers.map(({ aboveInputTokens, rates }) => ({
      aboveInputTokens,
      rates: {
        input: rates.input.toString(),
        cacheRead: rates.cacheRead.toString(),
        cacheWrite5m: rates.cacheWrite5m.toString(),
        cacheWrite1h: rates.cacheWrite1h.toString(),
        output: rates.output.toString(),
      },
    })),
    perRequestNano: card.perRequestNano.toString(),
  }
}

/** Reads what `rateCardToJson` wrote. A missing, surplus or mistyped key throws: a guessed rate would be a wrong bill. */
export function rateCardFromJson(value: unknown): RateCard {
  const { tiers, perRequestNano } = record(value, ['tiers', 'perRequestNano'], 'a rate card')
  if (!Array.isArray(tiers)) throw new RangeError('Expected tiers of a rate card to be a list.')
  const card = { tiers: tiers.map(tierFromJson), perRequestNano: nanoFromJson(perRequestNano, 'perRequestNano') }
  assertRateCard(card)
  return card
}

function tierFromJson(value: unknown): RateTier {
  const { aboveInputTokens, rates } = record(value, ['aboveInputTokens', 'rates'], 'a rate tier')
  if (typeof aboveInputTokens !== 'number') throw new RangeError('Expected aboveInputTokens to be a number.')
  const texts = record(rates, RATE_BUCKETS, 'the rates of a tier')
  return {
    aboveInputTokens,
    rates: {
      input: nanoFromJson(texts.input, 'input'),
      cacheRead: nanoFromJson(texts.cacheRead, 'cacheRead'),
      cacheWrite5m: nanoFromJson(texts.cacheWrite5m, 'cacheWrite5m'),
      cacheWrite1h: nanoFromJson(texts.cacheWrite1h, 'cacheWrite1h'),
      output: nanoFromJson(texts.output, 'output'),
    },
  }
}

function nanoFromJson(value: unknown, name: string): Nano {
  if (typeof value !== 'string' || !NANO_DIGITS.test(value)) {
    throw new RangeError(`Expected ${name} to be a string of decimal digits, the rate in nano.`)
  }
  return BigInt(value)
}

/** The value as an object with exactly these keys. */
function record<K extends string>(value: unknown, keys: readonly K[], name: string): Record<K, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`Expected ${name} to be an object.`)
  }
  const found = Object.keys(value)
  if (found.length !== keys.length || !keys.every((key) => Object.hasOwn(value, key))) {
    throw new RangeError(`Expected ${name} to have exactly the keys ${keys.join(', ')}.`)
  }
  return value as Record<K, unknown>
}
