import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ErrorRequestHandler, Response, Router } from 'express'
import { z } from 'zod'
import { exportFile, ownExport } from '../exports/export-file.ts'
import { ExportRefusal, type ExportRefusalCode, exportNotFound } from '../exports/export-refusal.ts'
import { type ExportRequest, stateAt } from '../exports/export-request.ts'
import { requestExport } from '../exports/request-export.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Logger } from '../lib/logger.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { ExportError, type ExportErrorCode } from '../reports/export-error.ts'
import type { ApiError } from './api-error.ts'
import { apiRouter, idempotencyKeyOf, jsonBody, parseBody } from './api-router.ts'

/** The HTTP status of each refusal about exports and statements. A new code does not compile until it has one. */
const STATUS: Readonly<Record<ExportErrorCode | ExportRefusalCode, number>> = {
  invalid_request: 400,
  account_not_found: 404,
  too_many_lines: 400,
  export_not_found: 404,
  export_not_ready: 409,
  export_failed: 409,
  export_expired: 410,
  too_many_exports: 429,
  month_not_found: 404,
}

/** When another export may be asked for, in seconds: most are made in less. */
const RETRY_AFTER_SECONDS = 10

const INSTANT = 'expected a date such as 2026-11-01, or an instant such as 2026-11-01T12:00:00Z'
/** A date is its first instant in UTC. */
const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: INSTANT })
  .transform((text) => Date.parse(text))

const body = z.strictObject({
  kind: z.enum(['USAGE', 'STATEMENT'], { error: 'expected USAGE or STATEMENT' }),
  format: z.enum(['csv', 'json', 'jsonl'], { error: 'expected csv, json or jsonl' }),
  from: instant,
  to: instant,
})
const UUID = z.uuid()

/** Answers the refusals of exports and statements; all else is the router's own. */
export const answerExportErrors: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent || !(error instanceof ExportError || error instanceof ExportRefusal)) return next(error)
  const { code, message: msg, field } = error
  const answer: ApiError = { errorCode: code, statusCode: STATUS[code], msg, details: field === null ? {} : { field } }
  if (answer.statusCode === 429) response.setHeader('retry-after', String(RETRY_AFTER_SECONDS))
  response.status(answer.statusCode).json(answer)
}

/** Sends a stream. Once its head is out, what fails can only end the connection: a reader that left is no error of ours. */
export async function sendFile(response: Response, content: Readable, logger: Logger): Promise<void> {
  try {
    await pipeline(content, response)
  } catch (error) {
    if (!response.headersSent) throw error
    logger.info({ err: error }, 'a download ended early')
  }
}

/** Files that are too large to be made while somebody waits: asked for, looked after, downloaded. */
export function exportsRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  router.post('/v1/exports', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'billing')
    const asked = parseBody(body, request.body)
    const made = await requestExport(desk, {
      ...asked,
      accountId,
      requestedBy: accessKeyId,
      idempotencyKey: idempotencyKeyOf(request),
    })
    response.status(202).location(`/v1/exports/${made.id}`).json(shownExport(made, desk.clock.now()))
  })

  router.get('/v1/exports/:id', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    const found = await ownExport(desk.pool, accountId, exportIdOf(request.params.id))
    response.set('cache-control', 'private, no-store').json(shownExport(found, desk.clock.now()))
  })

  router.get('/v1/exports/:id/file', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    const file = await exportFile(desk, accountId, exportIdOf(request.params.id))
    response.set({
      'content-type': file.contentType,
      'content-length': String(file.sizeBytes),
      'content-disposition': `attachment; filename="${file.name}"`,
      'repr-digest': `sha-256=:${file.sha256.toString('base64')}:`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    await sendFile(response, file.content, gateway.logger)
  })
  router.use(answerExportErrors)
  return finish()
}

function exportIdOf(text: string): string {
  if (!UUID.safeParse(text).success) throw exportNotFound()
  return text
}

function shownExport(of: ExportRequest, now: number) {
  const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString())
  const { id, kind, format, rowsDone, rowsTotal, sizeBytes, sha256, error } = of
  return {
    ...{ id, state: stateAt(of, now), kind, format, from: iso(of.from), to: iso(of.to), rowsDone, rowsTotal },
    ...{ sizeBytes, sha256: sha256?.toString('hex') ?? null, error },
    ...{ createdAt: iso(of.createdAt), finishedAt: iso(of.finishedAt), expiresAt: iso(of.expiresAt) },
  }
}
