/** Money in nano: 1e-9 of a currency unit. An integer always; the currency travels beside it. */
export type Nano = bigint

export const NANO_PER_UNIT = 1_000_000_000n
export const NANO_PER_CENT = 10_000_000n

const FRACTION_DIGITS = 9

/**
 * At most 18 digits before the point: wider than any amount a BIGINT of nano can hold, and short enough that
 * hostile input costs nothing to parse.
 */
const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/

/** How much of a refused text an error repeats. */
const QUOTED_MAX = 40

/**
 * Reads an exact decimal of currency units ("0.15", "-3") as nano. Nothing is rounded: a tenth fraction digit is
 * refused, as are exponents, signs other than a leading minus, separators and spaces.
 */
export function parseDecimalNano(text: string): Nano {
  const match = DECIMAL.exec(text)
  if (match === null) {
    throw new RangeError(
      `Expected a plain decimal such as "0.15", with at most 18 digits before and 9 after the point and no exponent or separators, but got ${JSON.stringify(text.slice(0, QUOTED_MAX))}.`,
    )
  }
  const [, sign, whole = '0', fraction = ''] = match
  const magnitude = BigInt(whole) * NANO_PER_UNIT + BigInt(fraction.padEnd(FRACTION_DIGITS, '0'))
  return sign === '-' ? -magnitude : magnitude
}

/** Writes nano as the shortest exact decimal of currency units: "0.00015", "-3", "0". The inverse of `parseDecimalNano`. */
export function formatDecimalNano(nano: Nano): string {
  const magnitude = nano < 0n ? -nano : nano
  const fraction = (magnitude % NANO_PER_UNIT).toString().padStart(FRACTION_DIGITS, '0').replace(/0+$/, '')
  const whole = (magnitude / NANO_PER_UNIT).toString()
  return `${nano < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Whole cents, rounded towards minus infinity, so that a balance is never shown larger than it is, nor a debt smaller. */
export function centsFloor(nano: Nano): bigint {
  const truncated = nano / NANO_PER_CENT
  return nano < 0n && nano % NANO_PER_CENT !== 0n ? truncated - 1n : truncated
}
