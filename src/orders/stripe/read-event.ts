import type Stripe from 'stripe'
import type { DisputeFact } from '../disputes/dispute-fact.ts'
import type { RefundFact } from '../refunds/refund-fact.ts'
import { ASYNC_FAILURE, factOfIntent, factOfSession, idOf, type PaymentFact } from './payment-fact.ts'
import { disputeFactOf, refundFactOf } from './return-facts.ts'

/** What an event tells us, in our own words. */
export type EventContent =
  | { kind: 'payment'; fact: PaymentFact }
  | { kind: 'card_saved'; session: Stripe.Checkout.Session }
  | { kind: 'refund'; paymentIntentId: string | null; fact: RefundFact }
  /** A charge's refunds without their ids: they have to be asked for. */
  | { kind: 'refunds_changed'; paymentIntentId: string | null }
  | { kind: 'dispute'; paymentIntentId: string | null; fact: DisputeFact }
  | { kind: 'method_attached'; method: Stripe.PaymentMethod }
  | { kind: 'method_detached'; methodId: string }
  /** Nothing that concerns us. */
  | { kind: 'other' }

export function readEvent(event: Stripe.Event): EventContent {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return contentOfSession(event.data.object)
    case 'checkout.session.async_payment_failed':
      return failedSession(event.data.object)
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed':
    case 'payment_intent.requires_action':
    case 'payment_intent.canceled':
      return { kind: 'payment', fact: factOfIntent(event.data.object) }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return {
        kind: 'refund',
        paymentIntentId: idOf(event.data.object.payment_intent),
        fact: refundFactOf(event.data.object),
      }
    case 'charge.refunded':
      return { kind: 'refunds_changed', paymentIntentId: idOf(event.data.object.payment_intent) }
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return {
        kind: 'dispute',
        paymentIntentId: idOf(event.data.object.payment_intent),
        fact: disputeFactOf(event.data.object, event.type === 'charge.dispute.funds_reinstated'),
      }
    case 'payment_method.attached':
      return { kind: 'method_attached', method: event.data.object }
    case 'payment_method.detached':
      return { kind: 'method_detached', methodId: event.data.object.id }
    default:
      return { kind: 'other' }
  }
}

function contentOfSession(session: Stripe.Checkout.Session): EventContent {
  const fact = factOfSession(session)
  if (fact) return { kind: 'payment', fact }
  return session.mode === 'setup' && session.status === 'complete' ? { kind: 'card_saved', session } : { kind: 'other' }
}

/** A delayed method that did not bring the money after all. */
function failedSession(session: Stripe.Checkout.Session): EventContent {
  const fact = factOfSession(session)
  if (!fact) return { kind: 'other' }
  return { kind: 'payment', fact: { ...fact, ...ASYNC_FAILURE, outcome: 'failed' } }
}
