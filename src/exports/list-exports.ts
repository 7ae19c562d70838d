import type { Pool } from 'pg'
import { type ExportKind, type ExportRequest, type ExportRow, exportOf } from './export-request.ts'

/**
 * An account's exports of some kinds, the newest first, page by page.
 * @param cursor the last id of the page before; null = from the newest
 */
export async function listExports(
  pool: Pool,
  accountId: string,
  { kinds, cursor, limit }: { kinds: readonly ExportKind[]; cursor: string | null; limit: number },
): Promise<{ exports: ExportRequest[]; next: string | null }> {
  const { rows } = await pool.query<ExportRow>(
    `SELECT * FROM export_request WHERE account_id = $1 AND kind = ANY ($2::text[]) AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4`,
    [accountId, kinds, cursor, limit + 1],
  )
  const exports = rows.slice(0, limit).map(exportOf)
  return { exports, next: rows.length > limit ? (exports.at(-1)?.id ?? null) : null }
}
