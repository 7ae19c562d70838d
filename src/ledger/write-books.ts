import type { ClientBase } from 'pg'
import type { Budget } from './budget.ts'
import type { Hold } from './hold.ts'
import { bindWrite, oneStatement } from './sql/bulk-write.ts'
import type { RowEncoders } from './sql/row-encoder.ts'
import {
  type BookedEvent,
  extendLots,
  type HashedEntry,
  insertAttempts,
  insertEntries,
  insertHolds,
  insertLots,
  insertUsageEvents,
  updateBudgets,
  updateLots,
  updateWallets,
} from './sql/writes.ts'
import type { RouteAttempt } from './usage-event.ts'
import type { Wallet } from './wallet.ts'

/** What a batch adds besides the changes of its wallets. */
export interface Additions {
  holds: Hold[]
  events: BookedEvent[]
  attempts: RouteAttempt[]
  budgets: Set<Budget>
}

/** Writes all that changed, to whichever tables, in one statement. */
export function writeBooks(
  client: ClientBase,
  encoders: RowEncoders,
  wallets: ReadonlyMap<string, Wallet>,
  additions: Additions,
): Promise<unknown> {
  const changed = [...wallets.values()].filter((wallet) => wallet.changes.wallet || wallet.changes.lots.size > 0)
  const newLots = changed.flatMap((wallet) => wallet.changes.newLots)
  const isNew = new Set(newLots.map(({ lot }) => lot))
  const lots = changed.flatMap((wallet) => [...wallet.changes.lots].filter((lot) => !isNew.has(lot)))
  // No row is changed twice in one statement: an extended lot is written with its figures.
  const extended = new Set(
    changed.flatMap((wallet) => [...wallet.changes.extendedLots]).filter((lot) => !isNew.has(lot)),
  )
  const entries: HashedEntry[] = changed.flatMap((wallet) => wallet.changes.entries)
  const writes = [
    bindWrite(insertLots, newLots),
    bindWrite(updateLots, extended.size > 0 ? lots.filter((lot) => !extended.has(lot)) : lots),
    bindWrite(extendLots, [...extended]),
    bindWrite(insertHolds, additions.holds),
    bindWrite(insertEntries, entries),
    bindWrite(insertUsageEvents, additions.events),
    bindWrite(insertAttempts, additions.attempts),
    bindWrite(updateBudgets, [...additions.budgets]),
    bindWrite(updateWallets, changed),
  ].filter((write) => write !== null)
  return writes.length > 0 ? client.query(oneStatement(writes, encoders)) : Promise.resolve()
}
