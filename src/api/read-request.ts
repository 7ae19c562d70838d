import { json, type Request, type Response } from 'express'
import type { z } from 'zod'
import { GatewayError } from '../gateway/gateway-error.ts'
import { IDEMPOTENCY_KEY_LENGTH_MAX } from '../orders/idempotency.ts'
import { OrderError } from '../orders/order-error.ts'

/** No request of the management API is near this. */
export const BODY_LIMIT = '64kb'
const parseJson = json({ limit: BODY_LIMIT, strict: true })

/**
 * Reads a JSON body. Only for operations that take one: what is not for us is passed on unread.
 * @throws GatewayError `invalid_json`, `body_too_large`
 */
export function readJson(request: Request, response: Response): Promise<unknown> {
  return new Promise((resolve, reject) => {
    parseJson(request, response, (error?: unknown) => {
      if (error === undefined) resolve(request.body)
      else reject(bodyError(error) ?? error)
    })
  })
}

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

/** A longer name is none of ours; all of it is not repeated in an error. */
const FIELD_LENGTH_MAX = 200

/**
 * What was sent, as the schema has it.
 * @param whole what the whole is called where no field of it is at fault
 * @throws OrderError `invalid_request` naming the first field that is not as expected
 */
export function readAs<Schema extends z.ZodType>(schema: Schema, sent: unknown, whole: string): z.output<Schema> {
  const parsed = schema.safeParse(sent ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const isUnknown = issue?.code === 'unrecognized_keys'
  const path = isUnknown ? [...issue.path, issue.keys[0] as string] : (issue?.path ?? [])
  const field = path.length > 0 ? path.join('.').slice(0, FIELD_LENGTH_MAX) : whole
  const expected = isUnknown ? 'there is none of this name' : (issue?.message ?? 'not as expected')
  throw new OrderError('invalid_request', `'${field}': ${expected}.`, { field })
}

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

/** Longer than any list of entity tags that means something here. */
const IF_MATCH_LENGTH_MAX = 200

/** The entity tag of a version; `"0"` = there is none yet. */
export const etagOf = (version: number): string => `"${version}"`

/**
 * Which versions the caller wants to replace, by `If-Match`; any, where it says nothing.
 * @throws OrderError `invalid_request` naming the header
 */
export function expectedVersions(request: Request, what: string): (version: number) => boolean {
  const header = request.header('if-match')?.trim()
  if (header === undefined) return () => true
  if (header === '*') return (version) => version > 0
  const tags = header.split(',').map((tag) => tag.trim())
  if (header.length > IF_MATCH_LENGTH_MAX || !tags.every((tag) => /^(W\/)?"[^"]*"$/.test(tag))) {
    throw new OrderError('invalid_request', `'If-Match': expected the ETag of the ${what}, such as "3".`, {
      field: 'If-Match',
    })
  }
  return (version) => tags.includes(etagOf(version))
}
