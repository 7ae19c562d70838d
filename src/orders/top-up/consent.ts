import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { TopUpSettings } from './top-up-settings.ts'

/** The text that is agreed to. Another wording is another version, and asks for a new consent. */
export const CONSENT_VERSION = '2026-11-1'

export function consentText({ amount, threshold }: { amount: string; threshold: string }): string {
  return (
    `I agree that the saved card is charged ${amount}, and the tax that is due on it, whenever the balance falls below ${threshold}, without asking each ` +
    'time, within the daily and monthly limits set here, until this is switched off.'
  )
}

/** Who agrees: a person, the key they used, or whoever had the link of a mail to the account. */
export interface ConsentActor {
  actorId: string
  actorKind: 'user' | 'access_key' | 'api_key' | 'recovery_link'
  clientIp: string | null
}

type Agreed = Pick<
  TopUpSettings,
  'accountId' | 'currency' | 'thresholdNano' | 'amountMinor' | 'dailyCapMinor' | 'monthlyCapMinor' | 'paymentMethodId'
>

/** Writes down what was agreed to, by whom, when and from where; returns its id. */
export async function recordConsent(
  client: ClientBase,
  clock: Clock,
  agreed: Agreed,
  actor: ConsentActor,
): Promise<string> {
  const id = uuidV7(clock)
  await client.query(
    `INSERT INTO top_up_consent (id, account_id, actor_id, actor_kind, text_version, client_ip, currency, threshold_nano,
       amount_minor, daily_cap_minor, monthly_cap_minor, payment_method_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[id, agreed.accountId, actor.actorId, actor.actorKind, CONSENT_VERSION, actor.clientIp, agreed.currency],
      ...[agreed.thresholdNano, agreed.amountMinor, agreed.dailyCapMinor, agreed.monthlyCapMinor],
      ...[agreed.paymentMethodId, new Date(clock.now())],
    ],
  )
  return id
}
