import type { Pool } from 'pg'
import { exportUsage } from '../reports/export-usage.ts'
import { bindValues } from '../reports/sql/bind-values.ts'
import { writeStatementCsv } from '../reports/statement-csv.ts'
import { readStatement } from '../reports/statement-read.ts'
import { eventConditions } from '../reports/usage/sql/read-events.ts'
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
  const { accountId, from, to, format, filters } = asked
  if (asked.kind === 'STATEMENT') {
    const statement = await readStatement({ pool }, { accountId, from, to })
    return {
      rowsTotal: statement.lines.length + BALANCE_ROWS,
      content: writeStatementCsv(statement),
      close: () => undefined,
    }
  }
  const rowsTotal = await countUsage(pool, asked)
  const content = await exportUsage({ pool }, { accountId, from, to, format, filters })
  return { rowsTotal, content, close: () => content.destroy() }
}

async function countUsage(pool: Pool, { accountId, from, to, filters }: ExportRequest): Promise<number> {
  const values = bindValues()
  const instant = (at: number) => values.bind(new Date(at), 'timestamptz')
  // Ids name the partitions and the time decides, as in the export itself.
  const conditions = [
    `u.account_id = ${values.bind(accountId, 'uuid')}`,
    `u.created_at >= ${instant(from)} AND u.created_at < ${instant(to)}`,
    `u.id >= uuid_v7_floor(${instant(from - ID_SLACK_MS)}) AND u.id < uuid_v7_floor(${instant(to + ID_SLACK_MS)})`,
    ...eventConditions(filters, values),
  ]
  const { rows } = await pool.query<{ count: string }>(
    `SELECT count(*) FROM usage_event u WHERE ${conditions.join(' AND ')}`,
    values.values,
  )
  return Number(rows[0]?.count ?? 0)
}
