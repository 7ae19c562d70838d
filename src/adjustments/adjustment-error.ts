/** Every refusal about adjustments. Stable: callers branch on them. What is malformed is an OrderError `invalid_request`. */
export const ADJUSTMENT_ERROR_CODES = [
  'account_not_found',
  'adjustment_not_found',
  'attachment_not_accepted',
  'debit_exceeds_available',
  'decision_by_same_person',
  'adjustment_decided',
  'lot_not_found',
  'lot_not_extendable',
] as const
export type AdjustmentErrorCode = (typeof ADJUSTMENT_ERROR_CODES)[number]

/** A refusal in the words that people will read, naming the field at fault where one is. */
export class AdjustmentError extends Error {
  override name = 'AdjustmentError'
  readonly code: AdjustmentErrorCode
  readonly field: string | null

  constructor(code: AdjustmentErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Somebody else's adjustment is answered like one that does not exist. */
export function adjustmentNotFound(): AdjustmentError {
  return new AdjustmentError('adjustment_not_found', 'There is no such adjustment.', 'adjustmentId')
}
