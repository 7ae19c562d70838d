import type { Pool } from 'pg'
import { monthIn, nextMonth, startOf, type UsageMonth } from './usage-month.ts'

/**
 * How long after its end a month is closed: what was booked in its last moment has been committed by then, and clocks of several
 * machines have agreed.
 */
export const CLOSES_AFTER_MS = 3_600_000

export interface DueMonths {
  readonly accountId: string
  readonly sellerId: string
  readonly timeZone: string
  /** In order, each to be closed before the next. */
  readonly months: readonly UsageMonth[]
}

interface CustomerRow {
  account_id: string
  seller_id: string
  time_zone: string
  since: Date
  closed: UsageMonth | null
}

const CUSTOMERS = `
  SELECT sold.account_id, sold.seller_id, seller.time_zone, min(sold.paid_at) AS since,
         (SELECT to_char(max(month), 'YYYY-MM-DD') FROM usage_period period
          WHERE period.account_id = sold.account_id AND period.seller_id = sold.seller_id) AS closed
  FROM payment_order sold JOIN seller ON seller.id = sold.seller_id
  WHERE sold.tax_point = 'USAGE' AND sold.paid_at IS NOT NULL
  GROUP BY sold.account_id, sold.seller_id, seller.time_zone
  ORDER BY closed NULLS FIRST, since`

/** The months of vouchers that are over and not closed, of whoever has waited longest first. */
export async function dueUsageMonths(pool: Pool, now: number): Promise<DueMonths[]> {
  const { rows } = await pool.query<CustomerRow>(CUSTOMERS)
  return rows
    .map(({ account_id: accountId, seller_id: sellerId, time_zone: timeZone, since, closed }) => {
      const first = closed === null ? monthIn(timeZone, since.getTime()) : nextMonth(closed)
      return { accountId, sellerId, timeZone, months: overMonths(timeZone, first, now - CLOSES_AFTER_MS) }
    })
    .filter(({ months }) => months.length > 0)
}

/** From a month on, those that had ended at an instant. */
function overMonths(timeZone: string, first: UsageMonth, at: number): UsageMonth[] {
  const running = monthIn(timeZone, at)
  const months: UsageMonth[] = []
  for (let month = first; month < running; month = nextMonth(month)) months.push(month)
  return months
}

/** The end of a month: milliseconds since the epoch. */
export function endOf(timeZone: string, month: UsageMonth): number {
  return startOf(timeZone, nextMonth(month))
}
