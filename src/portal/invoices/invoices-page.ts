import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { readBillingProfile } from '../../accounts/billing-profile.ts'
import { ExportRefusal } from '../../exports/export-refusal.ts'
import { monthStatement, type StatementFormat } from '../../exports/month-statement.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson } from '../../http/person-session.ts'
import { type DocumentFormat, documentFile } from '../../invoicing/document-file.ts'
import { InvoicingError } from '../../invoicing/invoicing-error.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { ExportError } from '../../reports/export-error.ts'
import { fieldOf } from '../credits/form-fields.ts'
import { MONEY_ROLES } from '../credits/money-roles.ts'
import { sendPage } from '../page.ts'
import { readAwaitedInvoices, readVoucherReceipts } from './awaited-invoices.ts'
import { readInvoices } from './listed-invoices.ts'
import { statementMonths } from './statement-months.ts'

const INVOICES_A_PAGE = 25
const UUID = z.uuid()

/** Invoices, credit notes and statements: listed, and each download authorised anew. */
export function invoicesPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  router.get('/invoices', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const given = fieldOf(request.query, 'before')
    const before = UUID.safeParse(given).success ? given : null
    const documents = await readInvoices(pool, accountId, { limit: INVOICES_A_PAGE + 1, before })
    const shown = documents.slice(0, INVOICES_A_PAGE)
    const last = documents.length > INVOICES_A_PAGE ? shown.at(-1) : undefined
    const awaited = before === null ? await readAwaitedInvoices(pool, accountId) : []
    sendPage(response, 200, 'invoices', {
      title: 'Invoices',
      ...{ documents: shown, isFirst: before === null, awaited },
      receipts: before === null ? await readVoucherReceipts(pool, accountId) : [],
      nextPath: last ? `/invoices?before=${last.id}` : null,
      lookedAt: clock.now(),
      months: await statementMonths(pool, accountId, clock.now()),
      profile: await readBillingProfile(pool, accountId),
      isPreparing: awaited.length > 0 || shown.some(({ isReady }) => !isReady),
      scripts: ['htmx.js'],
    })
  })

  const sendDocument = async (request: Request, response: Response, format: DocumentFormat) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const id = fieldOf(request.params, 'id')
    if (!UUID.safeParse(id).success) throw new PageError('not found')
    try {
      const { content, contentType, name } = await documentFile(desk, id, format, accountId)
      response.set(downloadHeaders(contentType, name)).send(content)
    } catch (error) {
      if (error instanceof InvoicingError && error.code === 'document_not_found') throw new PageError('not found')
      throw error
    }
  }

  router.get('/invoices/:id.pdf', requirePerson, (request, response) => sendDocument(request, response, 'pdf'))
  router.get('/invoices/:id.ubl.xml', requirePerson, (request, response) => sendDocument(request, response, 'ubl'))
  router.get('/invoices/:id.xml', requirePerson, (request, response) => sendDocument(request, response, 'cii'))

  const sendStatement = async (request: Request, response: Response, format: StatementFormat) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const month = fieldOf(request.params, 'month')
    try {
      const { content, contentType, name } = await monthStatement(desk, accountId, month, format)
      response.set(downloadHeaders(contentType, name))
      await pipeline(Readable.from(content, { objectMode: false }), response)
    } catch (error) {
      if (response.headersSent) {
        desk.logger.info({ err: error }, 'a download ended early')
        return
      }
      if (error instanceof InvoicingError || (error instanceof ExportError && error.code === 'too_many_lines')) {
        flash(response, error.message, 'failed')
        return response.redirect(303, '/invoices')
      }
      if (error instanceof ExportError || error instanceof ExportRefusal) throw new PageError('not found')
      throw error
    }
  }

  router.get('/statements/:month.pdf', requirePerson, (request, response) => sendStatement(request, response, 'pdf'))
  router.get('/statements/:month.csv', requirePerson, (request, response) => sendStatement(request, response, 'csv'))

  return router
}

function downloadHeaders(contentType: string, name: string): Record<string, string> {
  return {
    'content-type': contentType,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'private, no-store',
  }
}
