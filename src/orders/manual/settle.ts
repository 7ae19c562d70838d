import { divideHalfUp } from '../../money/divide.ts'
import type { PaymentOrder } from '../order.ts'
import { CREDIT_NANO_MAX } from '../read-request.ts'

/**
 * What is done with the money that arrived:
 * - `EXACT`: it is the total;
 * - `REDUCE`: it is less, and the order becomes as much smaller;
 * - `CREDIT_EXCESS`: it is more, and the order becomes as much larger;
 * - `RETURN_EXCESS`: it is more, the order stays, and the rest is owed back.
 */
export const SETTLEMENTS = ['EXACT', 'REDUCE', 'CREDIT_EXCESS', 'RETURN_EXCESS'] as const
export type Settlement = (typeof SETTLEMENTS)[number]

type Amounts = Pick<PaymentOrder, 'netMinor' | 'taxMinor' | 'totalMinor' | 'creditNano' | 'bonusNano' | 'planId'>

export type Settled =
  | { ok: true; amounts: Amounts; owedBackMinor: bigint }
  /** Why what arrived does not fit the settlement, in words for the person who chose it. */
  | { ok: false; reason: string }

/** The amounts that an order is paid with. Nothing else about it is decided here. */
export function settle(order: Amounts & { receivedMinor: bigint }, settlement: Settlement): Settled {
  const { netMinor, taxMinor, totalMinor, creditNano, bonusNano, planId, receivedMinor } = order
  const asOrdered: Amounts = { netMinor, taxMinor, totalMinor, creditNano, bonusNano, planId }
  if (receivedMinor === 0n) return { ok: false, reason: 'Nothing was received for this order.' }
  const reason = misfit(receivedMinor, totalMinor, settlement)
  if (reason !== null) return { ok: false, reason }
  if (settlement === 'EXACT') return { ok: true, amounts: asOrdered, owedBackMinor: 0n }
  if (settlement === 'RETURN_EXCESS') return { ok: true, amounts: asOrdered, owedBackMinor: receivedMinor - totalMinor }
  const scaled = inProportion(asOrdered, receivedMinor)
  if (scaled.netMinor <= 0n || scaled.creditNano <= 0n) {
    return { ok: false, reason: 'Too little was received to buy any credits.' }
  }
  if (scaled.creditNano > CREDIT_NANO_MAX) {
    return { ok: false, reason: 'More was received than one order can turn into credits.' }
  }
  // The bonus and the plan come with the full price, and neither grows with more than that.
  const amounts = settlement === 'REDUCE' ? { ...scaled, bonusNano: 0n, planId: null } : scaled
  return { ok: true, amounts, owedBackMinor: 0n }
}

function misfit(receivedMinor: bigint, totalMinor: bigint, settlement: Settlement): string | null {
  if (settlement === 'EXACT') return receivedMinor === totalMinor ? null : 'What was received is not the total.'
  if (settlement === 'REDUCE') return receivedMinor < totalMinor ? null : 'No less than the total was received.'
  return receivedMinor > totalMinor ? null : 'No more than the total was received.'
}

/** Tax is rounded half up and the net is the rest, so that both add up to what arrived; credits are rounded down. */
function inProportion(order: Amounts, receivedMinor: bigint): Amounts {
  const taxMinor = divideHalfUp(order.taxMinor * receivedMinor, order.totalMinor)
  return {
    ...order,
    taxMinor,
    netMinor: receivedMinor - taxMinor,
    totalMinor: receivedMinor,
    creditNano: (order.creditNano * receivedMinor) / order.totalMinor,
  }
}
