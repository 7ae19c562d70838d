/** What the provider says of one dispute. */
export interface DisputeFact {
  providerDisputeId: string
  amountMinor: bigint
  currency: string
  status:
    | 'warning_needs_response'
    | 'warning_under_review'
    | 'warning_closed'
    | 'needs_response'
    | 'under_review'
    | 'won'
    | 'lost'
  /** The money came back to us. */
  reinstated: boolean
  reason: string
  /** Milliseconds since the epoch. */
  openedAt: number
}
