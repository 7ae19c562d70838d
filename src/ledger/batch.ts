import type { ClientBase } from 'pg'
import { amend } from './amend.ts'
import { authorize, grantOf } from './authorize.ts'
import type { Budget } from './budget.ts'
import { credit } from './credit.ts'
import { LedgerConflict } from './errors.ts'
import { creditKey, type LockedBooks, lockBooks, type Wanted } from './locked-books.ts'
import type {
  Amended,
  Amendment,
  Authorization,
  AuthorizeRequest,
  Credited,
  CreditRequest,
  Resolution,
  Resolved,
} from './operations.ts'
import { resolve } from './resolve.ts'
import type { RowEncoders } from './sql/row-encoder.ts'
import type { UsageEvent } from './usage-event.ts'
import { bookDueExpiries, type Wallet } from './wallet.ts'
import { type Additions, writeBooks } from './write-books.ts'

export type Operation =
  | { kind: 'authorize'; request: AuthorizeRequest }
  | { kind: 'resolve'; resolution: Resolution }
  | { kind: 'credit'; request: CreditRequest; lotId: string }
  | { kind: 'expire'; accountId: string }
  | { kind: 'amend'; amendment: Amendment }

/** The answer to an operation, of the type that its kind asks for. */
export type Outcome = Authorization | Resolved | Credited | Amended | { outcome: 'swept' }

export interface BookedOperations {
  outcomes: Outcome[]
  /** Accounts whose balance these operations took under the threshold of their automatic top-up. */
  topUpsDue: string[]
  write: () => Promise<unknown>
}

export interface BatchContext {
  /** Of the client that the batch is written through. */
  encoders: RowEncoders
  instanceId: string
  /** Milliseconds since the epoch; one instant for the whole batch, taken under the locks. */
  now: () => number
  /** Whether statements may be sent without waiting for the ones before. */
  pipelined: boolean
  /** Set when operations are tried again after a failure, so that what was booked before is found. */
  repeated: boolean
}

/**
 * Books operations within the caller's transaction: locks and reads, then decides each in turn on the working copies.
 * The caller writes what changed and commits; nothing is valid before that has succeeded.
 */
export async function bookOperations(
  client: ClientBase,
  operations: readonly Operation[],
  context: BatchContext,
): Promise<BookedOperations> {
  const books = await lockBooks(client, wantedBy(operations, context), context.pipelined)
  const additions: Additions = { holds: [], events: [], attempts: [], budgets: new Set() }
  const now = context.now()
  const outcomes = operations.map((operation) => decide(operation, books, additions, context.instanceId, now))
  const wallets = [...books.wallets.values()]
  const topUpsDue = wallets.filter(({ changes }) => changes.topUpBecameDue).map(({ accountId }) => accountId)
  return { outcomes, topUpsDue, write: () => writeBooks(client, context.encoders, books.wallets, additions) }
}

function wantedBy(operations: readonly Operation[], context: BatchContext): Wanted {
  const wanted: Wanted = {
    accountIds: new Set(),
    budgetIds: new Set(),
    resolvedIds: [],
    repeatedIds: [],
    credits: [],
  }
  for (const operation of operations) {
    switch (operation.kind) {
      case 'authorize':
        wantParties(wanted, operation.request)
        if (context.repeated) wanted.repeatedIds.push(operation.request.requestId)
        break
      case 'resolve':
        wantParties(wanted, operation.resolution)
        wanted.resolvedIds.push(operation.resolution.requestId)
        break
      case 'credit':
        wanted.accountIds.add(operation.request.accountId)
        wanted.credits.push(operation.request)
        break
      case 'expire':
        wanted.accountIds.add(operation.accountId)
        break
      case 'amend':
        wanted.accountIds.add(operation.amendment.accountId)
        break
    }
  }
  return wanted
}

function wantParties(
  wanted: Wanted,
  parties: { accountId: string; resellerId: string | null; budgetIds: readonly string[] },
): void {
  wanted.accountIds.add(parties.accountId)
  if (parties.resellerId !== null) wanted.accountIds.add(parties.resellerId)
  for (const budgetId of parties.budgetIds) wanted.budgetIds.add(budgetId)
}

function decide(
  operation: Operation,
  books: LockedBooks,
  additions: Additions,
  instanceId: string,
  now: number,
): Outcome {
  switch (operation.kind) {
    case 'authorize':
      return decideAuthorize(operation.request, books, additions, instanceId, now)
    case 'resolve':
      return decideResolve(operation.resolution, books, additions, now)
    case 'credit':
      return decideCredit(operation.request, operation.lotId, books, now)
    case 'expire': {
      const wallet = walletOf(books, operation.accountId)
      bookDueExpiries(wallet, now)
      return { outcome: 'swept' }
    }
    case 'amend':
      return amend(operation.amendment, walletOf(books, operation.amendment.accountId), now)
  }
}

