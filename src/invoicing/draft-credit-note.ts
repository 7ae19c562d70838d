import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { creditedGroups } from './credited-groups.ts'
import { LINE_WORDS } from './document-language.ts'
import type { DocumentLine, DocumentSnapshot, TaxGroup } from './document-snapshot.ts'
import { TEMPLATE_VERSION } from './draft-invoice.ts'
import { InvoicingError } from './invoicing-error.ts'
import { type DraftDocument, dayIn, type IssueRequest } from './issue-document.ts'
import { atRateOf } from './national-tax.ts'
import { readSnapshot } from './snapshot-json.ts'

/** Money that was given back of a paid order. Amounts in minor units. */
export interface ReturnedMoney {
  orderId: string
  refundId: string
  totalMinor: bigint
  /** Milliseconds since the epoch. */
  returnedAt: number
}

interface InvoiceRow {
  id: string
  seller_id: string
  account_id: string
  snapshot: unknown
  time_zone: string
  credited_minor: string
}

/**
 * Everything a credit note says but its number; null where the order has no invoice, or this refund has its credit note.
 * It takes over the invoice's parties, rates and words, whatever has changed since.
 *
 * The order must be locked, so that two refunds do not both see what is left.
 * @throws InvoicingError `nothing_left_to_credit` above what the invoice still comes to.
 */
export async function draftCreditNote(
  client: ClientBase,
  clock: Clock,
  { orderId, refundId, totalMinor, returnedAt }: ReturnedMoney,
): Promise<IssueRequest | null> {
  const { rows } = await client.query<InvoiceRow>(
    `SELECT invoice.id, invoice.seller_id, invoice.account_id, invoice.snapshot, seller.time_zone,
       (SELECT coalesce(sum(total_minor), 0) FROM tax_document note WHERE note.original_id = invoice.id) AS credited_minor
     FROM tax_document invoice JOIN seller ON seller.id = invoice.seller_id
     WHERE invoice.order_id = $1 AND invoice.kind = 'INVOICE'
       AND NOT EXISTS (SELECT FROM tax_document note WHERE note.refund_id = $2)`,
    [orderId, refundId],
  )
  const [row] = rows
  if (!row) return null
  const invoice = readSnapshot(row.snapshot)
  const before = BigInt(row.credited_minor)
  if (before + totalMinor > invoice.totalMinor) {
    throw new InvoicingError(
      'nothing_left_to_credit',
      `Invoice ${invoice.number} has ${invoice.totalMinor - before} left to credit (minor units), not ${totalMinor}.`,
      'totalMinor',
    )
  }
  const taxes = creditedGroups(invoice, await groupsCredited(client, orderId, row.id), totalMinor)
  const issueDate = dayIn(row.time_zone, clock.now())
  const draft: DraftDocument = {
    ...invoice,
    ...{
      kind: 'CREDIT_NOTE',
      issueDate,
      taxPointDate: dayIn(row.time_zone, returnedAt),
      templateVersion: TEMPLATE_VERSION,
    },
    lines: taxes.map((group, index) => lineOf(group, index, invoice)),
    taxes,
    netMinor: taxes.reduce((sum, group) => sum + group.netMinor, 0n),
    taxMinor: taxes.reduce((sum, group) => sum + group.taxMinor, 0n),
    totalMinor,
    ...{ prepaidMinor: totalMinor, dueMinor: 0n },
    payment: { ...invoice.payment, paidOn: dayIn(row.time_zone, returnedAt) },
    original: { number: invoice.number, issueDate: invoice.issueDate },
  }
  const ids = { sellerId: row.seller_id, accountId: row.account_id, orderId, refundId, originalId: row.id }
  return { ...ids, draft: atRateOf(invoice, withoutNumber(draft)) }
}

/** The groups of the credit notes that an invoice has so far, as they were frozen. */
async function groupsCredited(client: ClientBase, orderId: string, invoiceId: string): Promise<TaxGroup[]> {
  const { rows } = await client.query<{ snapshot: unknown }>(
    'SELECT snapshot FROM tax_document WHERE order_id = $1 AND original_id = $2',
    [orderId, invoiceId],
  )
  return rows.flatMap(({ snapshot }) => readSnapshot(snapshot).taxes)
}

function lineOf(group: TaxGroup, index: number, invoice: DocumentSnapshot): DocumentLine {
  const { netMinor, category, rateBps } = group
  return {
    id: String(index + 1),
    name: LINE_WORDS[invoice.language].refund(invoice.number),
    description: null,
    ...{ quantity: 1n, unitCode: 'C62', unitNetMinor: netMinor, netMinor, category, rateBps },
  }
}

function withoutNumber(draft: DraftDocument): DraftDocument {
  const { number: _number, ...rest } = draft as DocumentSnapshot
  return rest
}
