/** Credits from one source with their own expiry, as the ledger works on them under a wallet's lock. */
export interface Lot {
  readonly id: string
  readonly accountId: string
  /** Drawn from the lowest up: promotional lots have a lower priority than paid ones. */
  readonly priority: number
  readonly grantedNano: bigint
  remainingNano: bigint
  /** The part of `remainingNano` that open holds have reserved. */
  heldNano: bigint
  /**
   * What open disputes and refunds under way claim of it. May exceed what is left: a request that had reserved credit
   * before the claim may still spend it.
   */
  frozenNano: bigint
  /** Milliseconds since the epoch; null = never. Only an extension moves it, and only to later. */
  expiresAt: number | null
  readonly createdAt: number
}

/** A part of a lot: reserved by a hold, or moved by an entry. */
export interface LotAmount {
  lotId: string
  amountNano: bigint
}

export const PROMOTIONAL_PRIORITY = 10
export const PAID_PRIORITY = 20

/** Lots are drawn by priority, then earliest expiry, then oldest; the id settles what is left. */
export function inDrawOrder(left: Lot, right: Lot): number {
  if (left.priority !== right.priority) return left.priority - right.priority
  if (left.expiresAt !== right.expiresAt) {
    if (left.expiresAt === null) return 1
    if (right.expiresAt === null) return -1
    return left.expiresAt - right.expiresAt
  }
  if (left.createdAt !== right.createdAt) return left.createdAt - right.createdAt
  return left.id < right.id ? -1 : 1
}

/** What no hold has reserved and no claim has frozen, in nano. */
export function freeNano(lot: Lot): bigint {
  const unheld = lot.remainingNano - lot.heldNano
  return unheld > lot.frozenNano ? unheld - lot.frozenNano : 0n
}

/** A lot is not spendable from its expiry instant on. */
export function isDue(lot: Lot, now: number): boolean {
  return lot.expiresAt !== null && lot.expiresAt <= now
}
