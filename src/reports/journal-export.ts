import type { Readable } from 'node:stream'
import type { Pool } from 'pg'
import { z } from 'zod'
import { copyRows } from './export-copy.ts'
import { rangeFields, readRange } from './export-range.ts'
import { journalCsvQuery } from './sql/journal-export.ts'

const request = z.strictObject(rangeFields)
export type JournalExport = z.input<typeof request>

/**
 * The general ledger's journal of a half-open range of time (milliseconds since the epoch) as CSV, a line a debit or
 * credit, the oldest entry first. It has the costs of providers: for the operator alone. No cell of it is a text that
 * anybody outside has written.
 *
 * @throws ExportError `invalid_request`
 */
export async function exportJournal({ pool }: { pool: Pool }, asked: JournalExport): Promise<Readable> {
  const { from, to } = readRange(request, asked)
  return copyRows(pool, journalCsvQuery(from, to), 'csv')
}
