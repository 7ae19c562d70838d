import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import { ExportRefusal } from '../../exports/export-refusal.ts'
import { requestExport } from '../../exports/request-export.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { exportUsage } from '../../reports/export-usage.ts'
import { accountUsage } from '../../reports/usage/account-usage.ts'
import { eventFiltersOf, type RequestFilter } from './request-filter.ts'

/** Up to so many requests are sent at once; more take long enough for a job. */
const AT_ONCE_MAX = 20_000n

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const
export type RequestFormat = keyof typeof TYPES

export type Exported = { way: 'sent' } | { way: 'job'; exportId: string } | { way: 'refused'; text: string }

/**
 * Sends what passes the filter as a file, or has a job make it.
 * @param userId who asks, and is told when the file is made
 */
export async function exportRequests(
  desk: Pick<CashDesk, 'pool' | 'clock' | 'nudge' | 'logger'>,
  {
    accountId,
    userId,
    filter,
    format,
  }: { accountId: string; userId: string; filter: RequestFilter; format: RequestFormat },
  response: Response,
): Promise<Exported> {
  const { from, to } = filter.range
  // Sums know no single statuses: it may be fewer, never more.
  const { totals } = await accountUsage(desk, { accountId, from, to, filters: filter.filters })
  const filters = eventFiltersOf(filter)
  if (totals.requests > AT_ONCE_MAX) {
    try {
      const asked = {
        accountId,
        kind: 'USAGE',
        format,
        from,
        to,
        filters,
        requestedBy: userId,
        idempotencyKey: null,
      } as const
      return { way: 'job', exportId: (await requestExport(desk, asked)).id }
    } catch (error) {
      if (error instanceof ExportRefusal) return { way: 'refused', text: error.message }
      throw error
    }
  }
  const content = await exportUsage(desk, { accountId, from, to, filters, format })
  response.attachment(`requests-${filter.range.firstDay}-${filter.range.lastDay}.${format}`).type(TYPES[format])
  try {
    await pipeline(content, response)
  } catch (error) {
    // Once its head is out, what fails can only end the connection; mostly the reader has left.
    if (!response.headersSent) throw error
    desk.logger.info({ err: error }, 'a download ended early')
  }
  return { way: 'sent' }
}
