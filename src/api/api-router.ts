import { type ErrorRequestHandler, json, type Request, type RequestHandler, Router } from 'express'
import { z } from 'zod'
import { authenticate, type Caller, type Scope } from '../gateway/authenticate.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway/gateway-error.ts'
import { IDEMPOTENCY_KEY_LENGTH_MAX } from '../orders/idempotency.ts'
import { OrderError } from '../orders/order-error.ts'
import { sendApiError } from './api-error.ts'

/** No request of the management API is near this. */
const BODY_LIMIT = '64kb'

export interface ApiRouter {
  readonly router: Router
  /** Who calls, or a refusal. */
  caller(request: Request, scope: Scope): Promise<Caller>
  /** Last: turns whatever was thrown into the error object. */
  finish(): Router
}

export function apiRouter(gateway: Gateway): ApiRouter {
  const router = Router()
  const handleError: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    sendApiError(response, bodyError(error) ?? error, gateway.logger)
  }
  return {
    router,
    caller: (request, scope) => authenticate(request, gateway.directory, gateway.clock, scope),
    finish() {
      router.use(handleError)
      return router
    },
  }
}

/** Reads a JSON body. Only for the routes that take one: what is not for us is passed on unread. */
export const jsonBody: RequestHandler = json({ limit: BODY_LIMIT, strict: true })

/** What the body parser says, in our own words. */
function bodyError(error: unknown): GatewayError | null {
  const { type } = (error ?? {}) as { type?: unknown }
  if (typeof type !== 'string') return null
  if (type === 'entity.too.large') return new GatewayError('body_too_large', `The body may have at most ${BODY_LIMIT}.`)
  if (
    type.startsWith('entity.') ||
    type.startsWith('encoding.') ||
    type.startsWith('charset.') ||
    type === 'request.aborted'
  ) {
    return new GatewayError('invalid_json', 'The body is not valid JSON.')
  }
  return null
}

/**
 * The body as the schema has it.
 * @throws OrderError `invalid_request` naming the first field that is not as expected
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : (issue?.path ?? [])
  const field = path.length > 0 ? path.join('.') : 'body'
  throw new OrderError('invalid_request', `'${field}': ${issue?.message ?? 'not as expected'}.`, { field })
}

/** An amount in minor units: a whole number, as JSON writes it. */
export const amountInMinor = z
  .int({ error: 'expected a whole number of cents, such as 500' })
  .transform((amount) => BigInt(amount))

const KEY = new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY_KEY_LENGTH_MAX}}$`)

/** The caller's Idempotency-Key; null = none. */
export function idempotencyKeyOf(request: Request): string | null {
  const key = request.header('idempotency-key')
  if (key === undefined) return null
  if (KEY.test(key)) return key
  throw new OrderError(
    'invalid_request',
    `'Idempotency-Key' must be 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} printable characters without spaces.`,
    { field: 'Idempotency-Key' },
  )
}
