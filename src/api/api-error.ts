import type { Response } from 'express'
import { GatewayError, HTTP_STATUS } from '../gateway/gateway-error.ts'
import { LedgerUnavailable } from '../ledger/errors.ts'
import { isDatabaseAway } from '../lib/database-away.ts'
import type { Logger } from '../lib/logger.ts'

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
