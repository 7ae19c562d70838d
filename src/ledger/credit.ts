import { type Lot, PAID_PRIORITY, PROMOTIONAL_PRIORITY } from './lot.ts'
import type { CreditRequest } from './operations.ts'
import { addLot, appendEntry, bookDueExpiries, type Wallet } from './wallet.ts'

/** Adds credits as a lot of their own, with one entry; debt is repaid from them first. */
export function credit(request: CreditRequest, wallet: Wallet, lotId: string, now: number): void {
  if (request.amountNano <= 0n) throw new RangeError(`a credit must be above zero, not ${request.amountNano} nano`)
  bookDueExpiries(wallet, now)
  const lot: Lot = {
    id: lotId,
    accountId: request.accountId,
    priority: request.promotional ? PROMOTIONAL_PRIORITY : PAID_PRIORITY,
    grantedNano: request.amountNano,
    remainingNano: request.amountNano,
    heldNano: 0n,
    frozenNano: 0n,
    expiresAt: request.expiresAt,
    createdAt: now,
  }
  const { kind, sourceId, promotional, actorId, reason } = request
  const movements = addLot(wallet, { lot, sourceKind: kind, sourceId, promotional })
  appendEntry(wallet, { kind, sourceId, actorId, reason }, movements, now)
}
