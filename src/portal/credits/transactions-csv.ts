import type { Pool } from 'pg'
import { csvChunks, fixedDecimal, neutral } from '../../reports/csv.ts'
import { accountTransactions, type Transaction } from '../../reports/usage/account-transactions.ts'

type Asked = Omit<Parameters<typeof accountTransactions>[1], 'cursor' | 'limit'>

/** What a page of usage by the day may hold. */
const LINES_A_READ = 100
/** Spreadsheets open little more; a year of daily usage is far below. */
const LINES_MAX = 50_000

const HEADER = [
  ...['time', 'type', 'description', 'requests', 'order_reference', 'document_number'],
  ...['amount', 'balance_after', 'currency', 'credits_expire'],
]

/**
 * The lines of a view as CSV, the newest first: exact decimals of nine digits, times in UTC (ISO 8601). Read page by page,
 * so that any length takes the same memory.
 */
export async function* transactionsCsv({ pool }: { pool: Pool }, asked: Asked): AsyncGenerator<Buffer> {
  let cursor: bigint | null = null
  let header: readonly string[] | null = HEADER
  for (let lines = 0; lines < LINES_MAX; lines += LINES_A_READ) {
    const page: Awaited<ReturnType<typeof accountTransactions>> = await accountTransactions(
      { pool },
      { ...asked, cursor, limit: LINES_A_READ },
    )
    const [first, ...rest] = [...(header ? [header] : []), ...page.transactions.map(cellsOf)]
    if (first) yield* csvChunks(first, rest)
    header = null
    cursor = page.next
    if (cursor === null) return
  }
  yield* csvChunks(['', `Ended after ${LINES_MAX} lines: choose a shorter range for the rest.`, ...blanks()], [])
}

const blanks = () => HEADER.slice(2).map(() => '')

function cellsOf(line: Transaction): string[] {
  return [
    ...[new Date(line.at).toISOString(), line.type, neutral(line.description), line.requests?.toString() ?? ''],
    ...[neutral(line.order?.reference ?? null), neutral(line.document?.number ?? null)],
    ...[fixedDecimal(line.amountNano), fixedDecimal(line.balanceAfterNano), line.currency],
    line.lot?.expiresAt == null ? '' : new Date(line.lot.expiresAt).toISOString(),
  ]
}
