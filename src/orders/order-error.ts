/** Every refusal of the money-in side. Stable: callers branch on them. */
export const ORDER_ERROR_CODES = [
  'invalid_request',
  'amount_below_minimum',
  'amount_above_maximum',
  'currency_not_supported',
  'package_not_found',
  'order_not_found',
  'order_move_refused',
  'order_changed_meanwhile',
  'idempotency_conflict',
  'code_not_redeemable',
  'not_a_development_account',
  'payment_method_not_found',
  'approval_by_same_person',
  'bank_reference_used',
  'receipt_mismatch',
  'refund_exceeds_available',
  'payment_provider_unavailable',
] as const
export type OrderErrorCode = (typeof ORDER_ERROR_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class OrderError extends Error {
  override name = 'OrderError'
  readonly code: OrderErrorCode
  readonly field: string | null

  constructor(
    code: OrderErrorCode,
    message: string,
    { field = null, cause }: { field?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.code = code
    this.field = field
  }
}

/** Somebody else's order is answered like one that does not exist. */
export function orderNotFound(): OrderError {
  return new OrderError('order_not_found', 'There is no such order.', { field: 'orderId' })
}
