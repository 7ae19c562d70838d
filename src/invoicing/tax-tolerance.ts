import { divideHalfUp } from '../money/divide.ts'
import type { TaxGroup } from './document-snapshot.ts'
import { fractionDigits } from './xml/decimal.ts'

const BPS_PER_WHOLE = 10_000n
/** EN 16931 rounds net × rate to two digits in every currency, and lets the tax be less than 1.00 away from that. */
const HUNDREDTHS_PER_WHOLE = 100n
/**
 * In a currency with a minor unit the norm's whole unit would let much pass that is simply wrong. By one rounding a tax is
 * off half up where a price contains it, by two more where a part of it is taken back.
 */
const AMOUNTS_OFF_MAX = 3n

/** The smallest amount that an e-invoice can say, in minor units: a hundredth, or one where there are no hundredths (BR-DEC). */
export function smallestAmountMinor(currency: string): bigint {
  return fractionDigits(currency) === 3 ? 10n : 1n
}

/**
 * Whether a group may say this tax on this net, both in minor units. Without a minor unit that is what the norm allows and
 * no more (EN 16931, BR-CO-17 and BR-S-09): one whole yen off is refused.
 */
export function isTaxWithinTolerance(
  { netMinor, taxMinor, rateBps }: Pick<TaxGroup, 'netMinor' | 'taxMinor' | 'rateBps'>,
  currency: string,
): boolean {
  if (rateBps === 0) return taxMinor === 0n
  const product = netMinor * BigInt(rateBps)
  if (fractionDigits(currency) === 0) {
    const expectedHundredths = divideHalfUp(product * HUNDREDTHS_PER_WHOLE, BPS_PER_WHOLE)
    return distance(taxMinor * HUNDREDTHS_PER_WHOLE, expectedHundredths) < HUNDREDTHS_PER_WHOLE
  }
  const slackMinor = AMOUNTS_OFF_MAX * smallestAmountMinor(currency)
  return distance(taxMinor, divideHalfUp(product, BPS_PER_WHOLE)) <= slackMinor
}

function distance(one: bigint, other: bigint): bigint {
  return one > other ? one - other : other - one
}
