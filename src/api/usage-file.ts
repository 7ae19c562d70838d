import type { Readable } from 'node:stream'
import { EXPORT_CONTENT_TYPES } from '../exports/export-file.ts'
import type { ExportFormat, ExportRequest } from '../exports/export-request.ts'
import { requestExport } from '../exports/request-export.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { ExportError } from '../reports/export-error.ts'
import { exportUsage } from '../reports/export-usage.ts'
import { ID_SLACK_MS } from '../reports/usage-extent.ts'

/** A file of more requests is made by a job: nobody waits for it with a connection open. */
export const EVENTS_AT_ONCE_MAX = 10_000
const DAYS_MAX = 366
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface UsageFileAsked {
  accountId: string
  from: number
  to: number
  format: ExportFormat
  /** The key that asks. */
  requestedBy: string
}

export type UsageFile =
  | { readonly isReady: true; readonly content: Readable; readonly contentType: string; readonly name: string }
  | { readonly isReady: false; readonly exported: ExportRequest }

/**
 * The requests of a range as a file: at once where they are few, else by a job. The same range asked for again within the
 * hour is the same job.
 * @throws ExportError `invalid_request`; ExportRefusal `too_many_exports`
 */
export async function usageFile(desk: CashDesk, asked: UsageFileAsked): Promise<UsageFile> {
  const { accountId, from, to, format, requestedBy } = asked
  if (from >= to) throw new ExportError('invalid_request', 'to must be later than from.', 'to')
  if (to - from > DAYS_MAX * DAY_MS) {
    throw new ExportError('invalid_request', `to must be at most ${DAYS_MAX} days after from.`, 'to')
  }
  if (await hasMoreThan(desk, asked, EVENTS_AT_ONCE_MAX)) {
    const hour = Math.floor(desk.clock.now() / HOUR_MS)
    const exported = await requestExport(desk, {
      ...{ accountId, from, to, format, kind: 'USAGE', requestedBy },
      idempotencyKey: `usage-events ${from} ${to} ${format} ${hour}`,
    })
    return { isReady: false, exported }
  }
  const content = await exportUsage(desk, { accountId, from, to, format })
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  const name = `usage-${day(from)}-${day(to)}.${format}`
  return { isReady: true, content, contentType: EXPORT_CONTENT_TYPES[format], name }
}

/** Counts no further than it has to. */
async function hasMoreThan(
  { pool }: CashDesk,
  { accountId, from, to }: UsageFileAsked,
  most: number,
): Promise<boolean> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT FROM usage_event
       WHERE account_id = $1 AND created_at >= $2 AND created_at < $3 AND id >= uuid_v7_floor($4) AND id < uuid_v7_floor($5)
       LIMIT $6) found`,
    [
      ...[accountId, new Date(from), new Date(to)],
      ...[new Date(from - ID_SLACK_MS), new Date(to + ID_SLACK_MS), most + 1],
    ],
  )
  return (rows[0]?.count ?? 0) > most
}
