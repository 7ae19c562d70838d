import type { ClientBase } from 'pg'
import type { Budget, BudgetPeriod } from './budget.ts'
import type { EntryKind } from './entry.ts'
import type { Hold } from './hold.ts'
import { inDrawOrder, type Lot, type LotAmount } from './lot.ts'
import { plainArray } from './sql/array-literal.ts'
import { bookedCredits, bookedEvents, bookedHolds, budgetsById, lockWallets, openLots, takeHolds } from './sql/reads.ts'
import { unchanged, type Wallet } from './wallet.ts'

/** What one batch needs to see, by id. */
export interface Wanted {
  accountIds: Set<string>
  budgetIds: Set<string>
  /** Requests that end in this batch. */
  resolvedIds: string[]
  /** Requests that may have been authorized before; asked only when a batch is tried again. */
  repeatedIds: string[]
  credits: { kind: EntryKind; sourceId: string; accountId: string }[]
}

export type TakenHold = Pick<
  Hold,
  'requestId' | 'accountId' | 'amountNano' | 'lots' | 'budgetIds' | 'resellerId' | 'resellerLots' | 'costBoundNano'
>

export interface BookedCharge {
  priceNano: bigint
  wholesaleNano: bigint
}

/** Everything a batch decides on, read while the wallets are locked. */
export interface LockedBooks {
  wallets: Map<string, Wallet>
  budgets: Map<string, Budget>
  holds: Map<string, TakenHold>
  /** Requests that ended earlier and are asked to end again. */
  bookedCharges: Map<string, BookedCharge>
  bookedHolds: Map<string, Pick<Hold, 'amountNano' | 'outputTokensMax' | 'costBoundNano'>>
  bookedCredits: Map<string, bigint>
}

type Row = readonly (string | null)[]
interface Read {
  name: string
  text: string
}

async function rows(client: ClientBase, read: Read, values: string[]): Promise<Row[]> {
  const result = await client.query<(string | null)[]>({ ...read, values, rowMode: 'array', types: RAW_TEXT })
  return result.rows
}

/** The books parse their own columns; the driver hands every value over as text. */
const RAW_TEXT = { getTypeParser: () => (text: string) => text }
const NO_ROWS: Promise<Row[]> = Promise.resolve([])

/** Locks the wallets first, then reads what hangs on them: whoever holds a wallet's lock owns its lots, holds and budgets. */
export async function lockBooks(client: ClientBase, wanted: Wanted, pipelined: boolean): Promise<LockedBooks> {
  const accountIds = plainArray([...wanted.accountIds])
  const reads = [
    () => rows(client, lockWallets, [accountIds]),
    () => rows(client, openLots, [accountIds]),
    () => (wanted.budgetIds.size > 0 ? rows(client, budgetsById, [plainArray([...wanted.budgetIds])]) : NO_ROWS),
    () => (wanted.resolvedIds.length > 0 ? rows(client, takeHolds, [plainArray(wanted.resolvedIds)]) : NO_ROWS),
    () => (wanted.repeatedIds.length > 0 ? rows(client, bookedHolds, [plainArray(wanted.repeatedIds)]) : NO_ROWS),
    () => (wanted.credits.length > 0 ? rows(client, bookedCredits, creditKeys(wanted)) : NO_ROWS),
  ] as const
  const read = pipelined ? await Promise.all(reads.map((one) => one())) : await oneAfterTheOther(reads)
  const [walletRows, lotRows, budgetRows, holdRows, repeatedRows, creditRows] = read as Six<Row[]>
  const holds = new Map(holdRows.map((row) => [text(row, 0), takenHold(row)]))
  const missing = wanted.resolvedIds.filter((id) => !holds.has(id))
  const eventRows = missing.length > 0 ? await rows(client, bookedEvents, [plainArray(missing)]) : []
  return {
    wallets: walletsOf(walletRows, lotRows),
    budgets: new Map(budgetRows.map((row) => [text(row, 0), budget(row)])),
    holds,
    bookedCharges: new Map(
      eventRows.map((row) => [text(row, 0), { priceNano: nano(row, 1), wholesaleNano: nano(row, 2) }]),
    ),
    bookedHolds: new Map(
      repeatedRows.map((row) => [
        text(row, 0),
        { amountNano: nano(row, 1), outputTokensMax: Number(row[2]), costBoundNano: nano(row, 3) },
      ]),
    ),
    bookedCredits: new Map(
      creditRows.map((row) => [creditKey(text(row, 0), text(row, 1), text(row, 2)), nano(row, 3)]),
    ),
  }
}

