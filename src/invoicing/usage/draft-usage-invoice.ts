import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import type { DocumentLanguage, DocumentLine } from '../document-snapshot.ts'
import { groupOf, TEMPLATE_VERSION } from '../draft-invoice.ts'
import { type DraftDocument, dayIn } from '../issue-document.ts'
import { withNationalTax } from '../national-tax.ts'
import { readEvidenceOfOrders } from '../order-evidence.ts'
import { partyOf, type Seller } from '../seller.ts'
import { readBuyer, readTaxTable, type Sale, taxContained } from '../tax-of-sale.ts'
import { ciiXml } from '../xml/cii.ts'
import { lastDayOf, type UsageMonth } from './usage-month.ts'
import { USAGE_WORDS } from './usage-words.ts'

/** What was used in a month, as its invoice has to say it. */
export interface UsedVouchers {
  accountId: string
  seller: Seller
  month: UsageMonth
  currency: string
  /** What had been paid for it, in minor units, its tax included. */
  totalMinor: bigint
  requests: bigint
  /** Whose vouchers were used, those paid last first: their payments say where the buyer is. */
  orderIds: readonly string[]
}

/**
 * Everything the invoice of a month says but its number. The tax is contained in what was paid; rate and rule are those of the
 * month's last day, the buyer is who the billing profile in force says. Reads only.
 * @throws InvoiceXmlError where the seller lacks what an e-invoice must say.
 */
export async function draftUsageInvoice(client: ClientBase, clock: Clock, used: UsedVouchers): Promise<DraftDocument> {
  const { accountId, seller, month, currency, totalMinor } = used
  const lastDay = lastDayOf(month)
  const sale: Sale = {
    ...{ seller, buyer: await readBuyer(client, accountId), currency, date: lastDay },
    ...{ table: await readTaxTable(client), evidence: await readEvidenceOfOrders(client, used.orderIds) },
  }
  const { netMinor, taxMinor, tax, buyer } = taxContained(sale, totalMinor)
  const { language, category, rateBps, evidence } = tax
  const unit = { quantity: 1n, unitCode: 'C62', unitNetMinor: netMinor, netMinor }
  const line: DocumentLine = { id: '1', name: nameOf(used, language), description: null, ...unit, category, rateBps }
  const draft = await withNationalTax(client, {
    ...{ version: 1, kind: 'INVOICE', issueDate: dayIn(seller.timeZone, clock.now()), taxPointDate: lastDay },
    ...{ language, templateVersion: TEMPLATE_VERSION, currency, seller: partyOf(seller), buyer },
    period: { from: month, to: lastDay },
    ...{ lines: [line], taxes: [groupOf(netMinor, taxMinor, tax)], netMinor, taxMinor, totalMinor },
    // The vouchers were paid for before.
    ...{ prepaidMinor: totalMinor, dueMinor: 0n },
    payment: { means: 'VOUCHER', reference: null, paidOn: null, orderId: null },
    ...{ original: null, notes: [...tax.notes, USAGE_WORDS[language].paidWithVouchers], evidence },
  })
  // What cannot be said as an e-invoice must not take a number.
  ciiXml({ ...draft, number: '1' })
  return draft
}

function nameOf({ month, requests }: UsedVouchers, language: DocumentLanguage): string {
  const words = USAGE_WORDS[language]
  const written = new Intl.DateTimeFormat(words.locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })
  const count = new Intl.NumberFormat(words.locale).format(requests)
  // Where only debt of earlier requests was repaid, there is nothing to count.
  const counted = requests === 0n ? null : `${count} ${requests === 1n ? words.request : words.requests}`
  return words.name(written.format(Date.parse(`${month}T00:00:00Z`)), counted)
}
