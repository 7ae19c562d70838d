/** Every refusal about notifications. Stable: callers branch on them. */
export const NOTIFICATION_ERROR_CODES = [
  'invalid_request',
  'endpoint_not_found',
  'too_many_endpoints',
  'endpoint_known',
  'delivery_not_found',
  'delivery_canceled',
] as const
export type NotificationErrorCode = (typeof NOTIFICATION_ERROR_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class NotificationError extends Error {
  override name = 'NotificationError'
  readonly code: NotificationErrorCode
  readonly field: string | null

  constructor(code: NotificationErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}
