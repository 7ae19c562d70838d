import { tmpdir } from 'node:os'
import type pg from 'pg'
import { openDocumentStorage } from '../../src/invoicing/document-storage.ts'
import { formatInvoiceReport, verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { verifyBooks } from '../../src/verify-books.ts'

/** Counts by hand what the product's own proof derives as well: no number missing, none twice, one invoice an order. */
const SERIES = `
  SELECT count(*)::int AS documents, count(DISTINCT sequence)::int AS sequences, count(DISTINCT number)::int AS numbers,
    count(DISTINCT order_id)::int AS orders, min(sequence)::int AS first, max(sequence)::int AS last
  FROM tax_document GROUP BY series_id, year`

/** @throws unless the invoices are as many as expected, numbered without gap or duplicate, and documents and books are clean */
export async function assertInvoiced(pool: pg.Pool, connectionString: string, expected: number): Promise<void> {
  const { rows } =
    await pool.query<Record<'documents' | 'sequences' | 'numbers' | 'orders' | 'first' | 'last', number>>(SERIES)
  const isGapless = rows.every(
    ({ documents, sequences, numbers, orders, first, last }) =>
      first === 1 && [sequences, numbers, orders, last].every((figure) => figure === documents),
  )
  // More than one row where a new year began meanwhile.
  const documents = rows.reduce((sum, row) => sum + row.documents, 0)
  if (!isGapless || documents !== expected) {
    throw new Error(`${expected} invoices in one series were to be issued, but there are ${JSON.stringify(rows)}`)
  }
  // No file was kept, so nothing is read from the folder.
  const storage = openDocumentStorage({ location: tmpdir(), credentials: null })
  const report = await verifyInvoices({ pool, storage })
  if (!report.ok) throw new Error(formatInvoiceReport(report).join('\n'))
  const { ok, findings } = await verifyBooks(connectionString)
  if (!ok) throw new Error(`the books are broken: ${JSON.stringify(findings[0])}`)
}
