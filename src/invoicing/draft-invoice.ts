import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { LINE_WORDS } from './document-language.ts'
import type { DocumentLine, TaxGroup } from './document-snapshot.ts'
import { type DraftDocument, dayIn, type IssueRequest } from './issue-document.ts'
import { withNationalTax } from './national-tax.ts'
import { readOrderEvidence } from './order-evidence.ts'
import { partyOf, sellerTo } from './seller.ts'
import { readBuyer, readTaxTable, type Sale, type SaleTax, taxContained, withEvidence } from './tax-of-sale.ts'
import { ciiXml } from './xml/cii.ts'

/** Which design documents are rendered by from now on. */
export const TEMPLATE_VERSION = 1

/** A paid order, as its invoice has to say it. Amounts in minor units. */
export interface SoldCredits {
  accountId: string
  orderId: string
  /** What the payment is known by at both sides. */
  reference: string
  currency: string
  netMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
  /** How the tax was decided before the payment; null = it is contained in the total. */
  tax: SaleTax | null
  /** The bonus credits as people write them; null = none. */
  bonus: string | null
  means: 'CARD' | 'TRANSFER'
  /** Milliseconds since the epoch. */
  paidAt: number
}

/**
 * Everything an invoice says but its number; null where the account's seller was not set up. Reads only.
 * @throws InvoiceXmlError where the seller lacks what an e-invoice must say.
 */
export async function draftInvoice(client: ClientBase, clock: Clock, sold: SoldCredits): Promise<IssueRequest | null> {
  const seller = await sellerTo(client, sold.accountId)
  if (!seller) return null
  const buyer = await readBuyer(client, sold.accountId)
  const paidOn = dayIn(seller.timeZone, sold.paidAt)
  const { currency, totalMinor } = sold
  const known = await readOrderEvidence(client, sold.orderId)
  const sale: Sale = { seller, buyer, currency, date: paidOn, table: await readTaxTable(client), evidence: known }
  const taxed = sold.tax
    ? { netMinor: sold.netMinor, taxMinor: sold.taxMinor, tax: withEvidence(sold.tax, known), buyer: buyer.party }
    : taxContained(sale, totalMinor)
  const { language, notes, evidence } = taxed.tax
  const draft: DraftDocument = await withNationalTax(client, {
    ...{ version: 1, kind: 'INVOICE', issueDate: dayIn(seller.timeZone, clock.now()), taxPointDate: paidOn },
    ...{ language, templateVersion: TEMPLATE_VERSION, currency },
    ...{ seller: partyOf(seller), buyer: taxed.buyer },
    lines: [lineOf(sold, taxed.netMinor, taxed.tax)],
    taxes: [groupOf(taxed.netMinor, taxed.taxMinor, taxed.tax)],
    ...{ netMinor: taxed.netMinor, taxMinor: taxed.taxMinor, totalMinor },
    // It is paid before it is issued.
    ...{ prepaidMinor: totalMinor, dueMinor: 0n },
    payment: { means: sold.means, reference: sold.reference, paidOn, orderId: sold.orderId },
    ...{ original: null, notes, evidence },
  })
  // What cannot be said as an e-invoice must not take a number.
  ciiXml({ ...draft, number: '1' })
  const { accountId, orderId } = sold
  return { sellerId: seller.id, accountId, orderId, refundId: null, originalId: null, draft }
}

function lineOf({ bonus }: SoldCredits, netMinor: bigint, { category, rateBps, language }: SaleTax): DocumentLine {
  const words = LINE_WORDS[language]
  return {
    id: '1',
    name: words.credits,
    description: bonus === null ? null : words.bonus(bonus),
    ...{ quantity: 1n, unitCode: 'C62', unitNetMinor: netMinor, netMinor, category, rateBps },
  }
}

/** The one tax group of a document whose sales are all taxed alike. */
export function groupOf(netMinor: bigint, taxMinor: bigint, tax: SaleTax): TaxGroup {
  const { category, rateBps, exemptionCode, exemptionReason } = tax
  return { category, rateBps, netMinor, taxMinor, exemptionCode, exemptionReason }
}
