import { hash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import type { DocumentSnapshot } from './document-snapshot.ts'
import type { DocumentStorage } from './document-storage.ts'
import { documentNotFound } from './invoicing-error.ts'
import { readLogo } from './seller.ts'
import { readSnapshot } from './snapshot-json.ts'
import { ciiXml } from './xml/cii.ts'
import { ublXml } from './xml/ubl.ts'

export const DOCUMENT_FORMATS = ['pdf', 'cii', 'ubl'] as const
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number]

const CONTENT_TYPES: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'application/pdf',
  cii: 'application/xml',
  ubl: 'application/xml',
}

export interface DocumentDeps {
  pool: Pool
  clock: Clock
  storage: DocumentStorage
}

export interface DocumentFile {
  content: Buffer
  contentType: string
  /** Such as `FB-2026-000001.pdf`. */
  name: string
}

interface DocumentRow {
  id: string
  seller_id: string
  number: string
  year: number
  snapshot: unknown
  sha256: Buffer | null
  storage_key: string | null
}

/**
 * A document as it is downloaded: from storage, or rendered now and kept. What is kept must have the hash that was written
 * down when it was first rendered; a file that was lost or damaged is rendered again and must come out the same.
 * @param accountId whose document it has to be; null = anybody's, for the operator
 * @throws InvoicingError `document_not_found`
 */
export async function documentFile(
  deps: DocumentDeps,
  documentId: string,
  format: DocumentFormat,
  accountId: string | null,
): Promise<DocumentFile> {
  const { rows } = await deps.pool.query<DocumentRow>(
    `SELECT document.id, seller_id, number, year, snapshot, file.sha256, file.storage_key
     FROM tax_document document LEFT JOIN document_file file ON file.document_id = document.id AND file.format = $2
     WHERE document.id = $1 AND ($3::uuid IS NULL OR account_id = $3)`,
    [documentId, format, accountId],
  )
  const [row] = rows
  if (!row) throw documentNotFound()
  const content = (await keptFile(deps, row)) ?? (await renderAndKeep(deps, row, format))
  const name = `${row.number.replace(/[^A-Za-z0-9._-]/g, '-')}.${format === 'pdf' ? 'pdf' : 'xml'}`
  return { content, contentType: CONTENT_TYPES[format], name }
}

async function keptFile({ storage }: DocumentDeps, { sha256, storage_key: key }: DocumentRow): Promise<Buffer | null> {
  if (sha256 === null || key === null) return null
  const content = await storage.read(key)
  return content && hash('sha256', content, 'buffer').equals(sha256) ? content : null
}

async function renderAndKeep(deps: DocumentDeps, row: DocumentRow, format: DocumentFormat): Promise<Buffer> {
  const { pool, clock, storage } = deps
  const snapshot = readSnapshot(row.snapshot)
  const content = await renderFormat(deps, snapshot, format)
  const sha256 = hash('sha256', content, 'buffer')
  if (row.sha256 !== null && !row.sha256.equals(sha256)) {
    throw new Error(`document ${row.number}: rendering it again as ${format} gives other bytes than before`)
  }
  const key = row.storage_key ?? `${row.seller_id}/${row.year}/${row.id}.${format === 'pdf' ? 'pdf' : `${format}.xml`}`
  await storage.write(key, content, CONTENT_TYPES[format])
  await pool.query(
    `INSERT INTO document_file (document_id, format, sha256, size_bytes, storage_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING`,
    [row.id, format, sha256, content.length, key, new Date(clock.now())],
  )
  return content
}

/** The bytes of a snapshot in a format: the same today and in ten years. */
export async function renderFormat(
  { pool }: Pick<DocumentDeps, 'pool'>,
  snapshot: DocumentSnapshot,
  format: DocumentFormat,
): Promise<Buffer> {
  if (format === 'ubl') return Buffer.from(ublXml(snapshot))
  const xml = ciiXml(snapshot)
  if (format === 'cii') return Buffer.from(xml)
  // Fonts and all are loaded by the first process that renders, not by each that serves requests.
  const { renderDocument } = await import('./pdf/render-document.ts')
  return renderDocument({ snapshot, xml, logo: await readLogo(pool, snapshot.seller.logoSha256) })
}

/** Documents whose PDF was not made yet, oldest first. */
export async function documentsToRender({ pool }: Pick<DocumentDeps, 'pool'>, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM tax_document document
     WHERE NOT EXISTS (SELECT FROM document_file WHERE document_id = document.id AND format = 'pdf')
     ORDER BY id LIMIT $1`,
    [limit],
  )
  return rows.map(({ id }) => id)
}
