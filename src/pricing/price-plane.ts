import { divideHalfUp } from '../money/divide.ts'
import type { Nano } from '../money/nano.ts'
import { mapCoefficients, type PriceCoefficients, type PriceForm } from './price-form.ts'

/** A form made ready for the hot path: in lowest terms, with what bounds need, and without a negative coefficient. */
export interface PricePlane {
  denominator: bigint
  tiers: readonly PlaneTier[]
}

export interface PlaneTier extends PriceCoefficients {
  /** The dearest of the four input buckets. */
  inputMax: bigint
}

/** Token counts as `bigint`, converted once a request for all planes. */
export interface BigTokens {
  input: bigint
  /** False lets a request without cached tokens skip three products a plane. */
  isCached: boolean
  cacheRead: bigint
  cacheWrite5m: bigint
  cacheWrite1h: bigint
  output: bigint
}

/**
 * Lowest terms keep the numbers small, and many a plane divides out to whole nano a token. Negative coefficients would
 * break the bound, and with it the promise that no balance goes below zero: they throw.
 */
export function compilePlane(form: PriceForm): PricePlane {
  let divisor = form.denominator
  for (const tier of form.tiers) {
    for (const [name, coefficient] of Object.entries(tier)) {
      if (coefficient < 0n) throw new RangeError(`Expected no price to be negative, but the one of ${name} is.`)
      divisor = gcd(divisor, coefficient)
    }
  }
  const tiers = form.tiers.map((tier) => {
    const reduced = mapCoefficients(tier, (coefficient) => coefficient / divisor)
    return { ...reduced, inputMax: greatestInput(reduced) }
  })
  return { denominator: form.denominator / divisor, tiers }
}

/** The plane's amount in nano: one division, half up. */
export function evaluatePlane(plane: PricePlane, tierIndex: number, tokens: BigTokens): Nano {
  const tier = plane.tiers[tierIndex]!
  let numerator = tier.perRequest + tokens.input * tier.input + tokens.output * tier.output
  if (tokens.isCached) {
    numerator +=
      tokens.cacheRead * tier.cacheRead +
      tokens.cacheWrite5m * tier.cacheWrite5m +
      tokens.cacheWrite1h * tier.cacheWrite1h
  }
  return divideHalfUp(numerator, plane.denominator)
}

function greatestInput({ input, cacheRead, cacheWrite5m, cacheWrite1h }: PriceCoefficients): bigint {
  return [cacheRead, cacheWrite5m, cacheWrite1h].reduce((greatest, rate) => (rate > greatest ? rate : greatest), input)
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}
