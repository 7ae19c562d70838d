import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { queueMailToAccount } from '../../mail/queue-mail.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { type MoveCause, moveOrder } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { confirmTopUpPath } from '../order-path.ts'
import { afterFailure } from './decline.ts'
import { suspendTopUp } from './suspend-top-up.ts'
import { readTopUpSettings } from './top-up-settings.ts'

export interface ChargeFailure {
  paymentIntentId: string | null
  failureCode: string | null
  failureMessage: string | null
}

/** An authentication must be given within this time; then the charge counts as failed. */
const ACTION_MS = 24 * 3_600_000

/** A charge went through: what failed before is forgotten. */
export async function noteTopUpPaid(client: ClientBase, clock: Clock, accountId: string): Promise<void> {
  await client.query(
    `UPDATE auto_top_up SET failures = 0, next_attempt_at = NULL, last_result = 'paid', updated_at = $2 WHERE account_id = $1`,
    [accountId, new Date(clock.now())],
  )
}

/** An order's payment failed for good. An automatic one decides when, and whether, the card is tried again. */
export async function noteChargeFailed(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  failure: ChargeFailure,
  cause: MoveCause,
): Promise<void> {
  const code = failure.failureCode ?? 'payment_failed'
  const { paymentIntentId, failureMessage } = failure
  await moveOrder(client, clock, order, 'FAILED', cause, {
    failureCode: code,
    failureMessage,
    ...(paymentIntentId !== null && { paymentIntentId }),
  })
  if (order.kind !== 'AUTO_TOP_UP') return
  const settings = await readTopUpSettings(client, order.accountId, { lock: true })
  if (!settings) return
  const next = afterFailure(code, settings.failures, clock.now())
  await client.query(
    `UPDATE auto_top_up SET failures = $2, next_attempt_at = $3, last_result = $4, updated_at = $5 WHERE account_id = $1`,
    [order.accountId, next.failures, next.suspended ? null : new Date(next.nextAttemptAt), code, new Date(clock.now())],
  )
  if (next.suspended) {
    await suspendTopUp(client, clock, order.accountId, { reason: next.reason, code, said: failureMessage })
  }
}

/** Nobody confirmed the charge in time: it counts as a failure, so that nobody is asked again for ever. */
export async function noteNotConfirmed(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  cause: MoveCause,
): Promise<void> {
  const failure = {
    paymentIntentId: null,
    failureCode: 'authentication_required',
    failureMessage: 'The payment was not confirmed in time.',
  }
  await noteChargeFailed(client, clock, order, failure, cause)
}

/** The bank wants the payer to confirm a charge: they are mailed the way to it. */
export async function noteActionNeeded(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  failure: ChargeFailure,
  cause: MoveCause,
): Promise<void> {
  const expiresAt = clock.now() + ACTION_MS
  const { paymentIntentId } = failure
  await moveOrder(client, clock, order, 'REQUIRES_ACTION', cause, {
    expiresAt,
    failureCode: failure.failureCode ?? 'authentication_required',
    failureMessage: failure.failureMessage,
    ...(paymentIntentId !== null && { paymentIntentId }),
  })
  await client.query(
    `UPDATE auto_top_up SET last_result = 'authentication_required', updated_at = $2 WHERE account_id = $1`,
    [order.accountId, new Date(clock.now())],
  )
  await queueMailToAccount(
    client,
    clock,
    order.accountId,
    'top-up-action-needed',
    {
      amount: formatMoney(order.totalMinor * NANO_PER_CENT, order.currency, 'exact'),
      expiresAt: new Date(expiresAt).toISOString(),
      path: confirmTopUpPath(order.id),
    },
    `top-up-action-needed:${order.id}`,
  )
}
