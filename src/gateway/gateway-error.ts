/** Every refusal a caller of the gateway can meet. Stable: callers branch on them. */
export const GATEWAY_ERROR_CODES = [
  'missing_api_key',
  'invalid_api_key',
  'api_key_disabled',
  'api_key_expired',
  'account_disabled',
  'ip_not_allowed',
  'scope_missing',
  'model_not_allowed',
  'not_found',
  'invalid_json',
  'body_too_large',
  'duplicate_field',
  'invalid_request',
  'model_not_found',
  'model_not_priced',
  'feature_not_priced',
  'insufficient_credits',
  'debt_outstanding',
  'budget_exceeded',
  'reseller_credits_exhausted',
  'no_route',
  'upstream_error',
  'upstream_timeout',
  'service_unavailable',
  'internal_error',
] as const
export type GatewayErrorCode = (typeof GATEWAY_ERROR_CODES)[number]

export interface GatewayErrorData {
  /** The request field at fault, where one is. */
  param?: string | null
  /** Seconds after which trying again may help. */
  retryAfterSeconds?: number
  /** What ran out, for refusals about money: a decimal amount. */
  balance?: string
  currency?: string
  affordableOutputTokens?: number
  budgetId?: string
}

/** A refusal in the words the caller will read. Its face is the protocol's. */
export class GatewayError extends Error {
  override name = 'GatewayError'
  readonly code: GatewayErrorCode
  readonly data: GatewayErrorData

  constructor(code: GatewayErrorCode, message: string, data: GatewayErrorData = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.data = data
  }
}

/** The HTTP status of each refusal. A new code does not compile until it has one. */
export const HTTP_STATUS: Readonly<Record<GatewayErrorCode, number>> = {
  missing_api_key: 401,
  invalid_api_key: 401,
  api_key_disabled: 401,
  api_key_expired: 401,
  account_disabled: 403,
  ip_not_allowed: 403,
  scope_missing: 403,
  model_not_allowed: 403,
  not_found: 404,
  invalid_json: 400,
  body_too_large: 400,
  duplicate_field: 400,
  invalid_request: 400,
  model_not_found: 404,
  model_not_priced: 400,
  feature_not_priced: 400,
  insufficient_credits: 402,
  debt_outstanding: 402,
  budget_exceeded: 402,
  reseller_credits_exhausted: 402,
  no_route: 503,
  upstream_error: 502,
  upstream_timeout: 504,
  service_unavailable: 503,
  internal_error: 500,
}
