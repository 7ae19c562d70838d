import { divideHalfUp } from '../../money/divide.ts'

const BPS_PER_WHOLE = 10_000n

/** The tax on a group's summed net, in minor units, half up (EN 16931, BR-CO-17; the norm rounds a half away from zero). */
export function taxOn(netMinor: bigint, rateBps: number): bigint {
  return divideHalfUp(netMinor * BigInt(rateBps), BPS_PER_WHOLE)
}
