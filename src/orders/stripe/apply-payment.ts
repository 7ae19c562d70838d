import type { ClientBase } from 'pg'
import { learnBillingProfile } from '../../accounts/billing-profile.ts'
import { recordCardCountry } from '../../invoicing/order-evidence.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Nudged } from '../../lib/nudge.ts'
import { type MoveCause, moveOrder } from '../move-order.ts'
import { findOrders, lockOrder, type PaymentOrder } from '../order.ts'
import { isOpen, wasPaid } from '../order-state.ts'
import { payOrder } from '../pay-order.ts'
import { noteActionNeeded, noteChargeFailed, noteNotConfirmed, noteTopUpPaid } from '../top-up/note-outcome.ts'
import type { PaymentFact } from './payment-fact.ts'

/** What became of a fact. What is ignored needs nobody; what is refused needs a person. */
export interface Applied {
  result: 'applied' | 'repeated' | 'ignored' | 'refused'
  reason: string | null
  orderId: string | null
  /** Work that has become due by it, for when it is committed. */
  nudged?: Nudged
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Brings the order that a fact tells of in line with it, in the caller's transaction. The same fact twice changes nothing. */
export async function applyPayment(
  client: ClientBase,
  clock: Clock,
  fact: PaymentFact,
  cause: MoveCause,
): Promise<Applied> {
  const order = await orderOfFact(client, fact)
  if (!order) return { result: 'ignored', reason: 'unknown_order', orderId: null }
  const mismatch = await mismatchOf(client, order, fact)
  if (mismatch !== null) return { result: 'refused', reason: mismatch, orderId: order.id }
  return { ...(await follow(client, clock, order, fact, cause)), orderId: order.id }
}

async function orderOfFact(client: ClientBase, fact: PaymentFact): Promise<PaymentOrder | null> {
  if (fact.orderId !== null) return UUID.test(fact.orderId) ? lockOrder(client, fact.orderId) : null
  const [order] = await findOrders(
    client,
    'checkout_session_id = $1 OR payment_intent_id = $2 ORDER BY created_at LIMIT 1 FOR UPDATE',
    [fact.sessionId, fact.paymentIntentId],
  )
  return order ?? null
}

/** An order is bound to its provider, account, amount, currency and mode: what differs in any of them is not its payment. */
async function mismatchOf(client: ClientBase, order: PaymentOrder, fact: PaymentFact): Promise<string | null> {
  if (order.provider !== 'STRIPE') return 'provider_mismatch'
  if (order.livemode !== fact.livemode) return 'livemode_mismatch'
  if (order.currency !== fact.currency) return 'currency_mismatch'
  if (order.totalMinor !== fact.amountMinor) return 'amount_mismatch'
  const { rows } = await client.query<{ customer_id: string }>(
    `SELECT customer_id FROM payment_customer WHERE account_id = $1 AND provider = 'STRIPE' AND livemode = $2`,
    [order.accountId, order.livemode],
  )
  return rows[0]?.customer_id === fact.customerId ? null : 'customer_mismatch'
}

async function follow(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  fact: PaymentFact,
  cause: MoveCause,
): Promise<Omit<Applied, 'orderId'>> {
  if (fact.outcome === 'paid') return followPaid(client, clock, order, fact, cause)
  if (!isOpen(order.state)) return { result: 'repeated', reason: null }
  // What happens to an attempt that was replaced by another one does not concern the order any more.
  if (isSuperseded(order, fact)) return { result: 'ignored', reason: 'superseded_payment' }
  switch (fact.outcome) {
    case 'expired':
      if (order.kind === 'AUTO_TOP_UP') await noteNotConfirmed(client, clock, order, cause)
      else await moveOrder(client, clock, order, 'EXPIRED', cause)
      return { result: 'applied', reason: null }
    case 'canceled':
      // A page calls its own attempt back when it closes, and tells of its end itself.
      if (order.kind === 'CHECKOUT') return { result: 'ignored', reason: 'page_tells' }
      // We call the first attempt back when its payer comes to confirm it.
      if (order.state === 'REQUIRES_ACTION') return { result: 'ignored', reason: 'superseded_payment' }
      await moveOrder(client, clock, order, 'CANCELED', cause)
      return { result: 'applied', reason: null }
    case 'failed':
      // Somebody who sits at the payment page may try another card there.
      if (order.kind === 'CHECKOUT' && fact.sessionId === null) return { result: 'ignored', reason: 'may_try_again' }
      await noteChargeFailed(client, clock, order, fact, cause)
      return { result: 'applied', reason: null }
    case 'action_required':
      if (order.kind === 'CHECKOUT') return { result: 'ignored', reason: 'customer_is_present' }
      if (order.state === 'REQUIRES_ACTION') return { result: 'repeated', reason: null }
      await noteActionNeeded(client, clock, order, fact, cause)
      return { result: 'applied', reason: null }
    case 'pending':
      return { result: 'ignored', reason: 'pending' }
  }
}

async function followPaid(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  fact: PaymentFact,
  cause: MoveCause,
): Promise<Omit<Applied, 'orderId'>> {
  if (wasPaid(order.state)) {
    // Two payments for one order: the second one is the customer's money, and no order explains it.
    const isSame = fact.paymentIntentId === null || fact.paymentIntentId === order.paymentIntentId
    return isSame ? { result: 'repeated', reason: null } : { result: 'refused', reason: 'paid_twice' }
  }
  const { paymentIntentId, sessionId, buyer } = fact
  // What is paid on a page is told by its payment and by the page; only the page says whom the invoice is for.
  if (order.kind === 'CHECKOUT' && sessionId === null) return { result: 'ignored', reason: 'page_tells' }
  if (buyer) await learnBillingProfile(client, clock, order.accountId, buyer)
  await recordCardCountry(client, clock, order.id, fact.cardCountry)
  // Before the wallet is locked: whoever changes the settings locks them first, then the wallet.
  if (order.kind === 'AUTO_TOP_UP') await noteTopUpPaid(client, clock, order.accountId)
  await payOrder(client, clock, order, cause, {
    ...(paymentIntentId !== null && { paymentIntentId }),
    ...(sessionId !== null && { checkoutSessionId: sessionId }),
  })
  return { result: 'applied', reason: null }
}

function isSuperseded(order: PaymentOrder, fact: PaymentFact): boolean {
  if (fact.sessionId !== null) return order.checkoutSessionId !== null && order.checkoutSessionId !== fact.sessionId
  if (order.paymentIntentId !== null) return order.paymentIntentId !== fact.paymentIntentId
  // An automatic charge that was taken to the payment page has a session instead of its first attempt.
  return order.kind === 'AUTO_TOP_UP' && order.checkoutSessionId !== null
}
