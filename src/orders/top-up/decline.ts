/** Declines after which the same card will not be tried again (Stripe, "Decline codes"): only its holder can help. */
const HARD_DECLINES: ReadonlySet<string> = new Set([
  'authentication_not_handled',
  'card_not_supported',
  'currency_not_supported',
  'expired_card',
  'fraudulent',
  'incorrect_number',
  'invalid_account',
  'invalid_number',
  'lost_card',
  'merchant_blacklist',
  'new_account_information_available',
  'no_action_taken',
  'payment_method_unusable',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'security_violation',
  'stolen_card',
  'stop_payment_order',
])

const HOUR_MS = 3_600_000
/** How long to wait after the first, second and any further failure in a row. */
const BACK_OFF_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS] as const
/** A card that was declined this often in a row is left alone. */
export const FAILURES_MAX = 3

export type AfterFailure =
  | { suspended: false; failures: number; nextAttemptAt: number }
  /** `reason` is for machines: `three_failures` or `hard_decline`. */
  | { suspended: true; failures: number; reason: 'three_failures' | 'hard_decline' }

/**
 * What follows from a failed automatic charge: another attempt later, or none until somebody acts.
 * @param failuresBefore in a row
 * @param now milliseconds since the epoch
 */
export function afterFailure(code: string, failuresBefore: number, now: number): AfterFailure {
  const failures = failuresBefore + 1
  if (HARD_DECLINES.has(code)) return { suspended: true, failures, reason: 'hard_decline' }
  if (failures >= FAILURES_MAX) return { suspended: true, failures, reason: 'three_failures' }
  const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] as number
  return { suspended: false, failures, nextAttemptAt: now + wait }
}
