import type { Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Nudge } from '../../lib/nudge.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { OrderError } from '../order-error.ts'
import type { PurchaseLimits } from '../packages.ts'
import { paymentMethodNotFound } from '../stripe/payment-methods.ts'
import { CONSENT_VERSION, type ConsentActor, recordConsent } from './consent.ts'
import { readTopUpSettings, type TopUpSettings, watchThreshold } from './top-up-settings.ts'

export interface TopUpChangeDeps {
  pool: Pool
  clock: Clock
  nudge: Nudge
  currency: string
  limits: PurchaseLimits
}

export interface TopUpChange {
  accountId: string
  /** When the balance falls below this, in minor units. */
  thresholdMinor: bigint
  /** So much is bought. */
  amountMinor: bigint
  dailyCapMinor: bigint | null
  monthlyCapMinor: bigint | null
  paymentMethodId: string
  /** The version of the text that was agreed to. */
  consentVersion: string
  actor: ConsentActor
}

/**
 * Switches automatic top-up on, or changes it; a consent is recorded each time, and failures of before are forgotten.
 * @throws OrderError naming the field at fault
 */
export async function enableTopUp(deps: TopUpChangeDeps, change: TopUpChange): Promise<TopUpSettings> {
  const { pool, clock, nudge, currency } = deps
  refuseWrongAmounts(deps, change)
  const { accountId, amountMinor, dailyCapMinor, monthlyCapMinor, paymentMethodId } = change
  const thresholdNano = change.thresholdMinor * NANO_PER_CENT
  const agreed = { accountId, currency, thresholdNano, amountMinor, dailyCapMinor, monthlyCapMinor, paymentMethodId }
  const { settings, isDue } = await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      'SELECT FROM payment_method WHERE id = $1 AND account_id = $2 AND detached_at IS NULL',
      [paymentMethodId, accountId],
    )
    if (rowCount !== 1) throw paymentMethodNotFound()
    const consentId = await recordConsent(client, clock, agreed, change.actor)
    await client.query(
      `INSERT INTO auto_top_up (account_id, enabled, currency, threshold_nano, amount_minor, daily_cap_minor, monthly_cap_minor,
         payment_method_id, consent_id, updated_at) VALUES ($1, true, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (account_id) DO UPDATE SET enabled = true, currency = $2, threshold_nano = $3, amount_minor = $4,
         daily_cap_minor = $5, monthly_cap_minor = $6, payment_method_id = $7, consent_id = $8, updated_at = $9,
         failures = 0, next_attempt_at = NULL, suspended_at = NULL, suspended_reason = NULL`,
      [
        ...[accountId, currency, thresholdNano, amountMinor, dailyCapMinor, monthlyCapMinor],
        ...[paymentMethodId, consentId, new Date(clock.now())],
      ],
    )
    const settings = (await readTopUpSettings(client, accountId)) as TopUpSettings
    return { settings, ...(await watchThreshold(client, accountId, thresholdNano, clock.now())) }
  })
  if (isDue) nudge({ job: 'auto-top-up', accountId })
  return settings
}

/** Switches automatic top-up off. What is under way is not called back. */
export async function disableTopUp(
  { pool, clock }: Pick<TopUpChangeDeps, 'pool' | 'clock'>,
  accountId: string,
): Promise<TopUpSettings | null> {
  return inTransaction(pool, async (client) => {
    await client.query('UPDATE auto_top_up SET enabled = false, updated_at = $2 WHERE account_id = $1', [
      accountId,
      new Date(clock.now()),
    ])
    const settings = await readTopUpSettings(client, accountId)
    await watchThreshold(client, accountId, null, clock.now())
    return settings
  })
}

function refuseWrongAmounts({ limits, currency }: TopUpChangeDeps, change: TopUpChange): void {
  const refuse = (field: string, expected: string): never => {
    throw new OrderError('invalid_request', `'${field}' must be ${expected}.`, { field })
  }
  const shown = (minor: bigint) => formatMoney(minor * NANO_PER_CENT, currency, 'exact')
  const { thresholdMinor, amountMinor, dailyCapMinor, monthlyCapMinor } = change
  if (change.consentVersion !== CONSENT_VERSION) refuse('consentVersion', `'${CONSENT_VERSION}', the text in force`)
  if (thresholdMinor <= 0n || thresholdMinor > limits.maximumMinor) {
    refuse('thresholdCents', `above zero and at most ${shown(limits.maximumMinor)}`)
  }
  if (amountMinor < limits.minimumMinor || amountMinor > limits.maximumMinor) {
    refuse('amountCents', `from ${shown(limits.minimumMinor)} to ${shown(limits.maximumMinor)}`)
  }
  if (amountMinor < thresholdMinor) {
    refuse(
      'amountCents',
      `at least the threshold (${shown(thresholdMinor)}), or one top-up would not bring the balance over it`,
    )
  }
  if (dailyCapMinor !== null && dailyCapMinor < amountMinor)
    refuse('dailyCapCents', 'at least the amount of one top-up')
  if (monthlyCapMinor !== null && monthlyCapMinor < amountMinor)
    refuse('monthlyCapCents', 'at least the amount of one top-up')
}
