import type { Pool } from 'pg'

/** Two years: what is older is asked for by its address. */
const MONTHS_SHOWN_MAX = 24

export interface StatementMonth {
  /** Such as 2026-11. */
  month: string
  /** Such as "November 2026". */
  name: string
  /** It is stated as far as it has come. */
  isRunning: boolean
}

const NAME = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** The months (UTC) that an account has a statement of, the latest first. */
export async function statementMonths(pool: Pool, accountId: string, now: number): Promise<StatementMonth[]> {
  const { rows } = await pool.query<{ created_at: Date }>('SELECT created_at FROM account WHERE id = $1', [accountId])
  const openedAt = rows[0]?.created_at
  if (!openedAt) return []
  const indexOf = (time: Date) => time.getUTCFullYear() * 12 + time.getUTCMonth()
  const last = indexOf(new Date(now))
  const count = Math.min(last - indexOf(openedAt) + 1, MONTHS_SHOWN_MAX)
  return Array.from({ length: Math.max(count, 0) }, (_, back) => {
    const index = last - back
    const first = new Date(Date.UTC(Math.floor(index / 12), index % 12, 1))
    return { month: first.toISOString().slice(0, 7), name: NAME.format(first), isRunning: back === 0 }
  })
}