function decideAuthorize(
  request: AuthorizeRequest,
  books: LockedBooks,
  additions: Additions,
  instanceId: string,
  now: number,
): Authorization {
  const before = books.bookedHolds.get(request.requestId)
  if (before) return grantOf(before)
  const locked = partiesOf(request, books)
  const { authorization, hold } = authorize(request, locked, instanceId, now)
  if (hold) {
    additions.holds.push(hold)
    books.bookedHolds.set(hold.requestId, hold)
    for (const budget of locked.budgets) additions.budgets.add(budget)
  }
  return authorization
}

function decideResolve(resolution: Resolution, books: LockedBooks, additions: Additions, now: number): Resolved {
  const { requestId, priceNano, wholesaleNano } = resolution
  const hold = books.holds.get(requestId)
  if (!hold) {
    const booked = books.bookedCharges.get(requestId)
    if (!booked) {
      if (resolution.event) rememberUncharged(resolution.event, books, additions)
      return { outcome: 'no_hold' }
    }
    if (booked.priceNano === priceNano && booked.wholesaleNano === wholesaleNano) return { outcome: 'repeated' }
    throw new LedgerConflict(
      `request ${requestId} was charged ${booked.priceNano} nano before and cannot be charged ${priceNano} nano now`,
    )
  }
  if (hold.accountId !== resolution.accountId || hold.resellerId !== resolution.resellerId) {
    throw new LedgerConflict(`request ${requestId} was authorized for another account`)
  }
  if (!hold.budgetIds.every((id) => resolution.budgetIds.includes(id))) {
    throw new LedgerConflict(`request ${requestId} was authorized under a budget that its end does not name`)
  }
  const locked = partiesOf({ ...resolution, budgetIds: hold.budgetIds }, books)
  const overdraftNano = resolve(resolution, hold, locked, now)
  books.holds.delete(requestId)
  books.bookedCharges.set(requestId, { priceNano, wholesaleNano })
  for (const budget of locked.budgets) additions.budgets.add(budget)
  if (resolution.event) additions.events.push({ event: resolution.event, currency: locked.wallet.currency })
  additions.attempts.push(...resolution.attempts)
  return { outcome: 'booked', balanceNano: locked.wallet.balanceNano, overdraftNano }
}

/** The hold is lost (a crash of PostgreSQL before it was durable): nobody is charged, and what it cost us is kept. */
function rememberUncharged(event: UsageEvent, books: LockedBooks, additions: Additions): void {
  const exposureNano = event.costNano > event.exposureNano ? event.costNano : event.exposureNano
  const uncharged: UsageEvent = {
    ...event,
    status: 'ABANDONED',
    priceNano: 0n,
    wholesaleNano: 0n,
    operatorFeeNano: 0n,
    sellerFeeNano: 0n,
    exposureNano,
  }
  additions.events.push({ event: uncharged, currency: walletOf(books, event.accountId).currency })
  books.bookedCharges.set(event.id, { priceNano: 0n, wholesaleNano: 0n })
}

function decideCredit(request: CreditRequest, lotId: string, books: LockedBooks, now: number): Credited {
  const key = creditKey(request.kind, request.sourceId, request.accountId)
  const booked = books.bookedCredits.get(key)
  if (booked !== undefined) {
    if (booked === request.amountNano) return { outcome: 'repeated' }
    throw new LedgerConflict(`${key} was credited ${booked} nano before, not ${request.amountNano} nano`)
  }
  const wallet = walletOf(books, request.accountId)
  credit(request, wallet, lotId, now)
  books.bookedCredits.set(key, request.amountNano)
  return { outcome: 'booked', lotId, balanceNano: wallet.balanceNano }
}

function partiesOf(
  parties: { accountId: string; resellerId: string | null; budgetIds: readonly string[] },
  books: LockedBooks,
): { wallet: Wallet; reseller: Wallet | null; budgets: Budget[] } {
  return {
    wallet: walletOf(books, parties.accountId),
    reseller: parties.resellerId === null ? null : walletOf(books, parties.resellerId),
    // A budget that was deleted since limits nothing any more.
    budgets: parties.budgetIds.flatMap((id) => books.budgets.get(id) ?? []),
  }
}

function walletOf(books: LockedBooks, accountId: string): Wallet {
  const wallet = books.wallets.get(accountId)
  if (!wallet) throw new LedgerConflict(`account ${accountId} has no wallet`)
  return wallet
}
