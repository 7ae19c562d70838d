import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { queueMailToAccount } from '../../mail/queue-mail.ts'
import { resumeTopUpPath } from '../order-path.ts'
import { watchThreshold } from './top-up-settings.ts'

export interface Suspension {
  /** For machines. */
  reason: 'three_failures' | 'hard_decline' | 'dispute'
  /** The decline that led to it, where one did. */
  code: string
  /** The payment provider's own words, where there are any. */
  said: string | null
}

const IN_WORDS: Readonly<Record<Suspension['reason'], string>> = {
  three_failures: 'The card was declined three times in a row.',
  hard_decline: 'The card was declined in a way that trying again cannot mend.',
  dispute: 'A payment of this account is disputed.',
}

/** Stops automatic top-ups until somebody resumes them, and says so, once. Locks the wallet: do it last. */
export async function suspendTopUp(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  { reason, code, said }: Suspension,
): Promise<void> {
  const at = new Date(clock.now())
  const { rows } = await client.query<{ consent_id: string }>(
    `UPDATE auto_top_up SET suspended_at = $2, suspended_reason = $3, next_attempt_at = NULL, updated_at = $2
     WHERE account_id = $1 AND suspended_at IS NULL RETURNING consent_id`,
    [accountId, at, reason],
  )
  const [suspended] = rows
  if (!suspended) return
  await queueMailToAccount(
    client,
    clock,
    accountId,
    'top-up-suspended',
    {
      reason: said === null ? IN_WORDS[reason] : `${IN_WORDS[reason]} ${said}`,
      code,
      path: resumeTopUpPath(suspended.consent_id),
    },
    `top-up-suspended:${accountId}:${at.toISOString()}`,
  )
  await watchThreshold(client, accountId, null, clock.now())
}
