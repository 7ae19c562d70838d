import { z } from 'zod'
import { type ApiErrorCode, STATUS_OF } from '../api-error.ts'
import type { Operation } from '../operation.ts'
import type { ResponseObject } from './document.ts'

/** What every refusal and failure is answered with. */
export const errorSchema = z
  .object({
    errorCode: z.string().describe('Stable: branch on it.'),
    statusCode: z.int(),
    msg: z.string().describe('For people.'),
    details: z.record(z.string(), z.string()).describe('`field`: which part of the request is at fault.'),
  })
  .meta({ id: 'Error' })

const CREDENTIALS = [
  ...(['missing_api_key', 'invalid_api_key', 'api_key_disabled', 'api_key_expired'] as const),
  ...(['account_disabled', 'scope_missing', 'ip_not_allowed', 'rate_limited'] as const),
]
const BODY = ['invalid_json', 'body_too_large'] as const
/** Of any operation: unknown query parameters are refused, and nothing is always there. */
const ALWAYS = ['invalid_request', 'service_unavailable', 'internal_error'] as const

/** Every code that an operation can answer with, by its status. */
export function errorCodesOf({ access, body, errors }: Operation): Map<number, ApiErrorCode[]> {
  const codes = new Set<ApiErrorCode>([
    ...ALWAYS,
    ...(access === 'anybody' ? [] : CREDENTIALS),
    ...(body ? BODY : []),
    ...errors,
  ])
  const byStatus = new Map<number, ApiErrorCode[]>()
  for (const code of codes) byStatus.set(STATUS_OF[code], [...(byStatus.get(STATUS_OF[code]) ?? []), code])
  return new Map([...byStatus].sort(([left], [right]) => left - right))
}

export function errorResponses(operation: Operation): Record<string, ResponseObject> {
  return Object.fromEntries(
    [...errorCodesOf(operation)].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        ...(status === 429 && { headers: { 'retry-after': { $ref: '#/components/headers/RetryAfter' } } }),
        content: {
          'application/json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Error' },
                { properties: { errorCode: { enum: codes }, statusCode: { const: status } } },
              ],
            },
          },
        },
      },
    ]),
  )
}
