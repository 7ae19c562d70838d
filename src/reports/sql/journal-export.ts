import { ID_SLACK_MS } from '../usage-extent.ts'
import { exactDecimal, instantLiteral, isoInstant } from './export-columns.ts'

/**
 * The journal's lines of a half-open range (milliseconds since the epoch), each entry's together. Bounds on the time alone
 * would read every usage event there is; the range of their ids names the partitions.
 */
export function journalCsvQuery(from: number, to: number): string {
  return `
    SELECT ${isoInstant('line.at')} AS time, line.entry_id AS entry, line.kind, line.account_code, line.account_name,
           ${exactDecimal('line.debit_nano')} AS debit, ${exactDecimal('line.credit_nano')} AS credit,
           line.currency, line.account_id AS customer, line.source, line.source_id
    FROM journal_line line
    WHERE line.at >= ${instantLiteral(from)} AND line.at < ${instantLiteral(to)}
      AND (line.source <> 'usage_event' OR (line.source_id >= uuid_v7_floor(${instantLiteral(from - ID_SLACK_MS)})
                                        AND line.source_id < uuid_v7_floor(${instantLiteral(to + ID_SLACK_MS)})))
    ORDER BY line.at, line.entry_id, line.debit_nano DESC, line.account_code, line.credit_nano`
}
