/** A refusal as OpenAI words it. */
export interface ProviderError {
  status: number
  message: string
  type: string
  param: string | null
  code: string | null
  retryAfterSeconds?: number
}

/** A request that the caller has to mend. */
export function invalidRequest(
  message: string,
  param: string | null = null,
  code: string | null = null,
): ProviderError {
  return { status: 400, message, type: 'invalid_request_error', param, code }
}

export const MISSING_KEY: ProviderError = {
  status: 401,
  message: "You didn't provide an API key. Provide it in an Authorization header using Bearer auth.",
  type: 'invalid_request_error',
  param: null,
  code: null,
}

export const BODY_TOO_LARGE: ProviderError = {
  ...invalidRequest('The request body is larger than the sandbox accepts.'),
  status: 413,
}

export function unknownModel(model: string): ProviderError {
  return {
    status: 404,
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    param: null,
    code: 'model_not_found',
  }
}

export function unknownRoute(method: string, path: string): ProviderError {
  return { ...invalidRequest(`Unknown request URL: ${method} ${path}.`, null, 'unknown_url'), status: 404 }
}

const SIMULATED: Record<number, Omit<ProviderError, 'status'>> = {
  401: { message: 'Incorrect API key provided.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
  429: {
    message: 'Rate limit reached for requests.',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
    retryAfterSeconds: 1,
  },
  503: {
    message: 'The engine is currently overloaded, please try again later.',
    type: 'server_error',
    param: null,
    code: null,
    retryAfterSeconds: 1,
  },
}

/** The error that a behaviour or a marker asked for. */
export function simulatedError(status: number): ProviderError {
  const known = SIMULATED[status]
  if (known) return { status, ...known }
  if (status < 500) return { ...invalidRequest('The sandbox was asked to refuse this request.'), status }
  const message = 'The server had an error while processing your request.'
  return { status, message, type: 'server_error', param: null, code: null }
}

export function errorBody({ message, type, param, code }: ProviderError): string {
  return JSON.stringify({ error: { message, type, param, code } })
}
