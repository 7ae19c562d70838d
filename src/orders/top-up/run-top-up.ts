import type { Pool } from 'pg'
import Stripe from 'stripe'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { changeOrder } from '../move-order.ts'
import { lockOrder, type PaymentOrder } from '../order.ts'
import { isOpen } from '../order-state.ts'
import { ensureCustomer } from '../stripe/customer.ts'
import { ORDER_METADATA } from '../stripe/payment-fact.ts'
import type { StripeAccount } from '../stripe/stripe-client.ts'
import { type ChargeFailure, noteActionNeeded, noteChargeFailed } from './note-outcome.ts'
import { openTopUp } from './open-top-up.ts'

export interface TopUpDeps {
  pool: Pool
  clock: Clock
  stripe: StripeAccount
}

/** Stripe forgets an idempotency key after 24 hours; from a safe hour before that on, an order is looked up instead. */
export const IDEMPOTENCY_WINDOW_MS = 23 * 3_600_000

const CAUSE = { cause: 'job auto-top-up', actorId: null }

export type TopUpRun = 'charged' | 'declined' | 'action_needed' | 'nothing'

/**
 * Charges an account's card when its top-up is due. Safe to run at any time, twice, and at once: the order is written
 * first, its id is the idempotency key of the charge, and the credits come with Stripe's signed confirmation alone.
 * @throws whatever leaves the charge's outcome unknown; the next run asks again with the same key.
 */
export async function runTopUp(deps: TopUpDeps, accountId: string): Promise<TopUpRun> {
  const { pool, clock, stripe } = deps
  const opened = await inTransaction(pool, (client) => openTopUp(client, clock, accountId, stripe.livemode))
  if (opened.outcome === 'nothing') return 'nothing'
  const { order } = opened
  // Too old to repeat: whether it was ever charged is the reconciliation's question.
  if (clock.now() - order.createdAt > IDEMPOTENCY_WINDOW_MS) return 'nothing'
  return charge(deps, order)
}

async function charge(deps: TopUpDeps, order: PaymentOrder): Promise<TopUpRun> {
  const { stripe } = deps
  const customer = await ensureCustomer(deps, order.accountId)
  try {
    const intent = await stripe.api.paymentIntents.create(
      {
        amount: Number(order.totalMinor),
        currency: order.currency.toLowerCase(),
        customer,
        payment_method: order.paymentMethodId as string,
        off_session: true,
        confirm: true,
        description: `Automatic top-up ${order.reference}`,
        metadata: { [ORDER_METADATA]: order.id },
      },
      { idempotencyKey: order.id },
    )
    const needsAction = intent.status === 'requires_action'
    await settle(deps, order, intent.id, needsAction ? { isAction: true, code: null, message: null } : null)
    return needsAction ? 'action_needed' : 'charged'
  } catch (error) {
    const refusal = refusalOf(error)
    // Unknown: the charge may have been made.
    if (refusal === null) throw error
    await settle(deps, order, refusal.paymentIntentId, refusal)
    return refusal.isAction ? 'action_needed' : 'declined'
  }
}

interface Refusal {
  isAction: boolean
  code: string | null
  message: string | null
}

/** Writes down what Stripe answered, unless a webhook was faster. */
async function settle(
  { pool, clock }: TopUpDeps,
  { id }: PaymentOrder,
  paymentIntentId: string | null,
  refusal: Refusal | null,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const order = await lockOrder(client, id)
    if (!order || !isOpen(order.state) || order.state === 'REQUIRES_ACTION') return
    if (refusal === null) {
      await changeOrder(client, order, { paymentIntentId })
      return
    }
    const failure: ChargeFailure = { paymentIntentId, failureCode: refusal.code, failureMessage: refusal.message }
    await (refusal.isAction ? noteActionNeeded : noteChargeFailed)(client, clock, order, failure, CAUSE)
  })
}

/** A final no, with its reason; null where the outcome is not known. */
function refusalOf(error: unknown): (Refusal & { paymentIntentId: string | null }) | null {
  if (error instanceof Stripe.errors.StripeCardError) {
    return {
      isAction: error.code === 'authentication_required',
      code: error.decline_code ?? error.code ?? null,
      message: error.message,
      paymentIntentId: error.payment_intent?.id ?? null,
    }
  }
  // The card was removed, or its customer was: nothing was charged, and nothing will be.
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    const message = 'The saved payment method can no longer be charged.'
    return { isAction: false, code: 'payment_method_unusable', message, paymentIntentId: null }
  }
  return null
}

/** Accounts whose top-up is due and not under way: what a lost nudge left undone. */
export async function dueTopUps({ pool, clock }: Pick<TopUpDeps, 'pool' | 'clock'>, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ account_id: string }>(
    `SELECT wallet.account_id FROM wallet
     JOIN auto_top_up ON auto_top_up.account_id = wallet.account_id AND enabled AND suspended_at IS NULL
     WHERE top_up_due_at IS NOT NULL AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
       AND NOT EXISTS (
         SELECT FROM payment_order
         WHERE payment_order.account_id = wallet.account_id AND kind = 'AUTO_TOP_UP'
           AND state IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION')
           AND (payment_intent_id IS NOT NULL OR checkout_session_id IS NOT NULL)
       )
     ORDER BY top_up_due_at LIMIT $2`,
    [new Date(clock.now()), limit],
  )
  return rows.map((row) => row.account_id)
}
