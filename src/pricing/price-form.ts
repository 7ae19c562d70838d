import type { Nano } from '../money/nano.ts'
import { type RateCard, rateTierFor } from './rate-card.ts'

/**
 * A price as an exact function of the token counts: for each tier, (Σ tokens × coefficient + perRequest) / denominator.
 * Rules turn forms into forms without rounding, so that a whole waterfall becomes one form a plane (`price-plane.ts`).
 */
export interface PriceForm {
  denominator: bigint
  /** One for each merged tier of the plan, in its order. */
  tiers: readonly PriceCoefficients[]
}

export interface PriceCoefficients {
  input: bigint
  cacheRead: bigint
  cacheWrite5m: bigint
  cacheWrite1h: bigint
  output: bigint
  perRequest: bigint
}

const TOKENS_PER_RATE = 1_000_000n
const BPS = 10_000n

/** The card with one set of coefficients for each merged threshold, which must include the card's own. */
export function formOfCard(card: RateCard, thresholds: readonly number[]): PriceForm {
  const perRequest = card.perRequestNano * TOKENS_PER_RATE
  // A tier begins one token above its threshold; each merged tier lies within one tier of the card.
  const tiers = thresholds.map((threshold) => ({ ...rateTierFor(card, threshold + 1).rates, perRequest }))
  return { denominator: TOKENS_PER_RATE, tiers }
}

/** The same nano per 1,000,000 tokens of every bucket, and nothing per request. */
export function formOfFlatRate(rateNano: Nano, tierCount: number): PriceForm {
  const tier = {
    input: rateNano,
    cacheRead: rateNano,
    cacheWrite5m: rateNano,
    cacheWrite1h: rateNano,
    output: rateNano,
    perRequest: 0n,
  }
  return { denominator: TOKENS_PER_RATE, tiers: Array.from({ length: tierCount }, () => tier) }
}

/** The form × bps / 10,000, with the perRequest part. */
export function scaleForm(form: PriceForm, bps: number): PriceForm {
  const factor = BigInt(bps)
  return {
    denominator: form.denominator * BPS,
    tiers: form.tiers.map((tier) => mapCoefficients(tier, (coefficient) => coefficient * factor)),
  }
}

export function addForms(a: PriceForm, b: PriceForm): PriceForm {
  return {
    denominator: a.denominator * b.denominator,
    tiers: a.tiers.map((tier, index) => {
      const other = b.tiers[index]!
      return mapCoefficients(tier, (value, name) => value * b.denominator + other[name] * a.denominator)
    }),
  }
}

/** Applies a change to each coefficient of a tier. */
export function mapCoefficients(
  tier: PriceCoefficients,
  change: (coefficient: bigint, name: keyof PriceCoefficients) => bigint,
): PriceCoefficients {
  return {
    input: change(tier.input, 'input'),
    cacheRead: change(tier.cacheRead, 'cacheRead'),
    cacheWrite5m: change(tier.cacheWrite5m, 'cacheWrite5m'),
    cacheWrite1h: change(tier.cacheWrite1h, 'cacheWrite1h'),
    output: change(tier.output, 'output'),
    perRequest: change(tier.perRequest, 'perRequest'),
  }
}
