import type Stripe from 'stripe'
import type { DisputeFact } from '../disputes/dispute-fact.ts'
import type { RefundFact } from '../refunds/refund-fact.ts'

/** Under this key a refund of ours names its row. */
export const REFUND_METADATA = 'farebox_refund'

export function refundFactOf(refund: Stripe.Refund): RefundFact {
  return {
    providerRefundId: refund.id,
    amountMinor: BigInt(refund.amount),
    currency: refund.currency.toUpperCase(),
    status: refundStatusOf(refund.status),
    refundId: refund.metadata?.[REFUND_METADATA] ?? null,
    reason: refund.reason,
    failureCode: refund.failure_reason ?? (refund.status === 'canceled' ? 'canceled' : null),
  }
}

function refundStatusOf(status: string | null): RefundFact['status'] {
  if (status === 'succeeded') return 'succeeded'
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending'
}

/** Stripe's words for a dispute's state, by ours; `prevented` never took money. */
const DISPUTE_STATUS: Readonly<Record<Stripe.Dispute.Status, DisputeFact['status']>> = {
  warning_needs_response: 'warning_needs_response',
  warning_under_review: 'warning_under_review',
  warning_closed: 'warning_closed',
  prevented: 'warning_closed',
  needs_response: 'needs_response',
  under_review: 'under_review',
  won: 'won',
  lost: 'lost',
  // Lost, until the appeal is won.
  appeal_needs_response: 'lost',
  appeal_under_review: 'lost',
}

export function disputeFactOf(dispute: Stripe.Dispute, isReinstated: boolean): DisputeFact {
  return {
    providerDisputeId: dispute.id,
    amountMinor: BigInt(dispute.amount),
    currency: dispute.currency.toUpperCase(),
    status: DISPUTE_STATUS[dispute.status] ?? 'under_review',
    // A dispute that is won reinstates the money as well; only after a loss is that news.
    reinstated: isReinstated && dispute.status === 'lost',
    reason: dispute.reason,
    openedAt: dispute.created * 1_000,
  }
}
