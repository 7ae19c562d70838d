import { hash } from 'node:crypto'

export const ENTRY_KINDS = [
  'PURCHASE',
  'AUTO_TOP_UP',
  'MANUAL_SETTLEMENT',
  'GRANT',
  'USAGE_DEBIT',
  'ADJUSTMENT',
  'REFUND',
  'DISPUTE',
  'DISPUTE_REVERSAL',
  'EXPIRY',
  'EXTENSION',
] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** Which lot an entry moved, and by how much; `lotId` null = the wallet's debt (negative: debt grows). */
export interface Movement {
  lotId: string | null
  amountNano: bigint
}

/** One change of a balance. The sum of its movements is its amount. */
export interface Entry {
  accountId: string
  seq: bigint
  kind: EntryKind
  sourceId: string
  amountNano: bigint
  balanceAfterNano: bigint
  currency: string
  actorId: string | null
  reason: string | null
  /** Milliseconds since the epoch. */
  createdAt: number
  movements: readonly Movement[]
}

/** What the first entry of a wallet chains to: 32 zero bytes, in hex. */
export const GENESIS_HASH = '0'.repeat(64)

/** The entry as the one text that its hash is made of. A new layout needs a new version word. */
export function canonicalEntry(entry: Entry): string {
  const movements = entry.movements.map((movement) => `${movement.lotId ?? 'debt'}:${movement.amountNano}`).join(',')
  return [
    'entry/1',
    entry.accountId,
    entry.seq,
    entry.kind,
    entry.sourceId,
    entry.amountNano,
    entry.balanceAfterNano,
    entry.currency,
    entry.createdAt,
    entry.actorId ?? '',
    movements,
    // The database keeps no half of a character, so that the hash is not of one either.
    entry.reason === null ? '' : JSON.stringify(entry.reason.toWellFormed()),
  ].join('|')
}

/** SHA-256(previous hash ‖ canonical entry), in hex. */
export function chainHash(previousHash: string, entry: Entry): string {
  return hash('sha256', `${previousHash}\n${canonicalEntry(entry)}`, 'hex')
}
