import { type Budget, rollOver } from './budget.ts'
import type { Hold } from './hold.ts'
import type { LotAmount } from './lot.ts'
import type { Resolution } from './operations.ts'
import {
  appendEntry,
  bookDueExpiries,
  bookReleasedExpiries,
  draw,
  release,
  repayDebtFromFree,
  type Wallet,
} from './wallet.ts'

export interface LockedForResolve {
  wallet: Wallet
  reseller: Wallet | null
  budgets: readonly Budget[]
}

/**
 * Books the end of a request against its hold: gives the reservation back, debits what it really came to, and lets
 * credit expire that had outlived its lot only for this request. Returns what no lot could cover, in nano.
 */
export function resolve(
  resolution: Resolution,
  hold: Pick<Hold, 'amountNano' | 'lots' | 'resellerLots'>,
  locked: LockedForResolve,
  now: number,
): bigint {
  const { wallet, reseller, budgets } = locked
  for (const budget of budgets) {
    rollOver(budget, now)
    budget.heldNano -= hold.amountNano
    budget.spentNano += resolution.priceNano
  }
  let overdraft = settle(wallet, hold.lots, resolution.requestId, resolution.priceNano, now)
  if (reseller) overdraft += settle(reseller, hold.resellerLots, resolution.requestId, resolution.wholesaleNano, now)
  return overdraft
}

function settle(
  wallet: Wallet,
  reserved: readonly LotAmount[],
  requestId: string,
  chargeNano: bigint,
  now: number,
): bigint {
  bookDueExpiries(wallet, now)
  release(wallet, reserved)
  const debtBefore = wallet.debtNano
  if (chargeNano > 0n) {
    appendEntry(wallet, { kind: 'USAGE_DEBIT', sourceId: requestId }, draw(wallet, chargeNano, reserved, now), now)
  }
  const overdraft = wallet.debtNano - debtBefore
  bookReleasedExpiries(wallet, requestId, now)
  repayDebtFromFree(wallet, requestId, now)
  return overdraft
}
