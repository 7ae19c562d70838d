import type { Pool } from 'pg'

/** An automatic top-up that waits for a new card. */
export interface SuspendedTopUp {
  accountId: string
  consentId: string
  currency: string
  amountMinor: bigint
  thresholdNano: bigint
  reason: string
}

/** By the consent it rested on, as the mail's link names it; null once it was resumed, replaced or switched off. */
export async function findSuspended(pool: Pool, consentId: string): Promise<SuspendedTopUp | null> {
  const { rows } = await pool.query<Record<string, string>>(
    `SELECT account_id, consent_id, currency, amount_minor, threshold_nano, suspended_reason FROM auto_top_up
     WHERE consent_id = $1 AND enabled AND suspended_at IS NOT NULL`,
    [consentId],
  )
  const [row] = rows
  if (!row) return null
  return {
    accountId: row.account_id as string,
    consentId: row.consent_id as string,
    currency: row.currency as string,
    amountMinor: BigInt(row.amount_minor as string),
    thresholdNano: BigInt(row.threshold_nano as string),
    reason: row.suspended_reason as string,
  }
}
