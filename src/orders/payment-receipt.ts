import type { Pool } from 'pg'
import { dayIn } from '../invoicing/issue-document.ts'
import type { ProFormaDocument } from '../invoicing/pdf/render-pro-forma.ts'
import { partyOf, readLogo, sellerById } from '../invoicing/seller.ts'
import { readBuyer } from '../invoicing/tax-of-sale.ts'
import { printedReference } from './creditor-reference.ts'
import { linesOf, readPackageName } from './manual/pro-forma.ts'
import { readOrder } from './order.ts'
import { orderNotFound } from './order-error.ts'
import { id, readRequest } from './read-request.ts'

/** A receipt as it is downloaded. */
export interface PaymentReceipt {
  content: Buffer
  contentType: 'application/pdf'
  /** Such as `receipt-RF18FB00000042.pdf`. */
  name: string
}

/**
 * The receipt of an order that was paid for vouchers, which have no invoice of their own: that the money came, for how many
 * credits, and that their tax is invoiced as they are used. It has no number, is no tax document, and is made anew each time.
 * @param accountId whose order it must be; null = any, for the staff
 * @throws OrderError `order_not_found`, also for somebody else's order, one that is not paid, and one that has an invoice
 */
export async function paymentReceipt(
  { pool }: { pool: Pool },
  orderId: string,
  accountId: string | null,
): Promise<PaymentReceipt> {
  const document = await receiptDocument(pool, readRequest(id, orderId), accountId)
  const reference = document.printedReference.replaceAll(' ', '')
  // Fonts and all are loaded by the first process that renders.
  const { renderProFormaDocument } = await import('../invoicing/pdf/render-pro-forma.ts')
  const content = await renderProFormaDocument(document)
  return { content, contentType: 'application/pdf', name: `receipt-${reference}.pdf` }
}

async function receiptDocument(pool: Pool, orderId: string, accountId: string | null): Promise<ProFormaDocument> {
  const order = await readOrder(pool, orderId)
  if (order === null || (accountId !== null && order.accountId !== accountId)) throw orderNotFound()
  const seller = order.sellerId === null ? null : await sellerById(pool, order.sellerId)
  if (order.taxPoint !== 'USAGE' || order.paidAt === null || seller === null) throw orderNotFound()
  const { currency, netMinor, taxMinor, totalMinor, refundedMinor, paidAt, createdAt, provider } = order
  const buyer = await readBuyer(pool, order.accountId)
  const means = provider === 'STRIPE' ? 'CARD' : 'TRANSFER'
  return {
    ...{ language: buyer.language, orderNumber: order.number, status: 'paid', createdAt: paidAt },
    ...{ issuedOn: dayIn(seller.timeZone, createdAt), dueOn: null },
    ...{
      seller: partyOf(seller),
      bank: null,
      logo: await readLogo(pool, seller.logoSha256),
      buyer: buyer.party,
      currency,
    },
    lines: linesOf(order, await readPackageName(pool, order.packageId)),
    ...{ tax: null, ofVouchers: true, netMinor, taxMinor, totalMinor, receivedMinor: 0n, openMinor: 0n },
    receipt: { paidOn: dayIn(seller.timeZone, paidAt), means, refundedMinor },
    ...{ printedReference: printedReference(order.reference), epcPayload: null },
  }
}
