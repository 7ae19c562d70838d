import type { Response } from 'express'
import { GatewayError, HTTP_STATUS } from '../gateway/gateway-error.ts'
import { InvoicingError, type InvoicingErrorCode } from '../invoicing/invoicing-error.ts'
import { LedgerUnavailable } from '../ledger/errors.ts'
import { isDatabaseAway } from '../lib/database-away.ts'
import type { Logger } from '../lib/logger.ts'
import { OrderError, type OrderErrorCode } from '../orders/order-error.ts'

/** The error object of the management API. */
export interface ApiError {
  errorCode: string
  statusCode: number
  msg: string
  details: Record<string, string>
}

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

/** Our own words for fields, by the API's. */
const FIELD_NAMES: Readonly<Record<string, string>> = { amountMinor: 'amount' }

export function apiError(error: unknown): ApiError {
  if (error instanceof OrderError) {
    const { code, message, field } = error
    const details: Record<string, string> = field === null ? {} : { field: FIELD_NAMES[field] ?? field }
    return { errorCode: code, statusCode: ORDER_STATUS[code], msg: message, details }
  }
  if (error instanceof InvoicingError) {
    const { code, message, field } = error
    return {
      errorCode: code,
      statusCode: INVOICING_STATUS[code],
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
  response.status(body.statusCode).json(body)
}
