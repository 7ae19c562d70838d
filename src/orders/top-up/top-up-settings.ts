import type { ClientBase, Pool } from 'pg'

/** How an account buys credits by itself. Amounts of money in minor units, the threshold in nano, times in milliseconds. */
export interface TopUpSettings {
  accountId: string
  enabled: boolean
  currency: string
  thresholdNano: bigint
  amountMinor: bigint
  dailyCapMinor: bigint | null
  monthlyCapMinor: bigint | null
  paymentMethodId: string
  consentId: string
  failures: number
  nextAttemptAt: number | null
  suspendedAt: number | null
  suspendedReason: string | null
  lastAttemptAt: number | null
  lastResult: string | null
}

interface Row {
  account_id: string
  enabled: boolean
  currency: string
  threshold_nano: string
  amount_minor: string
  daily_cap_minor: string | null
  monthly_cap_minor: string | null
  payment_method_id: string
  consent_id: string
  failures: number
  next_attempt_at: Date | null
  suspended_at: Date | null
  suspended_reason: string | null
  last_attempt_at: Date | null
  last_result: string | null
}

export async function readTopUpSettings(
  client: ClientBase | Pool,
  accountId: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<TopUpSettings | null> {
  const { rows } = await client.query<Row>(
    `SELECT * FROM auto_top_up WHERE account_id = $1 ${lock ? 'FOR UPDATE' : ''}`,
    [accountId],
  )
  const [row] = rows
  return row ? settingsOf(row) : null
}

function settingsOf(row: Row): TopUpSettings {
  return {
    accountId: row.account_id,
    enabled: row.enabled,
    currency: row.currency,
    thresholdNano: BigInt(row.threshold_nano),
    amountMinor: BigInt(row.amount_minor),
    dailyCapMinor: row.daily_cap_minor === null ? null : BigInt(row.daily_cap_minor),
    monthlyCapMinor: row.monthly_cap_minor === null ? null : BigInt(row.monthly_cap_minor),
    paymentMethodId: row.payment_method_id,
    consentId: row.consent_id,
    failures: row.failures,
    nextAttemptAt: row.next_attempt_at?.getTime() ?? null,
    suspendedAt: row.suspended_at?.getTime() ?? null,
    suspendedReason: row.suspended_reason,
    lastAttemptAt: row.last_attempt_at?.getTime() ?? null,
    lastResult: row.last_result,
  }
}

/** Lets the ledger watch for the threshold, or lets it be. Locks the wallet: do it last. */
export async function watchThreshold(
  client: ClientBase,
  accountId: string,
  thresholdNano: bigint | null,
  now: number,
): Promise<{ isDue: boolean }> {
  const { rows } = await client.query<{ is_due: boolean }>(
    `UPDATE wallet SET top_up_below_nano = $2::bigint,
       top_up_due_at = CASE WHEN balance_nano < $2::bigint THEN coalesce(top_up_due_at, $3::timestamptz) END
     WHERE account_id = $1 RETURNING top_up_due_at IS NOT NULL AS is_due`,
    [accountId, thresholdNano, new Date(now)],
  )
  return { isDue: rows[0]?.is_due ?? false }
}
