import type { ClientBase } from 'pg'
import { chainHash, type Entry, type EntryKind, GENESIS_HASH, type Movement } from '../entry.ts'
import type { Finding } from './finding.ts'
import { streamRows } from './stream-rows.ts'

/** The promises that are checked by reading every entry in order, from the first of a wallet to its last. */
export const CHAIN_PROMISES = {
  'entry-sequence': 'entries are numbered from 1 without a gap',
  'entry-movements': 'the movements of each entry sum to its amount',
  'entry-balance': 'each entry ends at the balance before it plus its amount',
  'entry-hash': 'each entry has the hash of its content and of the entry before it',
} as const
type ChainPromise = keyof typeof CHAIN_PROMISES

export interface StoredEntry extends Entry {
  hash: string
}

/** Reads the whole chain of every wallet, an entry at a time. `onEntry` counts them. */
export async function* checkChains(client: ClientBase, onEntry: () => void): AsyncGenerator<Finding> {
  const check = createChainChecker()
  for await (const entry of storedEntries(client)) {
    onEntry()
    yield* check(entry)
  }
}

interface ChainEnd {
  accountId: string
  seq: bigint
  /** As stored, and as computed from what was stored before: they differ behind a changed row, which is named once. */
  hashes: string[]
  balancesNano: bigint[]
}

/** Checks entries that arrive ordered by account and seq, each against what went before. Pure but for its memory of that. */
export function createChainChecker(): (entry: StoredEntry) => Finding[] {
  let end: ChainEnd = emptyChain('')

  return (entry) => {
    if (entry.accountId !== end.accountId) end = emptyChain(entry.accountId)
    const findings: Finding[] = []
    const report = (check: ChainPromise, message: string) =>
      findings.push({ check, table: 'ledger_entry', row: `${entry.accountId}/${entry.seq}`, message })

    const movedNano = entry.movements.reduce((sum, movement) => sum + movement.amountNano, 0n)
    if (movedNano !== entry.amountNano) {
      report('entry-movements', `the amount is ${entry.amountNano} nano, but its movements sum to ${movedNano} nano`)
    }
    const follows = entry.seq === end.seq + 1n
    if (!follows) report('entry-sequence', `${missing(end.seq + 1n, entry.seq)} before this one`)
    // Behind a gap there is nothing to check a balance or a hash against; the gap itself is the finding.
    const balancesNano = follows ? end.balancesNano.map((nano) => nano + entry.amountNano) : [entry.balanceAfterNano]
    if (!balancesNano.includes(entry.balanceAfterNano)) {
      const expected = balancesNano[0]
      report('entry-balance', `the balance after it is ${entry.balanceAfterNano} nano, but should be ${expected} nano`)
    }
    const hashes = follows ? end.hashes.map((hash) => chainHash(hash, entry)) : [entry.hash]
    if (!hashes.includes(entry.hash)) {
      report(
        'entry-hash',
        `the hash is ${entry.hash}, but this content behind that of the entry before gives ${hashes[0]}`,
      )
    }
    end = {
      accountId: entry.accountId,
      seq: entry.seq,
      hashes: distinct(entry.hash, hashes[0]),
      balancesNano: distinct(entry.balanceAfterNano, balancesNano[0]),
    }
    return findings
  }
}

function emptyChain(accountId: string): ChainEnd {
  return { accountId, seq: 0n, hashes: [GENESIS_HASH], balancesNano: [0n] }
}

function missing(first: bigint, next: bigint): string {
  if (next <= first) return `entry ${next} stands where entry ${first} was due`
  return next === first + 1n ? `entry ${first} is missing` : `entries ${first} to ${next - 1n} are missing`
}

function distinct<Value>(stored: Value, computed: Value | undefined): Value[] {
  return computed === undefined || computed === stored ? [stored] : [stored, computed]
}

interface Row {
  account_id: string
  seq: string
  kind: EntryKind
  source_id: string
  amount_nano: string
  balance_after_nano: string
  currency: string
  actor_id: string | null
  reason: string | null
  created_at_ms: string
  hash: string
  ordinal: string | null
  lot_id: string | null
  moved_nano: string | null
}

const ENTRIES_IN_ORDER = `
  SELECT e.account_id, e.seq, e.kind, e.source_id, e.amount_nano, e.balance_after_nano, e.currency, e.actor_id, e.reason,
         (extract(epoch FROM e.created_at) * 1000)::bigint AS created_at_ms, encode(e.hash, 'hex') AS hash,
         m.ordinal, m.lot_id, m.amount_nano AS moved_nano
  FROM ledger_entry e
  LEFT JOIN LATERAL unnest(e.lot_ids, e.lot_amounts_nano) WITH ORDINALITY AS m (lot_id, amount_nano, ordinal) ON true
  ORDER BY e.account_id, e.seq, m.ordinal`

/** Gathers the rows of an entry's movements into one entry. */
async function* storedEntries(client: ClientBase): AsyncGenerator<StoredEntry> {
  let entry: StoredEntry | null = null
  let movements: Movement[] = []
  for await (const row of streamRows<Row>(client, ENTRIES_IN_ORDER)) {
    const seq = BigInt(row.seq)
    if (entry === null || entry.seq !== seq || entry.accountId !== row.account_id) {
      if (entry) yield entry
      movements = []
      entry = storedEntry(row, seq, movements)
    }
    if (row.moved_nano !== null) movements.push({ lotId: row.lot_id, amountNano: BigInt(row.moved_nano) })
  }
  if (entry) yield entry
}

function storedEntry(row: Row, seq: bigint, movements: Movement[]): StoredEntry {
  return {
    accountId: row.account_id,
    seq,
    kind: row.kind,
    sourceId: row.source_id,
    amountNano: BigInt(row.amount_nano),
    balanceAfterNano: BigInt(row.balance_after_nano),
    currency: row.currency,
    actorId: row.actor_id,
    reason: row.reason,
    createdAt: Number(row.created_at_ms),
    hash: row.hash,
    movements,
  }
}
