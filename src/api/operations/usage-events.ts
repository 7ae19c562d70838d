import type { Request } from 'express'
import { z } from 'zod'
import type { ExportFormat } from '../../exports/export-request.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { OrderError } from '../../orders/order-error.ts'
import { USAGE_EXPORT_FORMATS } from '../../reports/export-usage.ts'
import { accountEvents, readGeneration } from '../../reports/usage/account-events.ts'
import { ApiRefusal } from '../api-refusal.ts'
import { idParams, instant, pageLimit, pageOf } from '../fields.ts'
import { answer, type Call, type Operation, operation, SENT } from '../operation.ts'
import { EVENTS_AT_ONCE_MAX, usageFile } from '../usage-file.ts'
import { exportReply, shownExport } from './exports.ts'
import { fileHeaders, sendFile } from './files.ts'
import { GENERATION_STATUSES, generationAsShown, shownGeneration } from './shown-generation.ts'
import { rangeOf } from './shown-usage.ts'
import { usageFilterFields, usageFiltersOf } from './usage-filters.ts'

const TAG = 'Usage'
const PAGE = 100
const PAGE_MAX = 1_000

const query = z.strictObject({
  from: instant.optional().describe('The first instant. Of a file, 30 days before `to` without it.'),
  to: instant.optional().describe('The first instant that is not in it.'),
  ...usageFilterFields,
  status: z.enum(GENERATION_STATUSES, { error: `expected ${GENERATION_STATUSES.join(', ')}` }).optional(),
  streaming: z.enum(['true', 'false'], { error: 'expected true or false' }).optional(),
  limit: pageLimit(PAGE_MAX, PAGE),
  cursor: z.guid({ error: 'expected the nextCursor of the page before' }).optional(),
  format: z
    .enum(USAGE_EXPORT_FORMATS, { error: 'expected csv, json or jsonl' })
    .optional()
    .describe('The whole range as one file instead of pages; `Accept: text/csv` says the same.'),
})
type Asked = z.output<typeof query>

/** What pages are narrowed by; a file holds all requests of its range. */
const PAGES_ONLY = ['model', 'providerId', 'keyId', 'projectId', 'status', 'streaming', 'cursor'] as const

const eventPage = pageOf(shownGeneration).meta({ id: 'GenerationPage' })
/** A file of JSON has the columns of the CSV. */
const wholeRange = z.array(z.record(z.string(), z.unknown()))
const generationNotFound = () => new ApiRefusal('generation_not_found', 'There is no such request.', 'id')

/** The requests of an account, one by one. */
export function usageEventsOperations(gateway: Gateway, desk: CashDesk): Operation[] {
  const { pool, clock, logger } = gateway

  async function sendWhole(call: Call<undefined, Asked, undefined>, format: ExportFormat) {
    const { caller, query: asked, response } = call
    refuseFilters(asked)
    const range = rangeOf(asked, clock.now())
    const { accountId, credentialId: requestedBy } = caller
    const file = await usageFile(desk, { accountId, ...range, format, requestedBy })
    if (!file.isReady) {
      const headers = { location: `/v1/exports/${file.exported.id}` }
      return answer(shownExport(file.exported, clock.now()), { status: 202, headers })
    }
    response.set(fileHeaders(file.contentType, file.name))
    await sendFile(response, file.content, logger)
    return SENT
  }

  return [
    operation({
      ...{ id: 'listUsageEvents', method: 'get', path: '/v1/usage/events', tag: TAG },
      summary: 'Requests, one by one',
      description:
        'Pages of JSON, the latest first; a page may be short, or empty, and still not be the last. With `format`, or an ' +
        `\`Accept\` of text/csv or application/jsonl, the whole range as one file: up to ${EVENTS_AT_ONCE_MAX} requests ` +
        'at once, more as an export that is being made (202).',
      access: { scopes: ['usage:read'], accessKey: null },
      query,
      reply: z.union([eventPage, wholeRange, exportReply]),
      replies: [
        {
          status: 200,
          description: 'A page, or the file.',
          schema: z.union([eventPage, wholeRange]),
          media: ['text/csv', 'application/jsonl'],
        },
        {
          status: 202,
          description: 'The file is being made.',
          schema: exportReply,
          headers: { location: 'Where to look after it.' },
        },
      ],
      errors: ['too_many_exports'],
      example: { query: { limit: '10' } },
      handle: async (call) => {
        const { caller, query: asked, request } = call
        const format = asked.format ?? acceptedFormat(request)
        if (format) return sendWhole(call, format)
        const { from, to, status, streaming, limit, cursor = null } = asked
        const { events, next } = await accountEvents(
          { pool },
          {
            accountId: caller.accountId,
            filters: {
              ...usageFiltersOf(asked),
              ...(from !== undefined && { from }),
              ...(to !== undefined && { to }),
              ...(status !== undefined && { status }),
              ...(streaming !== undefined && { streaming: streaming === 'true' }),
            },
            ...{ cursor, limit },
          },
        )
        return answer({ data: events.map(generationAsShown), nextCursor: next })
      },
    }),
    operation({
      ...{ id: 'getGeneration', method: 'get', path: '/v1/generations/{id}', tag: TAG },
      summary: 'One request',
      description: 'By the `x-request-id` of its reply. An access key sees the requests that were made with it.',
      access: { scopes: ['usage:read'], accessKey: 'inference' },
      params: idParams,
      missing: generationNotFound,
      reply: shownGeneration,
      replies: [{ status: 200, description: 'What was used and charged.' }],
      errors: ['generation_not_found'],
      handle: async ({ caller, params }) => {
        const found = await readGeneration({ pool }, caller.accountId, params.id)
        const isTheirs = caller.kind === 'api_key' || found?.accessKeyId === caller.credentialId
        if (!found || !isTheirs) throw generationNotFound()
        return answer(generationAsShown(found))
      },
    }),
  ]
}

/** What is asked for by name; who takes anything gets pages. */
function acceptedFormat(request: Request): ExportFormat | null {
  const { accept } = request.headers
  if (accept === undefined) return null
  if (/\btext\/csv\b/i.test(accept)) return 'csv'
  return /\bapplication\/(jsonl|x-ndjson)\b/i.test(accept) ? 'jsonl' : null
}

function refuseFilters(asked: Asked): void {
  const field = PAGES_ONLY.find((name) => asked[name] !== undefined)
  if (field === undefined) return
  throw new OrderError('invalid_request', `'${field}': a file holds all requests of its range; leave it out.`, {
    field,
  })
}
