/** What the provider says of one refund. */
export interface RefundFact {
  providerRefundId: string
  amountMinor: bigint
  currency: string
  status: 'pending' | 'succeeded' | 'failed'
  /** Our refund's id from its metadata. */
  refundId: string | null
  reason: string | null
  failureCode: string | null
}

export interface RefundProvider {
  /**
   * Asks for a refund; the same `refundId` is made once within the provider's idempotency window.
   * @throws RefundRefused for a final refusal; with any other error the outcome is unknown.
   */
  createRefund(ask: {
    refundId: string
    paymentIntentId: string
    amountMinor: bigint
    currency: string
    reason: string
  }): Promise<RefundFact>
  /** Every refund of a payment, whoever made it. */
  refundsOf(paymentIntentId: string): Promise<RefundFact[]>
}

/** The provider will never make this refund. */
export class RefundRefused extends Error {
  override name = 'RefundRefused'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
