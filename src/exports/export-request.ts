import type { ClientBase, Pool } from 'pg'
import type { z } from 'zod'
import type { USAGE_EXPORT_FORMATS } from '../reports/export-usage.ts'
import type { eventFilters } from '../reports/usage/event-filters.ts'

export const EXPORT_KINDS = ['USAGE', 'STATEMENT'] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]
export type ExportFormat = (typeof USAGE_EXPORT_FORMATS)[number]
/** What a usage export is narrowed by; empty = everything. */
export type ExportFilters = z.output<typeof eventFilters>
export type ExportState = 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'EXPIRED'

/** An export as its row has it. Times in milliseconds since the epoch, the range half-open. */
export interface ExportRequest {
  readonly id: string
  readonly accountId: string
  readonly kind: ExportKind
  readonly format: ExportFormat
  readonly filters: ExportFilters
  readonly from: number
  readonly to: number
  readonly state: ExportState
  /** Runs that were begun; the number of a run is its right to speak for the export. */
  readonly attempts: number
  /** Null = not counted yet. Rows of a CSV without its header. */
  readonly rowsTotal: number | null
  readonly rowsDone: number
  readonly sizeBytes: number | null
  readonly sha256: Buffer | null
  readonly storageKey: string | null
  /** Why it failed, in words for the customer. */
  readonly error: string | null
  /** The access key or user that asked. */
  readonly requestedBy: string
  readonly createdAt: number
  readonly finishedAt: number | null
  readonly expiresAt: number | null
}

export interface ExportRow {
  id: string
  account_id: string
  kind: ExportKind
  format: ExportFormat
  filters: ExportFilters
  range_from: Date
  range_to: Date
  state: ExportState
  attempts: number
  rows_total: string | null
  rows_done: string
  size_bytes: string | null
  sha256: Buffer | null
  storage_key: string | null
  error: string | null
  requested_by: string
  created_at: Date
  finished_at: Date | null
  expires_at: Date | null
}

const timeOf = (date: Date | null) => date?.getTime() ?? null
const countOf = (text: string | null) => (text === null ? null : Number(text))

export function exportOf(row: ExportRow): ExportRequest {
  return {
    ...{ id: row.id, accountId: row.account_id, kind: row.kind, format: row.format, state: row.state },
    ...{ filters: row.filters, requestedBy: row.requested_by },
    ...{ from: row.range_from.getTime(), to: row.range_to.getTime(), attempts: row.attempts },
    ...{ rowsTotal: countOf(row.rows_total), rowsDone: Number(row.rows_done), sizeBytes: countOf(row.size_bytes) },
    ...{ sha256: row.sha256, storageKey: row.storage_key, error: row.error },
    ...{ createdAt: row.created_at.getTime(), finishedAt: timeOf(row.finished_at), expiresAt: timeOf(row.expires_at) },
  }
}

export async function readExport(client: ClientBase | Pool, exportId: string): Promise<ExportRequest | null> {
  const { rows } = await client.query<ExportRow>('SELECT * FROM export_request WHERE id = $1', [exportId])
  return rows[0] ? exportOf(rows[0]) : null
}

/** The state as the clock has it: a file whose time is over counts as gone, whether or not it was removed yet. */
export function stateAt({ state, expiresAt }: ExportRequest, now: number): ExportState {
  return state === 'DONE' && expiresAt !== null && expiresAt <= now ? 'EXPIRED' : state
}
