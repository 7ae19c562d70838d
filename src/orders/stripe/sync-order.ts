import type { ClientBase, Pool } from 'pg'
import Stripe from 'stripe'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { applyDisputeFact } from '../disputes/apply-dispute.ts'
import { changeOrder, type MoveCause, moveOrder } from '../move-order.ts'
import { lockOrder, type PaymentOrder, readOrder } from '../order.ts'
import { isOpen, wasPaid } from '../order-state.ts'
import { noteChargeFailed, noteNotConfirmed } from '../top-up/note-outcome.ts'
import { applyRefunds } from './apply-event.ts'
import { type Applied, applyPayment } from './apply-payment.ts'
import { customerOf } from './customer.ts'
import { factOfIntent, factOfSession, ORDER_METADATA, type PaymentFact } from './payment-fact.ts'
import type { StripeAccount } from './stripe-client.ts'
import { type Returns, readReturns, WITH_CHARGE } from './stripe-reads.ts'

export interface SyncDeps {
  pool: Pool
  clock: Clock
  stripe: StripeAccount
}

/** A webhook usually comes within seconds; an order is asked about when none has come for this long. */
const PATIENCE_MS = 2 * 60_000
/** Asked again no sooner than this: a payment page may stay open for hours. */
const ASK_AGAIN_MS = 10 * 60_000
/** An order that Stripe has never heard of by then was never going to be paid. */
const UNKNOWN_MS = 24 * 3_600_000
const OBJECTS_MAX = 100

/** Asks Stripe how an order stands, and brings it in line: what a webhook that never came would have told. */
export async function syncOrder(deps: SyncDeps, orderId: string, cause = 'reconciliation'): Promise<Applied | null> {
  const { pool, clock } = deps
  const order = await readOrder(pool, orderId)
  if (order?.provider !== 'STRIPE') return null
  if (isOverdue(deps, order)) await callBack(deps, order)
  const fact = await askStripe(deps, order)
  const returns = await askReturns(deps, order, fact)
  const by: MoveCause = { cause, actorId: null }
  return inTransaction(pool, async (client) => {
    const locked = (await lockOrder(client, orderId)) as PaymentOrder
    await changeOrder(client, locked, { checkedAt: clock.now() })
    if (fact === null) return giveUpUnknown(deps, client, locked, by)
    const applied = await applyPayment(client, clock, fact, by)
    const paid = (await lockOrder(client, orderId)) as PaymentOrder
    if (isOverdue(deps, paid) && fact.outcome !== 'paid') {
      await noteNotConfirmed(client, clock, paid, by)
      return { ...applied, result: 'applied' }
    }
    if (applied.result === 'refused' || !wasPaid(paid.state)) return applied
    const isChanged = await applyReturns(client, clock, paid, returns, by)
    return isChanged ? { ...applied, result: 'applied' } : applied
  })
}

/** A charge that waits for a confirmation which did not come in time. A payment page of its own expires by itself. */
function isOverdue({ clock }: SyncDeps, { state, expiresAt, checkoutSessionId }: PaymentOrder): boolean {
  return state === 'REQUIRES_ACTION' && checkoutSessionId === null && expiresAt !== null && expiresAt <= clock.now()
}

/** So that it can no longer be paid when it is given up. That it cannot be called back shows in what Stripe says next. */
async function callBack({ stripe }: SyncDeps, { paymentIntentId }: PaymentOrder): Promise<void> {
  if (paymentIntentId === null) return
  await stripe.api.paymentIntents.cancel(paymentIntentId).catch((error: unknown) => {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error
  })
}

async function askStripe({ pool, stripe }: SyncDeps, order: PaymentOrder): Promise<PaymentFact | null> {
  const { api } = stripe
  if (order.checkoutSessionId !== null) return askSession(api, order.checkoutSessionId)
  if (order.paymentIntentId !== null) {
    const intent = await found(() => api.paymentIntents.retrieve(order.paymentIntentId as string, WITH_CHARGE))
    return intent && factOfIntent(intent)
  }
  // We died before we could note its id: it is looked for among what the customer was asked to pay since.
  const customer = await customerOf(pool, order.accountId, order.livemode)
  if (customer === null) return null
  const recent = { customer, created: { gte: Math.floor(order.createdAt / 1000) - 60 }, limit: OBJECTS_MAX }
  if (order.kind === 'CHECKOUT') {
    const { data } = await api.checkout.sessions.list(recent)
    const session = data.find((candidate) => candidate.metadata?.[ORDER_METADATA] === order.id)
    return session ? askSession(api, session.id) : null
  }
  const { data } = await api.paymentIntents.list(recent)
  const intent = data.find((candidate) => candidate.metadata[ORDER_METADATA] === order.id)
  return intent ? factOfIntent(intent) : null
}

/** With its attempt: a completed session does not say itself that its money will not come, nor its card. */
async function askSession(api: Stripe, id: string): Promise<PaymentFact | null> {
  const session = await found(() => api.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] }))
  return session && factOfSession(session)
}

async function askReturns({ stripe }: SyncDeps, order: PaymentOrder, fact: PaymentFact | null): Promise<Returns> {
  const paymentIntentId = fact?.paymentIntentId ?? order.paymentIntentId
  if (fact?.outcome !== 'paid' || !paymentIntentId) return { refunds: [], disputes: [] }
  return readReturns(stripe.api, paymentIntentId)
}

async function applyReturns(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  { refunds, disputes }: Returns,
  cause: MoveCause,
): Promise<boolean> {
  let isChanged = (await applyRefunds(client, clock, order, refunds, cause)) === 'applied'
  for (const fact of disputes) {
    const current = (await lockOrder(client, order.id)) as PaymentOrder
    if ((await applyDisputeFact(client, clock, current, fact, cause)) === 'applied') isChanged = true
  }
  return isChanged
}

/** Stripe knows nothing of it: a draft expires, an automatic charge counts as failed, once it is too late for either. */
async function giveUpUnknown(
  { clock }: SyncDeps,
  client: ClientBase,
  order: PaymentOrder,
  cause: MoveCause,
): Promise<Applied> {
  const unknown: Applied = { result: 'ignored', reason: 'unknown_to_provider', orderId: order.id }
  if (!isOpen(order.state) || clock.now() - order.createdAt < UNKNOWN_MS) return unknown
  if (order.kind === 'AUTO_TOP_UP') {
    const failure = { paymentIntentId: null, failureCode: 'provider_unreachable', failureMessage: null }
    await noteChargeFailed(client, clock, order, failure, cause)
  } else {
    await moveOrder(client, clock, order, 'EXPIRED', cause)
  }
  return { ...unknown, result: 'applied' }
}

async function found<Result>(ask: () => Promise<Result>): Promise<Result | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return null
    throw error
  }
}

/** Open orders that Stripe should be asked about, longest unasked first. */
export async function ordersToAsk({ pool, clock }: Pick<SyncDeps, 'pool' | 'clock'>, limit: number): Promise<string[]> {
  const now = clock.now()
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM payment_order
     WHERE provider = 'STRIPE' AND state IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION')
       AND created_at < $1 AND (checked_at IS NULL OR checked_at < $2)
     ORDER BY checked_at NULLS FIRST, created_at LIMIT $3`,
    [new Date(now - PATIENCE_MS), new Date(now - ASK_AGAIN_MS), limit],
  )
  return rows.map((row) => row.id)
}
