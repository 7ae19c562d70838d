import type { EntryKind } from '../ledger/entry.ts'
import type { Nano } from '../money/nano.ts'

/** What the movements of a statement are summed by, in the order in which they are shown. */
export const STATEMENT_GROUPS = [
  'purchases',
  'top-ups',
  'bonus and grants',
  'refunds',
  'disputes',
  'adjustments',
  'expiry',
  'extensions',
  'usage',
] as const
export type StatementGroup = (typeof STATEMENT_GROUPS)[number]

/** A movement: one entry, or the usage of one day. */
export interface StatementLine {
  /** When it was booked, in milliseconds since the epoch; of a day's usage, the last. */
  readonly at: number
  /** Its date in the statement's zone, such as 2026-11-21. */
  readonly day: string
  readonly kind: EntryKind
  readonly group: StatementGroup
  /** The kind in words. */
  readonly type: string
  readonly description: string
  readonly orderReference: string | null
  /** The invoice, or the credit note of a refund. */
  readonly documentNumber: string | null
  /** How many requests a day's usage was; null for all else. */
  readonly requests: bigint | null
  readonly amountNano: Nano
  /** The balance after this line, as the lines stand here. */
  readonly balanceAfterNano: Nano
}

export interface StatementTotal {
  readonly group: StatementGroup
  readonly lines: number
  readonly amountNano: Nano
}

/** Opening balance + movements = closing balance, exact to the nano, for one account and a half-open period. */
export interface Statement {
  readonly accountId: string
  readonly accountName: string
  readonly currency: string
  readonly timeZone: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  readonly openingNano: Nano
  readonly lines: readonly StatementLine[]
  readonly totals: readonly StatementTotal[]
  readonly closingNano: Nano
}

const SORTS: Readonly<Record<EntryKind, readonly [StatementGroup, type: string]>> = {
  PURCHASE: ['purchases', 'Purchase'],
  AUTO_TOP_UP: ['top-ups', 'Automatic top-up'],
  MANUAL_SETTLEMENT: ['purchases', 'Purchase by bank transfer'],
  GRANT: ['bonus and grants', 'Promotional credit'],
  USAGE_DEBIT: ['usage', 'Usage'],
  ADJUSTMENT: ['adjustments', 'Adjustment'],
  REFUND: ['refunds', 'Refund'],
  DISPUTE: ['disputes', 'Disputed payment'],
  DISPUTE_REVERSAL: ['disputes', 'Dispute reversed'],
  EXPIRY: ['expiry', 'Expired credit'],
  EXTENSION: ['extensions', 'Extended credit'],
}

/** A line as far as it is read: all but what follows from it. */
export type Movement = Omit<StatementLine, 'group' | 'type' | 'description' | 'balanceAfterNano'> & {
  readonly reason: string | null
  /** It was granted together with what an order bought. */
  readonly isOfOrder: boolean
}

/** The lines with their words and with the balance after each. */
export function statementLines(openingNano: Nano, movements: readonly Movement[]): StatementLine[] {
  let balanceAfterNano = openingNano
  return movements.map(({ reason, isOfOrder, ...movement }) => {
    balanceAfterNano += movement.amountNano
    const [group, sort] = SORTS[movement.kind]
    const type = movement.kind === 'GRANT' && isOfOrder ? 'Bonus' : sort
    return { ...movement, group, type, description: reason ?? described(movement), balanceAfterNano }
  })
}

function described({ kind, requests, orderReference }: Omit<Movement, 'reason' | 'isOfOrder'>): string {
  if (kind === 'USAGE_DEBIT') return requests === 1n ? '1 request' : `${requests} requests`
  if (kind === 'EXPIRY') return orderReference === null ? 'Unspent credit' : `Unspent credit of order ${orderReference}`
  return ''
}

/** One sum for each group that has lines. */
export function statementTotals(lines: readonly StatementLine[]): StatementTotal[] {
  return STATEMENT_GROUPS.map((group) => {
    const own = lines.filter((line) => line.group === group)
    return { group, lines: own.length, amountNano: own.reduce((sum, { amountNano }) => sum + amountNano, 0n) }
  }).filter(({ lines: count }) => count > 0)
}
