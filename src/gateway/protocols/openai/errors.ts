import { type GatewayError, type GatewayErrorCode, HTTP_STATUS } from '../../gateway-error.ts'

/** The error object of the OpenAI API reference ("Error codes"), with our figures beside it where money ran out. */
export interface OpenAiError {
  error: {
    message: string
    type: string
    param: string | null
    code: string | null
    balance?: string
    currency?: string
    affordable_output_tokens?: number
    budget_id?: string
  }
}

/** The `type` that OpenAI's own clients know for each kind of refusal. */
function typeOf(code: GatewayErrorCode): string {
  const status = HTTP_STATUS[code]
  if (status === 401) return 'authentication_error'
  if (status === 402) return 'insufficient_quota'
  if (status === 403) return 'permission_error'
  if (status >= 500) return 'server_error'
  return 'invalid_request_error'
}

export function openAiError(error: GatewayError): OpenAiError {
  const { param, balance, currency, affordableOutputTokens, budgetId } = error.data
  return {
    error: {
      message: error.message,
      type: typeOf(error.code),
      param: param ?? null,
      code: error.code,
      ...(balance !== undefined && { balance }),
      ...(currency !== undefined && { currency }),
      ...(affordableOutputTokens !== undefined && { affordable_output_tokens: affordableOutputTokens }),
      ...(budgetId !== undefined && { budget_id: budgetId }),
    },
  }
}

/** A longer error of a provider is cut: nobody reads more, and it may quote the whole prompt. */
const UPSTREAM_MESSAGE_MAX = 2_000

/** A provider's error, passed on in OpenAI's shape whatever it came as. */
export function upstreamError(status: number, body: Buffer): OpenAiError {
  const fallback = `The provider answered with status ${status}.`
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    return { error: { message: fallback, type: 'upstream_error', param: null, code: 'upstream_error' } }
  }
  const error = (parsed as { error?: unknown } | null)?.error
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const message = typeof error === 'string' ? error : fields.message
  return {
    error: {
      message: (typeof message === 'string' ? message : fallback).slice(0, UPSTREAM_MESSAGE_MAX),
      type: textOr(fields.type, 'upstream_error') ?? 'upstream_error',
      param: textOr(fields.param, null),
      code: textOr(fields.code, 'upstream_error'),
    },
  }
}

function textOr(value: unknown, fallback: string | null): string | null {
  return typeof value === 'string' ? value : fallback
}
