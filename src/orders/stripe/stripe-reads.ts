import type Stripe from 'stripe'
import type { DisputeFact } from '../disputes/dispute-fact.ts'
import type { RefundFact } from '../refunds/refund-fact.ts'
import { factOfIntent, factOfSession, type PaymentFact } from './payment-fact.ts'
import { disputeFactOf, refundFactOf } from './return-facts.ts'

/** A payment has few of either; more than this is not ours to understand. */
const RETURNS_MAX = 100

/** What was given back, or is contested, of one payment. */
export interface Returns {
  refunds: RefundFact[]
  disputes: DisputeFact[]
}

/** A payment, as the page tells it where it was made on one. */
export async function readPayment(api: Stripe, paymentIntentId: string): Promise<PaymentFact> {
  const [intent, sessions] = await Promise.all([
    api.paymentIntents.retrieve(paymentIntentId),
    api.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }),
  ])
  const [session] = sessions.data
  return (session && factOfSession(session)) ?? factOfIntent(intent)
}

export async function readReturns(api: Stripe, paymentIntentId: string): Promise<Returns> {
  const [refunds, disputes] = await Promise.all([
    readRefunds(api, paymentIntentId),
    api.disputes.list({ payment_intent: paymentIntentId, limit: RETURNS_MAX }),
  ])
  return { refunds, disputes: disputes.data.map((dispute) => disputeFactOf(dispute, isReinstated(dispute))) }
}

export async function readRefunds(api: Stripe, paymentIntentId: string): Promise<RefundFact[]> {
  const { data } = await api.refunds.list({ payment_intent: paymentIntentId, limit: RETURNS_MAX })
  // Oldest first, as they happened.
  return data.reverse().map(refundFactOf)
}

/** Money that was taken and came back: the dispute's balance transactions add up to nothing or more. */
function isReinstated(dispute: Stripe.Dispute): boolean {
  const amounts = dispute.balance_transactions.map(({ amount }) => amount)
  return amounts.length > 1 && amounts.reduce((sum, amount) => sum + amount, 0) >= 0
}
