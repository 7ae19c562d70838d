import type Stripe from 'stripe'
import type { DisputeFact } from '../disputes/dispute-fact.ts'
import type { RefundFact } from '../refunds/refund-fact.ts'
import { factOfIntent, factOfSession, type PaymentFact } from './payment-fact.ts'
import { disputeFactOf, refundFactOf } from './return-facts.ts'

/** A payment with its charge, which knows the card. */
export const WITH_CHARGE: Stripe.PaymentIntentRetrieveParams = { expand: ['latest_charge'] }

/** A payment has few of either; more than this is not ours to understand. */
const RETURNS_MAX = 100

/** The country of a card is worth a moment, not a failure: without it an invoice has one piece of evidence less. */
const CARD_TIMEOUT_MS = 3_000

/** What was given back, or is contested, of one payment. */
export interface Returns {
  refunds: RefundFact[]
  disputes: DisputeFact[]
}

/** A payment, as the page tells it where it was made on one. */
export async function readPayment(api: Stripe, paymentIntentId: string): Promise<PaymentFact> {
  const [intent, sessions] = await Promise.all([
    api.paymentIntents.retrieve(paymentIntentId, WITH_CHARGE),
    api.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }),
  ])
  const [session] = sessions.data
  const paid = factOfIntent(intent)
  const told = session ? factOfSession(session) : null
  return told ? { ...told, cardCountry: paid.cardCountry } : paid
}

/** Where the card of a payment that was made is from; null where it cannot be said now. */
export async function readCardCountry(api: Stripe, fact: PaymentFact): Promise<string | null> {
  if (fact.outcome !== 'paid' || fact.cardCountry !== null || fact.paymentIntentId === null) return fact.cardCountry
  const limits = { timeout: CARD_TIMEOUT_MS, maxNetworkRetries: 0 }
  const intent = await api.paymentIntents.retrieve(fact.paymentIntentId, WITH_CHARGE, limits).catch(() => null)
  return intent && factOfIntent(intent).cardCountry
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
