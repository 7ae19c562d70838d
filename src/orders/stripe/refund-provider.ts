import Stripe from 'stripe'
import { type RefundProvider, RefundRefused } from '../refunds/refund-fact.ts'
import { REFUND_METADATA, refundFactOf } from './return-facts.ts'
import type { StripeAccount } from './stripe-client.ts'
import { readRefunds } from './stripe-reads.ts'

/** Refunds through Stripe. The refund's own id is the idempotency key, and stands in the metadata to be found again. */
export function stripeRefunds({ api }: StripeAccount): RefundProvider {
  return {
    async createRefund({ refundId, paymentIntentId, amountMinor }) {
      try {
        const refund = await api.refunds.create(
          {
            payment_intent: paymentIntentId,
            amount: Number(amountMinor),
            reason: 'requested_by_customer',
            metadata: { [REFUND_METADATA]: refundId },
          },
          { idempotencyKey: refundId },
        )
        return refundFactOf(refund)
      } catch (error) {
        if (error instanceof Stripe.errors.StripeInvalidRequestError) {
          throw new RefundRefused(error.code ?? 'invalid_request', error.message)
        }
        throw error
      }
    },
    refundsOf: (paymentIntentId) => readRefunds(api, paymentIntentId),
  }
}
