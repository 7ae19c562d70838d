import type { EntryKind, Movement } from './entry.ts'
import { freeNano, inDrawOrder, isDue } from './lot.ts'
import { appendEntry, drawFree, type Wallet } from './wallet.ts'

export interface WithdrawalCause {
  kind: Extract<EntryKind, 'REFUND' | 'DISPUTE'>
  sourceId: string
  actorId: string | null
  reason: string
}

export interface Withdrawal {
  /** From which lots, and how much; a lot that is empty by now gives nothing. */
  lots: readonly { lotId: string; amountNano: bigint }[]
  /** What the lots cannot give of their amounts becomes debt; without it, the withdrawal takes what is there. */
  shortfallBecomesDebt: boolean
}

/** A person's act on the wallet, as its entry tells it. */
export interface ActCause {
  sourceId: string
  actorId: string | null
  reason: string
}

export type Debited =
  | { ok: true }
  /** More was asked for than nobody has reserved or claimed. Nothing was taken. */
  | { ok: false; availableNano: bigint }

export type Extended =
  | { ok: true }
  /** The lot is empty or was never there, is over, or ends no earlier than that. Nothing was changed. */
  | { ok: false; reason: 'empty' | 'expired' | 'never_expires' | 'not_later' }

/** What refunds, disputes and adjustments may do to lots, under the wallet's lock. All amounts in nano. */
export interface LotClaims {
  /** What nobody has reserved, frozen or spent of a lot. */
  freeNano(lotId: string): bigint
  /** What nobody has spent of a lot. */
  remainingNano(lotId: string): bigint
  /** Keeps credit from being spent. More than what is left may be frozen. Returns what the lot will give back to `thaw`. */
  freeze(lotId: string, amountNano: bigint): bigint
  /** Takes a freeze back. An emptied lot has forgotten its freezes. */
  thaw(lotId: string, amountNano: bigint): void
  /** Takes credit out of lots in one entry; returns how much of it came from the lots and how much became debt. */
  withdraw(cause: WithdrawalCause, withdrawal: Withdrawal): { fromLotsNano: bigint; debtNano: bigint }
  /** Takes free credit in drawing order in one entry ADJUSTMENT: all of the amount or none of it, and never into debt. */
  debit(cause: ActCause, amountNano: bigint): Debited
  /** Moves the end of a lot to a later instant (milliseconds since the epoch), with an entry EXTENSION of zero. */
  extend(cause: ActCause, lotId: string, expiresAt: number): Extended
}

export function lotClaims(wallet: Wallet, now: number): LotClaims {
  const openLot = (lotId: string) => wallet.lots.find((lot) => lot.id === lotId && lot.remainingNano > 0n)
  return {
    freeNano(lotId) {
      const lot = openLot(lotId)
      return lot ? freeNano(lot) : 0n
    },
    remainingNano: (lotId) => openLot(lotId)?.remainingNano ?? 0n,
    freeze(lotId, amountNano) {
      const lot = openLot(lotId)
      if (!lot || amountNano === 0n) return 0n
      lot.frozenNano += amountNano
      wallet.changes.lots.add(lot)
      return amountNano
    },
    thaw(lotId, amountNano) {
      const lot = openLot(lotId)
      if (!lot) return
      if (lot.frozenNano < amountNano)
        throw new Error(`lot ${lotId}: ${amountNano} nano thawed, ${lot.frozenNano} frozen`)
      lot.frozenNano -= amountNano
      wallet.changes.lots.add(lot)
    },
    withdraw(cause, { lots, shortfallBecomesDebt }) {
      const movements: Movement[] = []
      let shortfallNano = 0n
      for (const { lotId, amountNano } of lots) {
        const lot = openLot(lotId)
        const free = lot ? freeNano(lot) : 0n
        const taken = free < amountNano ? free : amountNano
        shortfallNano += amountNano - taken
        if (!lot || taken === 0n) continue
        lot.remainingNano -= taken
        wallet.changes.lots.add(lot)
        movements.push({ lotId, amountNano: -taken })
      }
      const fromLotsNano = movements.reduce((sum, movement) => sum - movement.amountNano, 0n)
      const debtNano = shortfallBecomesDebt ? shortfallNano : 0n
      if (debtNano > 0n) {
        wallet.debtNano += debtNano
        movements.push({ lotId: null, amountNano: -debtNano })
      }
      if (movements.length > 0) appendEntry(wallet, cause, movements, now)
      return { fromLotsNano, debtNano }
    },
    debit(cause, amountNano) {
      if (amountNano <= 0n) throw new RangeError(`a debit must be above zero, not ${amountNano} nano`)
      const freeInAll = wallet.lots.reduce((sum, lot) => sum + freeNano(lot), 0n)
      if (freeInAll < amountNano) return { ok: false, availableNano: freeInAll }
      appendEntry(wallet, { ...cause, kind: 'ADJUSTMENT' }, drawFree(wallet, wallet.lots, amountNano), now)
      return { ok: true }
    },
    extend(cause, lotId, expiresAt) {
      const lot = openLot(lotId)
      if (!lot) return { ok: false, reason: 'empty' }
      if (lot.expiresAt === null) return { ok: false, reason: 'never_expires' }
      if (isDue(lot, now)) return { ok: false, reason: 'expired' }
      if (expiresAt <= lot.expiresAt) return { ok: false, reason: 'not_later' }
      lot.expiresAt = expiresAt
      wallet.lots.sort(inDrawOrder)
      wallet.changes.lots.add(lot)
      wallet.changes.extendedLots.add(lot)
      appendEntry(wallet, { ...cause, kind: 'EXTENSION' }, [{ lotId, amountNano: 0n }], now)
      return { ok: true }
    },
  }
}
