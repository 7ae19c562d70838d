import { divideHalfUp } from '../../money/divide.ts'

/** Vouchers that were sold together: what was paid in minor units, for how many credits in nano. */
export interface SoldVouchers {
  readonly paidMinor: bigint
  readonly creditNano: bigint
}

/**
 * What was paid for so much of them, half up (Directive 2006/112/EC, article 73a). A function of all that was used so far, so that
 * months which take the difference to the month before come to exactly what was paid once all is used.
 */
export function considerationOf({ paidMinor, creditNano }: SoldVouchers, consumedNano: bigint): bigint {
  return divideHalfUp(paidMinor * consumedNano, creditNano)
}
