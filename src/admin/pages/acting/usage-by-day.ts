import type { Pool } from 'pg'
import type { Clock } from '../../../lib/clock.ts'

const DAYS = 30
const DAY_MS = 86_400_000

export interface DayOfUsage {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string
  readonly requests: bigint
  /** What it cost the account, in nano. */
  readonly spentNano: bigint
}

/**
 * What an account used on each of the last 30 days (UTC), today included: its own requests at its price, or of a reseller,
 * its customers' at the wholesale price. As of the last time that usage was summed.
 */
export async function usageByDay(
  pool: Pool,
  clock: Clock,
  { id, kind }: { id: string; kind: 'CUSTOMER' | 'RESELLER' },
): Promise<DayOfUsage[]> {
  const today = Math.floor(clock.now() / DAY_MS) * DAY_MS
  const first = today - (DAYS - 1) * DAY_MS
  const whose =
    kind === 'CUSTOMER'
      ? { spent: 'price_nano', condition: 'account_id = $1' }
      : {
          spent: 'wholesale_nano',
          condition:
            'reseller_id = $1 AND account_id IN (SELECT account.id FROM account WHERE account.reseller_id = $1)',
        }
  const { rows } = await pool.query<{ day: string; requests: string; spent: string }>(
    `SELECT to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, sum(requests) AS requests, sum(${whose.spent}) AS spent
     FROM usage_rollup WHERE ${whose.condition} AND hour >= $2 GROUP BY 1`,
    [id, new Date(first)],
  )
  const known = new Map(rows.map((row) => [row.day, row]))
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(first + index * DAY_MS).toISOString().slice(0, 10)
    const row = known.get(day)
    return { day, requests: BigInt(row?.requests ?? 0), spentNano: BigInt(row?.spent ?? 0) }
  })
}
