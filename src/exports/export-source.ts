import type { Pool } from 'pg'
import { exportUsage } from '../reports/export-usage.ts'
import { writeStatementCsv } from '../reports/statement-csv.ts'
import { readStatement } from '../reports/statement-read.ts'
import { ID_SLACK_MS } from '../reports/usage-extent.ts'
import type { ExportRequest } from './export-request.ts'

/** The opening and the closing balance. */
const BALANCE_ROWS = 2

export interface ExportSource {
  rowsTotal: number
  content: AsyncIterable<Buffer>
  /** Lets go of the database, also where nothing was read. */
  close(): void
}

/**
 * What a file is made of. Requests that end while it is made may make it longer than was counted.
 * @throws ExportError for a range that cannot be exported as asked
 */
export async function openExportSource(pool: Pool, asked: ExportRequest): Promise<ExportSource> {
  const { accountId, from, to, format } = asked
  if (asked.kind === 'STATEMENT') {
    const statement = await readStatement({ pool }, { accountId, from, to })
    return {
      rowsTotal: statement.lines.length + BALANCE_ROWS,
      content: writeStatementCsv(statement),
      close: () => undefined,
    }
  }
  const rowsTotal = await countUsage(pool, asked)
  const content = await exportUsage({ pool }, { accountId, from, to, format })
  return { rowsTotal, content, close: () => content.destroy() }
}

async function countUsage(pool: Pool, { accountId, from, to }: ExportRequest): Promise<number> {
  const range = [new Date(from), new Date(to)]
  // Ids name the partitions and the time decides, as in the export itself.
  const ids = [new Date(from - ID_SLACK_MS), new Date(to + ID_SLACK_MS)]
  const { rows } = await pool.query<{ count: string }>(
    `SELECT count(*) FROM usage_event
     WHERE account_id = $1 AND created_at >= $2 AND created_at < $3 AND id >= uuid_v7_floor($4) AND id < uuid_v7_floor($5)`,
    [accountId, ...range, ...ids],
  )
  return Number(rows[0]?.count ?? 0)
}
