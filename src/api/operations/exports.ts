import { z } from 'zod'
import { exportFile, ownExport } from '../../exports/export-file.ts'
import { exportNotFound } from '../../exports/export-refusal.ts'
import { EXPORT_KINDS, type ExportKind, type ExportRequest, stateAt } from '../../exports/export-request.ts'
import { requestExport } from '../../exports/request-export.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { GatewayError } from '../../gateway/gateway-error.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { USAGE_EXPORT_FORMATS } from '../../reports/export-usage.ts'
import type { ApiCaller } from '../api-caller.ts'
import { count, idParams, instant, isoOrNull, isoTime, time, uuid } from '../fields.ts'
import { answer, type Operation, operation, SENT } from '../operation.ts'
import { fileHeaders, sendFile } from './files.ts'

const TAG = 'Exports'

const newExport = z
  .strictObject({
    kind: z.enum(EXPORT_KINDS, { error: 'expected USAGE or STATEMENT' }),
    format: z.enum(USAGE_EXPORT_FORMATS, { error: 'expected csv, json or jsonl' }),
    from: instant.describe('The first instant; a date is its first instant in UTC.'),
    to: instant.describe('The first instant that is not in it.'),
  })
  .meta({ id: 'NewExport' })

export const exportReply = z
  .object({
    id: uuid,
    state: z.enum(['PENDING', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED']),
    kind: z.enum(EXPORT_KINDS),
    format: z.enum(USAGE_EXPORT_FORMATS),
    from: time,
    to: time,
    rowsDone: count,
    rowsTotal: count.nullable(),
    sizeBytes: count.nullable(),
    sha256: z.string().nullable(),
    error: z.string().nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'Export' })

/** Usage is for those who read usage as well as for those who see bills. */
const access = { scopes: ['usage:read', 'billing:read'], accessKey: 'billing' } as const
const LOCATION = { location: 'Where to look after the export.' }

/** Files that are too large to be made while somebody waits: asked for, looked after, downloaded. */
export function exportsOperations(gateway: Gateway, desk: CashDesk): Operation[] {
  const find = async (caller: ApiCaller, id: string): Promise<ExportRequest> => {
    const found = await ownExport(desk.pool, caller.accountId, id)
    refuseOtherKind(caller, found.kind)
    return found
  }
  return [
    operation({
      ...{ id: 'createExport', method: 'post', path: '/v1/exports', tag: TAG, takesIdempotencyKey: true },
      summary: 'Ask for a file',
      description: 'Usage (scope `usage:read`) or a statement (`billing:read`) of a range of at most 366 days.',
      access,
      body: newExport,
      reply: exportReply,
      replies: [{ status: 202, description: 'The file is being made.', headers: LOCATION }],
      errors: ['too_many_exports', 'idempotency_conflict'],
      example: { body: { kind: 'USAGE', format: 'csv', from: '2026-11-01', to: '2026-12-01' } },
      handle: async ({ caller, body, idempotencyKey }) => {
        refuseOtherKind(caller, body.kind)
        const { accountId, credentialId: requestedBy } = caller
        const made = await requestExport(desk, { ...body, accountId, requestedBy, idempotencyKey })
        return answer(shownExport(made, desk.clock.now()), {
          status: 202,
          headers: { location: `/v1/exports/${made.id}` },
        })
      },
    }),
    operation({
      ...{ id: 'getExport', method: 'get', path: '/v1/exports/{id}', tag: TAG },
      summary: 'How far a file is',
      access,
      params: idParams,
      missing: exportNotFound,
      reply: exportReply,
      replies: [{ status: 200, description: 'The export.' }],
      errors: ['export_not_found'],
      handle: async ({ caller, params }) => answer(shownExport(await find(caller, params.id), desk.clock.now())),
    }),
    operation({
      ...{ id: 'getExportFile', method: 'get', path: '/v1/exports/{id}/file', tag: TAG },
      summary: 'Download a file',
      access,
      params: idParams,
      missing: exportNotFound,
      replies: [
        {
          status: 200,
          description: 'The file.',
          media: ['text/csv', 'application/json', 'application/jsonl'],
          headers: { 'repr-digest': 'SHA-256 of the file (RFC 9530).' },
        },
      ],
      errors: ['export_not_found', 'export_not_ready', 'export_failed', 'export_expired'],
      handle: async ({ caller, params, response }) => {
        await find(caller, params.id)
        const file = await exportFile(desk, caller.accountId, params.id)
        response.set({
          ...fileHeaders(file.contentType, file.name),
          'content-length': String(file.sizeBytes),
          'repr-digest': `sha-256=:${file.sha256.toString('base64')}:`,
        })
        await sendFile(response, file.content, gateway.logger)
        return SENT
      },
    }),
  ]
}

/** @throws GatewayError `scope_missing` */
function refuseOtherKind({ kind, scopes }: ApiCaller, exported: ExportKind): void {
  if (kind === 'access_key') return
  const needed = exported === 'USAGE' ? 'usage:read' : 'billing:read'
  if (!scopes.includes(needed)) throw new GatewayError('scope_missing', `This API key lacks the scope '${needed}'.`)
}

export function shownExport(of: ExportRequest, now: number) {
  const { id, kind, format, rowsDone, rowsTotal, sizeBytes, sha256, error } = of
  return {
    ...{ id, state: stateAt(of, now), kind, format, from: isoTime(of.from), to: isoTime(of.to), rowsDone, rowsTotal },
    ...{ sizeBytes, sha256: sha256?.toString('hex') ?? null, error },
    ...{ createdAt: isoTime(of.createdAt), finishedAt: isoOrNull(of.finishedAt), expiresAt: isoOrNull(of.expiresAt) },
  }
}
