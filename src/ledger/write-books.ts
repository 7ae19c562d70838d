import type { ClientBase } from 'pg'
import type { Budget } from './budget.ts'
import type { Hold } from './hold.ts'
import type { BulkStatement } from './sql/bulk-statement.ts'
import {
  type EntryMovement,
  type HashedEntry,
  insertAttempts,
  insertEntries,
  insertHolds,
  insertLots,
  insertMovements,
  insertUsageEvents,
  updateBudgets,
  updateLots,
  updateWallets,
} from './sql/writes.ts'
import type { RouteAttempt, UsageEvent } from './usage-event.ts'
import type { Wallet } from './wallet.ts'

/** What a batch adds besides the changes of its wallets. */
export interface Additions {
  holds: Hold[]
  events: UsageEvent[]
  attempts: RouteAttempt[]
  budgets: Set<Budget>
}

/** Sends one statement a table, for those tables that changed, without waiting in between. */
export function writeBooks(
  client: ClientBase,
  wallets: ReadonlyMap<string, Wallet>,
  additions: Additions,
): Promise<unknown> {
  const changed = [...wallets.values()].filter((wallet) => wallet.changes.wallet || wallet.changes.lots.size > 0)
  const newLots = changed.flatMap((wallet) => wallet.changes.newLots)
  const isNew = new Set(newLots.map(({ lot }) => lot))
  const lots = changed.flatMap((wallet) => [...wallet.changes.lots].filter((lot) => !isNew.has(lot)))
  const entries: HashedEntry[] = changed.flatMap((wallet) => wallet.changes.entries)
  return Promise.all([
    write(client, insertLots, newLots),
    write(client, updateLots, lots),
    write(client, insertHolds, additions.holds),
    write(client, insertEntries, entries),
    write(client, insertMovements, entries.flatMap(movementsOf)),
    write(client, insertUsageEvents, additions.events),
    write(client, insertAttempts, additions.attempts),
    write(client, updateBudgets, [...additions.budgets]),
    write(client, updateWallets, changed),
  ])
}

function write<Row>(client: ClientBase, statement: BulkStatement<Row>, rows: readonly Row[]): Promise<unknown> | null {
  return rows.length > 0 ? client.query(statement.bind(rows)) : null
}

function movementsOf({ entry }: HashedEntry): EntryMovement[] {
  return entry.movements.map((movement, ordinal) => ({
    ...movement,
    accountId: entry.accountId,
    entrySeq: entry.seq,
    ordinal,
  }))
}
