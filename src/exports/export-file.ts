import type { Readable } from 'node:stream'
import type { Pool } from 'pg'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import type { Clock } from '../lib/clock.ts'
import { ExportRefusal, exportNotFound } from './export-refusal.ts'
import { type ExportFormat, type ExportRequest, readExport, stateAt } from './export-request.ts'

export const EXPORT_CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/jsonl',
}

export interface ExportFile {
  content: Readable
  contentType: string
  sizeBytes: number
  sha256: Buffer
  /** Such as `usage-2026-11-01-2026-12-01.csv`. */
  name: string
}

export interface ExportFileDeps {
  pool: Pool
  clock: Clock
  storage: DocumentStorage
}

/**
 * One account's export.
 * @throws ExportRefusal `export_not_found`, also for somebody else's
 */
export async function ownExport(pool: Pool, accountId: string, exportId: string): Promise<ExportRequest> {
  const found = await readExport(pool, exportId)
  if (found?.accountId !== accountId) throw exportNotFound()
  return found
}

/**
 * A finished export's file, as a stream in constant memory.
 * @throws ExportRefusal `export_not_found`, `export_not_ready`, `export_failed`, `export_expired`
 */
export async function exportFile(
  { pool, clock, storage }: ExportFileDeps,
  accountId: string,
  exportId: string,
): Promise<ExportFile> {
  const found = await ownExport(pool, accountId, exportId)
  const state = stateAt(found, clock.now())
  if (state === 'EXPIRED') throw gone()
  if (state === 'FAILED') throw new ExportRefusal('export_failed', found.error ?? 'The file could not be made.')
  const { storageKey, sizeBytes, sha256 } = found
  if (state !== 'DONE' || storageKey === null || sizeBytes === null || sha256 === null) {
    throw new ExportRefusal('export_not_ready', 'The file is not ready yet; ask for its state until it is DONE.')
  }
  const content = await storage.readStream(storageKey)
  if (content === null) throw gone()
  return { content, contentType: EXPORT_CONTENT_TYPES[found.format], sizeBytes, sha256, name: nameOf(found) }
}

const gone = () => new ExportRefusal('export_expired', 'The file is not kept any more; ask for a new export.')

function nameOf({ kind, format, from, to }: ExportRequest): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  return `${kind.toLowerCase()}-${day(from)}-${day(to)}.${format}`
}
