import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { recordConsent } from './consent.ts'
import { readTopUpSettings, watchThreshold } from './top-up-settings.ts'

export interface Resumption {
  accountId: string
  /** The consent that the link was made from; one that was replaced since resumes nothing. */
  consentId: string
  paymentMethodId: string
}

/** Goes on with automatic top-up on a newly saved card, in the caller's transaction. Returns whether it did. */
export async function resumeTopUp(client: ClientBase, clock: Clock, resumption: Resumption): Promise<boolean> {
  const { accountId, consentId, paymentMethodId } = resumption
  const settings = await readTopUpSettings(client, accountId, { lock: true })
  if (settings?.consentId !== consentId || !settings.enabled) return false
  const actor = { actorId: accountId, actorKind: 'recovery_link', clientIp: null } as const
  const renewed = await recordConsent(client, clock, { ...settings, paymentMethodId }, actor)
  const at = new Date(clock.now())
  await client.query(
    `UPDATE auto_top_up SET payment_method_id = $2, consent_id = $3, failures = 0, next_attempt_at = NULL,
       suspended_at = NULL, suspended_reason = NULL, last_result = 'resumed', updated_at = $4 WHERE account_id = $1`,
    [accountId, paymentMethodId, renewed, at],
  )
  await watchThreshold(client, accountId, settings.thresholdNano, clock.now())
  return true
}
