import { z } from 'zod'
import { type DocumentFormat, documentFile } from '../../invoicing/document-file.ts'
import { documentNotFound } from '../../invoicing/invoicing-error.ts'
import { LIST_LIMIT_MAX, type ListedDocument, listDocuments } from '../../invoicing/list-documents.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { orderNotFound } from '../../orders/order-error.ts'
import { paymentReceipt } from '../../orders/payment-receipt.ts'
import { cents, currency, idParams, pageLimit, uuid } from '../fields.ts'
import { type Answer, answer, type Call, type Operation, operation, SENT, type Sent } from '../operation.ts'
import { fileHeaders } from './files.ts'

const TAG = 'Invoices'
const PAGE = 20

const document = z
  .object({
    id: uuid,
    kind: z.enum(['INVOICE', 'CREDIT_NOTE']),
    number: z.string(),
    issueDate: z.iso.date(),
    currency,
    netCents: cents,
    taxCents: cents,
    totalCents: cents,
    orderId: uuid.nullable().describe('Null where it is about a month of use.'),
    usageMonth: z
      .string()
      .nullable()
      .describe('The month of use that it is about, such as `2026-11`; null = an order.'),
    originalId: uuid.nullable().describe('Of a credit note: the invoice that it corrects.'),
  })
  .meta({ id: 'Invoice' })

const reading = { scopes: ['billing:read'], accessKey: 'billing' } as const
const ERRORS = ['document_not_found', 'seller_not_set_up'] as const

/** The invoices and credit notes of an account: a list, and each as a PDF with its e-invoice inside, or as XML alone. */
export function invoicesOperations(desk: CashDesk): Operation[] {
  const send = async (
    { caller, response }: Call<unknown, unknown, unknown>,
    id: string,
    format: DocumentFormat,
  ): Promise<Answer<undefined> | Sent> => {
    const { content, contentType, name } = await documentFile(desk, id, format, caller.accountId)
    response.set(fileHeaders(contentType, name)).send(content)
    return SENT
  }
  return [
    operation({
      ...{ id: 'listInvoices', method: 'get', path: '/v1/invoices', tag: TAG },
      summary: 'Invoices and credit notes',
      access: reading,
      query: z.strictObject({
        limit: pageLimit(LIST_LIMIT_MAX, PAGE),
        before: z
          .uuid({ error: 'expected the id of the last document of the page before' })
          .optional()
          .describe('The `nextBefore` of the page before.'),
      }),
      reply: z
        .object({
          invoices: z.array(document),
          nextBefore: uuid.nullable().describe('Ask for the next page with `?before=`; null = this is the last.'),
        })
        .meta({ id: 'InvoicePage' }),
      replies: [{ status: 200, description: 'The latest first.' }],
      handle: async ({ caller, query: { limit, before = null } }) => {
        const documents = await listDocuments(desk.pool, caller.accountId, { limit, before })
        return answer({
          invoices: documents.map(shown),
          nextBefore: documents.length === limit ? (documents.at(-1)?.id ?? null) : null,
        })
      },
    }),
    operation({
      ...{ id: 'getInvoicePdf', method: 'get', path: '/v1/invoices/{id}.pdf', tag: TAG },
      summary: 'An invoice as PDF',
      description: 'PDF/A-3 with the e-invoice inside; the same bytes each time.',
      access: reading,
      params: idParams,
      missing: documentNotFound,
      replies: [{ status: 200, description: 'The document.', media: ['application/pdf'] }],
      errors: ERRORS,
      handle: (call) => send(call, call.params.id, 'pdf'),
    }),
    operation({
      ...{ id: 'getInvoiceXml', method: 'get', path: '/v1/invoices/{id}.xml', tag: TAG },
      summary: 'An e-invoice as XML',
      access: reading,
      params: idParams,
      missing: documentNotFound,
      query: z.strictObject({
        format: z
          .enum(['cii', 'ubl'], { error: 'expected cii or ubl' })
          .default('cii')
          .describe('The syntax of EN 16931: UN/CEFACT CII, or UBL 2.1.'),
      }),
      replies: [{ status: 200, description: 'The document.', media: ['application/xml'] }],
      errors: ERRORS,
      handle: (call) => send(call, call.params.id, call.query.format),
    }),
    operation({
      ...{ id: 'getPaymentReceipt', method: 'get', path: '/v1/receipts/{id}.pdf', tag: TAG },
      summary: 'The receipt of an order as PDF',
      description:
        'Of an order whose credits are vouchers, which are invoiced month by month as they are used. It is no invoice.',
      access: reading,
      params: idParams,
      missing: orderNotFound,
      replies: [{ status: 200, description: 'The receipt.', media: ['application/pdf'] }],
      errors: ['order_not_found'],
      handle: async ({ caller, response, params }) => {
        const { content, contentType, name } = await paymentReceipt(desk, params.id, caller.accountId)
        response.set(fileHeaders(contentType, name)).send(content)
        return SENT
      },
    }),
  ]
}

function shown({ netMinor, taxMinor, totalMinor, ...document }: ListedDocument) {
  const { id, kind, number, issueDate, currency, orderId, usageMonth, originalId } = document
  return {
    ...{ id, kind, number, issueDate, currency, orderId, usageMonth, originalId },
    ...{ netCents: Number(netMinor), taxCents: Number(taxMinor), totalCents: Number(totalMinor) },
  }
}
