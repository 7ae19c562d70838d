import { hash } from 'node:crypto'
import type { Pool } from 'pg'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { DOCUMENT_FORMATS, type DocumentDeps, type DocumentFormat, renderFormat } from '../document-file.ts'
import type { DocumentSnapshot } from '../document-snapshot.ts'
import { readSnapshot } from '../snapshot-json.ts'
import { dueUsageMonths } from '../usage/due-usage-months.ts'
import { DOCUMENT_CHECKS } from './document-checks.ts'
import { createMissingRates } from './missing-rates.ts'
import { type StoredFigures, snapshotFindings } from './snapshot-findings.ts'

export interface InvoiceFinding {
  check: string
  /** The document's number, or whatever names the row. */
  row: string
  message: string
}

export interface InvoiceReport {
  ok: boolean
  documents: number
  files: number
  findings: InvoiceFinding[]
  /** What is no fault of the documents, but wants to be known. */
  warnings: InvoiceFinding[]
  checks: { name: string; promise: string; findings: number }[]
}

const PAGE = 200
const DAY_MS = 86_400_000
/** Named rows that are kept; a table that is broken everywhere must not fill the memory. */
const FINDINGS_MAX = 1_000

const PROMISES = {
  'document-content': 'each document adds up and has the hash of its content',
  'file-kept': 'each stored file is there and has its hash',
  'file-again': 'rendering a document again gives the same bytes',
  'usage-due': 'each month of use is invoiced within a day of its end',
} as const

interface DocumentRow {
  id: string
  kind: string
  number: string
  currency: string
  net_minor: string
  tax_minor: string
  total_minor: string
  issue_date: string
  snapshot: unknown
  snapshot_sha256: Buffer
}

/** Proves the documents: numbers, totals, orders and refunds from rows alone; then each content, file and rendering. */
export async function verifyInvoices(
  deps: Pick<DocumentDeps, 'pool' | 'storage'> & { clock?: Clock },
  progress: (documents: number) => void = () => undefined,
): Promise<InvoiceReport> {
  const counts = new Map<string, number>()
  const findings: InvoiceFinding[] = []
  const add = (finding: InvoiceFinding) => {
    counts.set(finding.check, (counts.get(finding.check) ?? 0) + 1)
    if (findings.length < FINDINGS_MAX) findings.push(finding)
  }
  for (const { name, sql } of DOCUMENT_CHECKS) {
    const { rows } = await deps.pool.query<{ row: string; message: string }>(sql)
    for (const row of rows) add({ check: name, ...row })
  }
  for (const finding of await lateMonths(deps)) add(finding)
  const missingRates = createMissingRates()
  let [documents, files] = [0, 0]
  for await (const row of eachDocument(deps)) {
    const snapshot = readSnapshot(row.snapshot)
    missingRates.look(snapshot)
    files += await verifyDocument(deps, row, snapshot, add)
    documents += 1
    if (documents % PAGE === 0) progress(documents)
  }
  const promises = [...DOCUMENT_CHECKS, ...Object.entries(PROMISES).map(([name, promise]) => ({ name, promise }))]
  const checks = promises.map(({ name, promise }) => ({ name, promise, findings: counts.get(name) ?? 0 }))
  return { ok: counts.size === 0, documents, files, findings, warnings: missingRates.warnings(), checks }
}

/** Months of use that should have been closed yesterday. */
async function lateMonths({ pool, clock = systemClock }: { pool: Pool; clock?: Clock }): Promise<InvoiceFinding[]> {
  const late = await dueUsageMonths(pool, clock.now() - DAY_MS)
  return late.map(({ accountId, months }) => ({
    ...{ check: 'usage-due', row: `${accountId} ${months[0]?.slice(0, 7)}` },
    message: `is over, but not invoiced${months.length > 1 ? `, nor are ${months.length - 1} after it` : ''}`,
  }))
}

async function* eachDocument({ pool }: Pick<DocumentDeps, 'pool'>): AsyncGenerator<DocumentRow> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await pool.query<DocumentRow>(
      `SELECT id, kind, number, currency, net_minor, tax_minor, total_minor, to_char(issue_date, 'YYYY-MM-DD') AS issue_date,
              snapshot, snapshot_sha256
       FROM tax_document WHERE id > $1 ORDER BY id LIMIT ${PAGE}`,
      [after],
    )
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    after = last.id
  }
}

/** Returns how many files the document has. */
async function verifyDocument(
  deps: Pick<DocumentDeps, 'pool' | 'storage'>,
  row: DocumentRow,
  snapshot: DocumentSnapshot,
  add: (finding: InvoiceFinding) => void,
): Promise<number> {
  const stored: StoredFigures = {
    ...{ kind: row.kind, number: row.number, currency: row.currency, issueDate: row.issue_date },
    ...{ netMinor: BigInt(row.net_minor), taxMinor: BigInt(row.tax_minor), totalMinor: BigInt(row.total_minor) },
    snapshotSha256: row.snapshot_sha256,
  }
  for (const message of snapshotFindings(snapshot, stored)) add({ check: 'document-content', row: row.number, message })
  const files = await filesOf(deps, row.id)
  for (const { format, sha256, storageKey } of files) {
    const kept = await deps.storage.read(storageKey)
    if (!kept) add({ check: 'file-kept', row: row.number, message: `its ${format} is not in storage` })
    else if (!isOf(kept, sha256))
      add({ check: 'file-kept', row: row.number, message: `its stored ${format} was changed` })
    // What cannot be rendered at all was tampered with as well.
    const again = await renderFormat(deps, snapshot, format).catch(() => Buffer.alloc(0))
    if (!isOf(again, sha256))
      add({ check: 'file-again', row: row.number, message: `its ${format} is rendered differently now` })
  }
  return files.length
}

async function filesOf({ pool }: Pick<DocumentDeps, 'pool'>, documentId: string) {
  const { rows } = await pool.query<{ format: DocumentFormat; sha256: Buffer; storageKey: string }>(
    `SELECT format, sha256, storage_key AS "storageKey" FROM document_file WHERE document_id = $1 ORDER BY format`,
    [documentId],
  )
  return rows.filter(({ format }) => DOCUMENT_FORMATS.includes(format))
}

function isOf(content: Buffer, sha256: Buffer): boolean {
  return hash('sha256', content, 'buffer').equals(sha256)
}

/** The report as lines for people. */
export function formatInvoiceReport({ ok, documents, files, findings, warnings, checks }: InvoiceReport): string[] {
  const lines = checks.flatMap(({ name, promise, findings: count }) => [
    count === 0 ? `✓ ${promise}` : `✗ ${promise} (${name}): ${count} ${count === 1 ? 'finding' : 'findings'}`,
    ...findings.filter(({ check }) => check === name).map(({ row, message }) => `    ${row}: ${message}`),
  ])
  return [
    ...lines,
    ...warnings.map(({ row, message }) => `! ${row}: ${message}`),
    '',
    `checked ${documents} documents, ${files} files`,
    ok ? 'invoices are clean' : `${findings.length} findings`,
  ]
}
