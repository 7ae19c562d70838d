import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { ENTRY_KINDS, type EntryKind } from '../../ledger/entry.ts'
import type { Nano } from '../../money/nano.ts'
import { ExportError } from '../export-error.ts'
import { accountId, rangeFields } from '../export-range.ts'
import { readAsked } from '../report-request.ts'
import { statementLines } from '../statement.ts'
import { inSnapshot } from '../statement-read.ts'
import { ID_SLACK_MS } from '../usage-extent.ts'
import { SEQ_AT, transactionLines, type UsageLines } from './sql/read-transactions.ts'

/** More are for statements and exports. */
const LINES_MAX = 500
/** With usage by the day, a page reads all the requests of its days. */
const DAILY_LINES_MAX = 100
const USAGE_LINES = ['each', 'daily', 'none'] as const satisfies readonly UsageLines[]
const FIRST_INSTANT = new Date(0)
const LAST_INSTANT = new Date(Date.UTC(9999, 0, 1))

const request = z
  .strictObject({
    accountId,
    kinds: z
      .array(z.enum(ENTRY_KINDS, { error: `must be among ${ENTRY_KINDS.join(', ')}` }))
      .max(ENTRY_KINDS.length)
      .default([]),
    usage: z.enum(USAGE_LINES, { error: `must be one of ${USAGE_LINES.join(', ')}` }).default('daily'),
    from: rangeFields.from.optional(),
    to: rangeFields.to.optional(),
    /** The number of the entry that the page ends before. */
    cursor: z.bigint().positive({ error: 'must be a cursor that was given' }).nullable().default(null),
    limit: z
      .int({ error: 'must be a whole number' })
      .min(1, { error: 'must be at least 1' })
      .max(LINES_MAX, { error: `must be at most ${LINES_MAX}` }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be later than from',
  })
  .refine(({ usage, limit }) => usage !== 'daily' || limit <= DAILY_LINES_MAX, {
    path: ['limit'],
    error: `must be at most ${DAILY_LINES_MAX} with usage by the day`,
  })

/** An entry of the account's ledger in words, or the usage of a day that nothing else interrupts. */
export interface Transaction {
  /** The numbers of its entries; the same but for usage by the day. */
  readonly firstSeq: bigint
  readonly lastSeq: bigint
  /** When it was booked, in milliseconds since the epoch; of a day's usage, the last. */
  readonly at: number
  readonly kind: EntryKind
  /** The kind in words, and what is to be said besides. */
  readonly type: string
  readonly description: string
  readonly amountNano: Nano
  readonly balanceAfterNano: Nano
  readonly currency: string
  /** How many requests a usage line is; null for all else. */
  readonly requests: bigint | null
  /** The request of a single usage line. */
  readonly generationId: string | null
  readonly order: { readonly id: string; readonly reference: string } | null
  /** The invoice, or the credit note of a refund. */
  readonly document: { readonly id: string; readonly number: string } | null
  /** The credits that it granted, let expire or extended, as they stand now. */
  readonly lot: {
    readonly id: string
    readonly grantedNano: Nano
    readonly remainingNano: Nano
    readonly expiresAt: number | null
  } | null
}

export interface TransactionPage {
  readonly transactions: readonly Transaction[]
  /** Where the next page begins; null = this is the last. */
  readonly next: bigint | null
}

/**
 * What moved an account's balance, the newest first, page by page: whatever is booked meanwhile neither repeats nor hides
 * a line. The caller has to see to it that the reader may read this account.
 *
 * @throws ExportError `invalid_request`, naming the field at fault; `account_not_found`
 */
export async function accountTransactions(
  { pool }: { pool: Pool },
  input: z.input<typeof request>,
): Promise<TransactionPage> {
  const asked = readAsked(request, input)
  return inSnapshot(pool, async (client) => {
    await client.query('SET LOCAL jit = off')
    const head = await readHead(client, asked.accountId)
    const firstSeq = asked.from === undefined ? 1n : await seqAt(client, asked.accountId, asked.from - ID_SLACK_MS)
    const afterSeq = asked.to === undefined ? head + 1n : await seqAt(client, asked.accountId, asked.to + ID_SLACK_MS)
    const { rows } = await client.query<Row>(transactionLines(linesOf(asked)), [
      asked.accountId,
      firstSeq,
      asked.cursor !== null && asked.cursor < afterSeq ? asked.cursor : afterSeq,
      asked.from === undefined ? FIRST_INSTANT : new Date(asked.from),
      asked.to === undefined ? LAST_INSTANT : new Date(asked.to),
      asked.kinds.length > 0 ? asked.kinds : ENTRY_KINDS,
      asked.limit + 1,
    ])
    const transactions = rows.slice(0, asked.limit).map(transactionOf)
    return { transactions, next: rows.length > asked.limit ? (transactions.at(-1)?.firstSeq ?? null) : null }
  })
}

function linesOf({ usage, kinds }: z.output<typeof request>): UsageLines {
  return kinds.length > 0 && !kinds.includes('USAGE_DEBIT') ? 'none' : usage
}

/** Where there is a wallet, how many entries it has. */
async function readHead(client: ClientBase, account: string): Promise<bigint> {
  const { rows } = await client.query<{ seq: string }>(
    'SELECT entry_seq::text AS seq FROM wallet WHERE account_id = $1',
    [account],
  )
  if (!rows[0]) throw new ExportError('account_not_found', 'There is no such account.', 'accountId')
  return BigInt(rows[0].seq)
}

/** Room is left for clocks of processes that differ: the rows' own times decide. */
async function seqAt(client: ClientBase, account: string, at: number): Promise<bigint> {
  const { rows } = await client.query<{ seq: string }>(SEQ_AT, [account, new Date(at)])
  return BigInt(rows[0]?.seq ?? 1)
}

interface Row {
  first_seq: string
  last_seq: string
  kind: EntryKind
  at: Date
  reason: string | null
  currency: string
  source_id: string
  balance_after_nano: string
  amount_nano: string
  requests: string
  order_id: string | null
  order_reference: string | null
  document_id: string | null
  document_number: string | null
  is_of_order: boolean
  lot_id: string | null
  granted_nano: string | null
  remaining_nano: string | null
  expires_at: Date | null
}

function transactionOf(row: Row): Transaction {
  const amountNano = BigInt(row.amount_nano)
  const isUsage = row.kind === 'USAGE_DEBIT'
  const requests = isUsage ? BigInt(row.requests) : null
  return {
    firstSeq: BigInt(row.first_seq),
    lastSeq: BigInt(row.last_seq),
    at: row.at.getTime(),
    kind: row.kind,
    ...wordsOf(row, amountNano, requests),
    amountNano,
    balanceAfterNano: BigInt(row.balance_after_nano),
    currency: row.currency,
    requests,
    generationId: isUsage && row.first_seq === row.last_seq ? row.source_id : null,
    order: row.order_id === null ? null : { id: row.order_id, reference: row.order_reference ?? '' },
    document: row.document_id === null ? null : { id: row.document_id, number: row.document_number ?? '' },
    lot: row.lot_id === null ? null : lotOf(row, row.lot_id),
  }
}

/** The words of the statement, so that a movement is called the same everywhere. */
function wordsOf(row: Row, amountNano: bigint, requests: bigint | null): { type: string; description: string } {
  const at = row.at.getTime()
  const movement = {
    ...{ at, day: row.at.toISOString().slice(0, 10), kind: row.kind, requests, amountNano },
    ...{ orderReference: row.order_reference, documentNumber: row.document_number },
    ...{ reason: row.reason, isOfOrder: row.is_of_order },
  }
  const [line] = statementLines(BigInt(row.balance_after_nano) - amountNano, [movement])
  return { type: line?.type ?? row.kind, description: line?.description ?? '' }
}

function lotOf(row: Row, id: string): Transaction['lot'] {
  return {
    id,
    grantedNano: BigInt(row.granted_nano ?? 0),
    remainingNano: BigInt(row.remaining_nano ?? 0),
    expiresAt: row.expires_at?.getTime() ?? null,
  }
}
