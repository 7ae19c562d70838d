import type { Response, Router } from 'express'
import { z } from 'zod'
import type { Gateway } from '../gateway/gateway.ts'
import { type DocumentFormat, documentFile } from '../invoicing/document-file.ts'
import { documentNotFound } from '../invoicing/invoicing-error.ts'
import { LIST_LIMIT_MAX, listDocuments } from '../invoicing/list-documents.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { apiRouter, parseBody } from './api-router.ts'

const PAGE = 20

const listQuery = z.strictObject({
  limit: z.coerce
    .number({ error: `expected a whole number from 1 to ${LIST_LIMIT_MAX}` })
    .int({ error: `expected a whole number from 1 to ${LIST_LIMIT_MAX}` })
    .min(1, { error: `expected a whole number from 1 to ${LIST_LIMIT_MAX}` })
    .max(LIST_LIMIT_MAX, { error: `expected a whole number from 1 to ${LIST_LIMIT_MAX}` })
    .default(PAGE),
  before: z.uuid({ error: 'expected the id of the last document of the page before' }).optional(),
})
const fileQuery = z.strictObject({
  format: z.enum(['cii', 'ubl'], { error: 'expected cii or ubl' }).default('cii'),
})
const UUID = z.uuid()

/** The invoices and credit notes of an account: a list, and each as a PDF with its e-invoice inside, or as XML alone. */
export function invoicesRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  router.get('/v1/invoices', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    const { limit, before = null } = parseBody(listQuery, request.query)
    const documents = await listDocuments(desk.pool, accountId, { limit, before })
    response.json({
      invoices: documents.map(({ netMinor, taxMinor, totalMinor, ...document }) => ({
        ...document,
        ...{ netCents: Number(netMinor), taxCents: Number(taxMinor), totalCents: Number(totalMinor) },
      })),
      /** Ask for what comes after it with `?before=`. */
      nextBefore: documents.length === limit ? (documents.at(-1)?.id ?? null) : null,
    })
  })

  const send = async (response: Response, accountId: string, id: string, format: DocumentFormat) => {
    if (!UUID.safeParse(id).success) throw documentNotFound()
    const { content, contentType, name } = await documentFile(desk, id, format, accountId)
    response.set({
      'content-type': contentType,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    response.send(content)
  }

  router.get('/v1/invoices/:id.pdf', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    await send(response, accountId, request.params.id, 'pdf')
  })

  router.get('/v1/invoices/:id.xml', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    const { format } = parseBody(fileQuery, request.query)
    await send(response, accountId, request.params.id, format)
  })
  return finish()
}