type Six<Item> = [Item, Item, Item, Item, Item, Item]

/** An ordinary connection takes one statement at a time. */
async function oneAfterTheOther(reads: readonly (() => Promise<Row[]>)[]): Promise<Row[][]> {
  const read: Row[][] = []
  for (const one of reads) read.push(await one())
  return read
}

/** A source is credited once to an account. */
export function creditKey(kind: string, sourceId: string, accountId: string): string {
  return `${kind} ${sourceId} to ${accountId}`
}

function creditKeys({ credits }: Wanted): string[] {
  return [
    plainArray(credits.map((credit) => credit.kind)),
    plainArray(credits.map((credit) => credit.sourceId)),
    plainArray(credits.map((credit) => credit.accountId)),
  ]
}

function walletsOf(walletRows: Row[], lotRows: Row[]): Map<string, Wallet> {
  const wallets = new Map<string, Wallet>()
  for (const row of walletRows) {
    wallets.set(text(row, 0), {
      accountId: text(row, 0),
      currency: text(row, 1),
      balanceNano: nano(row, 2),
      heldNano: nano(row, 3),
      debtNano: nano(row, 4),
      entrySeq: nano(row, 5),
      entryHash: text(row, 6),
      topUpBelowNano: row[7] == null ? null : nano(row, 7),
      topUpDueAt: row[8] == null ? null : Number(row[8]),
      lots: [],
      changes: unchanged(),
    })
  }
  for (const row of lotRows) wallets.get(text(row, 1))?.lots.push(lot(row))
  for (const wallet of wallets.values()) if (wallet.lots.length > 1) wallet.lots.sort(inDrawOrder)
  return wallets
}

function lot(row: Row): Lot {
  return {
    id: text(row, 0),
    accountId: text(row, 1),
    priority: Number(row[2]),
    grantedNano: nano(row, 3),
    remainingNano: nano(row, 4),
    heldNano: nano(row, 5),
    expiresAt: row[6] == null ? null : Number(row[6]),
    createdAt: Number(row[7]),
    frozenNano: nano(row, 8),
  }
}

function budget(row: Row): Budget {
  return {
    id: text(row, 0),
    accountId: text(row, 1),
    period: text(row, 2) as BudgetPeriod,
    limitNano: nano(row, 3),
    periodStart: Number(row[4]),
    spentNano: nano(row, 5),
    heldNano: nano(row, 6),
  }
}

function takenHold(row: Row): TakenHold {
  return {
    requestId: text(row, 0),
    accountId: text(row, 1),
    amountNano: nano(row, 2),
    lots: lotAmounts(text(row, 3), text(row, 4)),
    budgetIds: elements(text(row, 5)),
    resellerId: row[6] ?? null,
    resellerLots: lotAmounts(text(row, 8), text(row, 9)),
    costBoundNano: nano(row, 10),
  }
}

function lotAmounts(ids: string, amounts: string): LotAmount[] {
  const amountOf = elements(amounts)
  return elements(ids).map((lotId, index) => ({ lotId, amountNano: BigInt(amountOf[index] as string) }))
}

/** An array literal of ids or figures, which need no quoting. */
function elements(literal: string): string[] {
  return literal === '{}' ? [] : literal.slice(1, -1).split(',')
}

function text(row: Row, index: number): string {
  return row[index] as string
}

function nano(row: Row, index: number): bigint {
  return BigInt(row[index] as string)
}
