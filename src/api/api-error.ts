import type { Response } from 'express'
import { AccessError, type AccessErrorCode } from '../accounts/keys/access-error.ts'
import { ExportRefusal, type ExportRefusalCode } from '../exports/export-refusal.ts'
import { GatewayError, type GatewayErrorCode, HTTP_STATUS } from '../gateway/gateway-error.ts'
import { InvoicingError, type InvoicingErrorCode } from '../invoicing/invoicing-error.ts'
import { LedgerUnavailable } from '../ledger/errors.ts'
import { isDatabaseAway } from '../lib/database-away.ts'
import type { Logger } from '../lib/logger.ts'
import { OrderError, type OrderErrorCode } from '../orders/order-error.ts'
import { ExportError, type ExportErrorCode } from '../reports/export-error.ts'
import { ApiRefusal, type ApiRefusalCode } from './api-refusal.ts'

/** The error object of the management API. */
export interface ApiError {
  errorCode: string
  statusCode: number
  msg: string
  details: Record<string, string>
}

export type ApiErrorCode =
  | AccessErrorCode
  | ApiRefusalCode
  | ExportErrorCode
  | ExportRefusalCode
  | GatewayErrorCode
  | InvoicingErrorCode
  | OrderErrorCode

/** The HTTP status of each refusal about orders. A new code does not compile until it has one. */
const ORDER_STATUS: Readonly<Record<OrderErrorCode, number>> = {
  invalid_request: 400,
  amount_below_minimum: 400,
  amount_above_maximum: 400,
  currency_not_supported: 400,
  package_not_found: 404,
  order_not_found: 404,
  order_move_refused: 409,
  order_changed_meanwhile: 409,
  idempotency_conflict: 409,
  code_not_redeemable: 400,
  not_a_development_account: 403,
  payment_method_not_found: 404,
  approval_by_same_person: 403,
  bank_reference_used: 409,
  receipt_mismatch: 409,
  refund_exceeds_available: 409,
  payment_provider_unavailable: 503,
}

const INVOICING_STATUS: Readonly<Record<InvoicingErrorCode, number>> = {
  invalid_request: 400,
  document_not_found: 404,
  seller_not_set_up: 409,
  line_not_positive: 400,
  nothing_left_to_credit: 409,
}

/** The HTTP status of each refusal about exports and statements. */
const EXPORT_STATUS: Readonly<Record<ExportErrorCode | ExportRefusalCode, number>> = {
  invalid_request: 400,
  account_not_found: 404,
  too_many_lines: 400,
  export_not_found: 404,
  export_not_ready: 409,
  export_failed: 409,
  export_expired: 410,
  too_many_exports: 429,
  month_not_found: 404,
}

const ACCESS_STATUS: Readonly<Record<AccessErrorCode, number>> = {
  invalid_request: 400,
  key_not_found: 404,
  key_revoked: 409,
  too_many_keys: 409,
  project_not_found: 404,
  project_name_taken: 409,
  too_many_projects: 409,
  api_key_not_found: 404,
  too_many_api_keys: 409,
  configuration_changed_meanwhile: 412,
}

const REFUSAL_STATUS: Readonly<Record<ApiRefusalCode, number>> = {
  rate_limited: 429,
  generation_not_found: 404,
  profile_changed_meanwhile: 412,
  scope_not_yours: 403,
}

/** The status of every code: where rooms share one, they agree on it. */
export const STATUS_OF: Readonly<Record<ApiErrorCode, number>> = {
  ...HTTP_STATUS,
  ...ORDER_STATUS,
  ...INVOICING_STATUS,
  ...EXPORT_STATUS,
  ...ACCESS_STATUS,
  ...REFUSAL_STATUS,
}

/** When another export may be asked for, in seconds: most are made in less. */
const EXPORT_RETRY_SECONDS = 10

/** Our own words for fields, by the API's. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([['amountMinor', 'amount']])

export function apiError(error: unknown): ApiError {
  if (error instanceof OrderError) {
    const { code, message, field } = error
    const details: Record<string, string> = field === null ? {} : { field: FIELD_NAMES.get(field) ?? field }
    return { errorCode: code, statusCode: ORDER_STATUS[code], msg: message, details }
  }
  if (
    error instanceof InvoicingError ||
    error instanceof ExportError ||
    error instanceof ExportRefusal ||
    error instanceof AccessError ||
    error instanceof ApiRefusal
  ) {
    const { code, message, field } = error
    return {
      errorCode: code,
      statusCode: STATUS_OF[code],
      msg: message,
      details: field === null ? {} : { field },
    }
  }
  if (error instanceof GatewayError) {
    const { code, message, data } = error
    return {
      errorCode: code,
      statusCode: HTTP_STATUS[code],
      msg: message,
      details: data.param ? { field: data.param } : {},
    }
  }
  const isAway = error instanceof LedgerUnavailable
  return isAway || isDatabaseAway(error)
    ? {
        errorCode: 'service_unavailable',
        statusCode: 503,
        msg: 'The database cannot be reached at the moment.',
        details: {},
      }
    : { errorCode: 'internal_error', statusCode: 500, msg: 'Something failed inside Farebox.', details: {} }
}

/** Answers with the error object; what is not the caller's doing is written to the log. */
export function sendApiError(response: Response, error: unknown, logger: Logger): void {
  const body = apiError(error)
  if (body.statusCode >= 500) logger.error({ err: error }, 'an API request failed')
  if (body.statusCode === 503) response.setHeader('retry-after', '2')
  if (body.errorCode === 'too_many_exports') response.setHeader('retry-after', String(EXPORT_RETRY_SECONDS))
  response.status(body.statusCode).json(body)
}
