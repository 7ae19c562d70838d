import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../db/transaction.ts'
import type { EntryKind } from '../ledger/entry.ts'
import { ExportError } from './export-error.ts'
import { accountId, rangeFields, readRange } from './export-range.ts'
import { STATEMENT_FRAME, STATEMENT_LINES } from './sql/read-statement.ts'
import { type Movement, type Statement, statementLines, statementTotals } from './statement.ts'
import { timeZone } from './statement-period.ts'

/** More is no statement that anybody reads: a shorter period is asked for. */
const LINES_MAX = 20_000

const request = z.strictObject({ accountId, ...rangeFields, timeZone: timeZone.default('UTC') })
export type StatementRequest = z.input<typeof request>

/** Where the period lies in the account's chain of entries, and what the stored balances around it are. */
export interface StatementFrame {
  readonly accountName: string
  readonly currency: string
  /** The last entry before the period, the last one in it, and the last there is; 0 = none. */
  readonly beforeSeq: bigint
  readonly lastSeq: bigint
  readonly headSeq: bigint
  /** `balance_after` of the first two. */
  readonly openingNano: bigint
  readonly closingNano: bigint
  readonly walletNano: bigint
}

interface LineRow {
  day: string
  at: Date
  kind: EntryKind
  amount_nano: string
  reason: string | null
  requests: string | null
  order_reference: string | null
  document_number: string | null
  is_of_order: boolean
}

/**
 * The statement of one account for a half-open period (milliseconds since the epoch), read in one snapshot. Its closing
 * balance is its opening balance and its movements; that the ledger says the same is for `checkStatement` to prove.
 *
 * @throws ExportError `invalid_request`, `account_not_found`, `too_many_lines`
 */
export async function readStatement({ pool }: { pool: Pool }, asked: StatementRequest): Promise<Statement> {
  return inSnapshot(pool, async (client) => (await readStatementWithin(client, asked)).statement)
}

/** One moment for all that is read of a statement. */
export function inSnapshot<Result>(pool: Pool, work: (client: ClientBase) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return work(client)
  })
}

/** In the caller's snapshot. */
export async function readStatementWithin(
  client: ClientBase,
  asked: StatementRequest,
): Promise<{ statement: Statement; frame: StatementFrame }> {
  const period = readRange(request, asked)
  const frame = await readFrame(client, period)
  const { beforeSeq, lastSeq, openingNano, accountName, currency } = frame
  const { rows } = await client.query<LineRow>(STATEMENT_LINES, [
    ...[period.accountId, beforeSeq, lastSeq, period.timeZone, LINES_MAX + 1],
  ])
  if (rows.length > LINES_MAX) {
    throw new ExportError(
      'too_many_lines',
      `The period has more than ${LINES_MAX} movements; ask for a shorter one.`,
      'to',
    )
  }
  const lines = statementLines(openingNano, rows.map(movementOf))
  const closingNano = lines.at(-1)?.balanceAfterNano ?? openingNano
  const totals = statementTotals(lines)
  return { statement: { ...period, accountName, currency, openingNano, lines, totals, closingNano }, frame }
}

async function readFrame(
  client: ClientBase,
  period: { accountId: string; from: number; to: number },
): Promise<StatementFrame> {
  const values = [period.accountId, new Date(period.from), new Date(period.to)]
  const { rows } = await client.query<Record<string, string>>(STATEMENT_FRAME, values)
  const [row] = rows
  if (!row) throw new ExportError('account_not_found', 'There is no such account.', 'accountId')
  const figure = (name: string) => BigInt(row[name] ?? 0)
  return {
    accountName: row.name ?? '',
    currency: row.currency ?? '',
    beforeSeq: figure('before_seq'),
    lastSeq: figure('last_seq'),
    headSeq: figure('head_seq'),
    openingNano: figure('opening_nano'),
    closingNano: figure('closing_nano'),
    walletNano: figure('wallet_nano'),
  }
}

function movementOf(row: LineRow): Movement {
  return {
    at: row.at.getTime(),
    day: row.day,
    kind: row.kind,
    orderReference: row.order_reference,
    documentNumber: row.document_number,
    requests: row.requests === null ? null : BigInt(row.requests),
    amountNano: BigInt(row.amount_nano),
    reason: row.reason,
    isOfOrder: row.is_of_order,
  }
}
