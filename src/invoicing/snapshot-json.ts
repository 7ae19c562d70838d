import { hash } from 'node:crypto'
import type { DocumentSnapshot } from './document-snapshot.ts'

/** Every amount of a snapshot is a bigint in the program and decimal text in JSON. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'netMinor',
  'taxMinor',
  'totalMinor',
  'prepaidMinor',
  'dueMinor',
  'unitNetMinor',
  'quantity',
])

/** The one text of a snapshot: keys in order, so that the same content has the same hash whatever stored it. */
export function writeSnapshot(snapshot: DocumentSnapshot): string {
  return JSON.stringify(snapshot, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}

/** Reads what `writeSnapshot` wrote, as text or as the database's JSON. */
export function readSnapshot(stored: unknown): DocumentSnapshot {
  const text = typeof stored === 'string' ? stored : JSON.stringify(stored)
  return JSON.parse(text, (key, value: unknown) =>
    AMOUNTS.has(key) && typeof value === 'string' ? BigInt(value) : value,
  ) as DocumentSnapshot
}

/** SHA-256 of the snapshot's text. */
export function snapshotHash(snapshot: DocumentSnapshot): Buffer {
  return hash('sha256', writeSnapshot(snapshot), 'buffer')
}
