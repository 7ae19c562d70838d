import type { Response } from 'express'
import { GatewayError, HTTP_STATUS } from '../gateway/gateway-error.ts'
import { LedgerUnavailable } from '../ledger/errors.ts'

/** The error object of the management API. */
export interface ApiError {
  errorCode: string
  statusCode: number
  msg: string
  details: Record<string, string>
}

export function apiError(error: unknown): ApiError {
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
  return isAway || isDatabaseError(error)
    ? {
        errorCode: 'service_unavailable',
        statusCode: 503,
        msg: 'The database cannot be reached at the moment.',
        details: {},
      }
    : { errorCode: 'internal_error', statusCode: 500, msg: 'Something failed inside Farebox.', details: {} }
}

function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && ('syscall' in error || /connection|timeout exceeded/i.test(error.message))
}

export function sendApiError(response: Response, error: unknown): void {
  const body = apiError(error)
  if (body.statusCode === 503) response.setHeader('retry-after', '2')
  response.status(body.statusCode).json(body)
}
