import type { Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'

/** What a code is after it was to be disabled. A redeemed one stays what it is: its credits were given. */
export type DisabledCode = { ok: true } | { ok: false; reason: 'unknown' | 'redeemed' }

/** Nobody can redeem the code any more. One that was disabled before stays so, from that time on. */
export async function disableRedemptionCode(
  { pool, clock }: { pool: Pool; clock: Clock },
  codeId: string,
): Promise<DisabledCode> {
  const { rowCount } = await pool.query(
    `UPDATE redemption_code SET disabled_at = coalesce(disabled_at, $2) WHERE id = $1 AND redeemed_at IS NULL`,
    [codeId, new Date(clock.now())],
  )
  if (rowCount === 1) return { ok: true }
  const { rows } = await pool.query('SELECT FROM redemption_code WHERE id = $1', [codeId])
  return { ok: false, reason: rows.length === 1 ? 'redeemed' : 'unknown' }
}
