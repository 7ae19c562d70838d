import type { DocumentLine, DocumentPeriod, DocumentSnapshot, TaxCategory, TaxGroup } from '../document-snapshot.ts'
import { checkAmounts } from './check-amounts.ts'
import { decimalAmount, decimalPercent } from './decimal.ts'
import { InvoiceXmlError } from './invoice-xml-error.ts'
import { buyerTerms, type PartyTerms, sellerTerms } from './party-terms.ts'
import { type PaymentMeansTerms, paymentMeansTerms } from './payment-means-terms.ts'
import { paymentTerms, refundTerms } from './payment-terms.ts'
import { requiredDate, requiredText, textOrNone } from './written-text.ts'

/**
 * A document in the business terms of EN 16931 (BT and BG numbers), the same for both syntaxes: checked, amounts as
 * decimals, days as YYYY-MM-DD. Null is not written.
 */
export interface InvoiceTerms {
  /** UNTDID 1001: invoice or credit note (BT-3). */
  readonly typeCode: '380' | '381'
  readonly number: string
  readonly issueDate: string
  /** BT-7: only where it is another day than that of issue. */
  readonly taxPointDate: string | null
  /** BT-72: credits are there to be used from the tax point on. */
  readonly deliveryDate: string
  readonly notes: readonly string[]
  readonly currency: string
  /** BT-6 and BT-111: the tax in the currency of its country, where that is another. */
  readonly nationalTax: { readonly currency: string; readonly tax: string } | null
  /** BG-14: the days of use that it is about. */
  readonly period: DocumentPeriod | null
  readonly buyerReference: string | null
  /** BG-3. */
  readonly original: { readonly number: string; readonly issueDate: string } | null
  readonly seller: PartyTerms
  readonly buyer: PartyTerms
  readonly payment: PaymentMeansTerms | null
  readonly paymentTerms: string | null
  readonly taxes: readonly TaxTerms[]
  readonly lines: readonly LineTerms[]
  readonly totals: {
    readonly net: string
    readonly tax: string
    readonly total: string
    readonly prepaid: string
    readonly due: string
  }
}

export interface TaxTerms {
  readonly category: TaxCategory
  /** Null outside the scope of VAT, where even a rate of zero is wrong (BR-O-05). */
  readonly percent: string | null
  readonly net: string
  readonly tax: string
  readonly exemptionCode: string | null
  readonly exemptionReason: string | null
}

export interface LineTerms {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly quantity: string
  readonly unitCode: string
  readonly unitPrice: string
  readonly net: string
  readonly category: TaxCategory
  readonly percent: string | null
}

/** Where the category alone says why nothing is charged (BR-AE-10, BR-G-10, BR-O-10). */
const EXEMPTION_CODES: Partial<Record<TaxCategory, string>> = { AE: 'VATEX-EU-AE', G: 'VATEX-EU-G', O: 'VATEX-EU-O' }

/** @throws InvoiceXmlError where the snapshot cannot be an e-invoice */
export function invoiceTerms(snapshot: DocumentSnapshot): InvoiceTerms {
  checkAmounts(snapshot)
  const { currency } = snapshot
  const issueDate = requiredDate(snapshot.issueDate, 'issueDate')
  const taxPointDate = requiredDate(snapshot.taxPointDate, 'taxPointDate')
  return {
    typeCode: snapshot.kind === 'CREDIT_NOTE' ? '381' : '380',
    number: requiredText(snapshot.number, 'number'),
    issueDate,
    taxPointDate: taxPointDate === issueDate ? null : taxPointDate,
    deliveryDate: taxPointDate,
    notes: [...snapshot.notes, snapshot.seller.footer].map(textOrNone).filter((note) => note !== null),
    currency,
    nationalTax: nationalTaxTerms(snapshot),
    period: periodTerms(snapshot),
    buyerReference: textOrNone(snapshot.buyer.reference),
    original: originalTerms(snapshot),
    seller: sellerTerms(snapshot),
    buyer: buyerTerms(snapshot),
    payment: paymentMeansTerms(snapshot),
    paymentTerms: termsOf(snapshot),
    taxes: snapshot.taxes.map((tax, index) => taxTerms(tax, currency, `taxes[${index}]`)),
    lines: snapshot.lines.map((line, index) => lineTerms(line, currency, `lines[${index}]`)),
    totals: {
      net: decimalAmount(snapshot.netMinor, currency, 'netMinor'),
      tax: decimalAmount(snapshot.taxMinor, currency, 'taxMinor'),
      total: decimalAmount(snapshot.totalMinor, currency, 'totalMinor'),
      prepaid: decimalAmount(snapshot.prepaidMinor, currency, 'prepaidMinor'),
      due: decimalAmount(snapshot.dueMinor, currency, 'dueMinor'),
    },
  }
}

function originalTerms({ kind, original }: DocumentSnapshot): InvoiceTerms['original'] {
  if (kind === 'CREDIT_NOTE' && original === null) {
    throw new InvoiceXmlError('original_missing', 'original', 'A credit note names the invoice that it corrects.')
  }
  if (original === null) return null
  return {
    number: requiredText(original.number, 'original.number'),
    issueDate: requiredDate(original.issueDate, 'original.issueDate'),
  }
}

function nationalTaxTerms({ nationalTax }: DocumentSnapshot): InvoiceTerms['nationalTax'] {
  if (nationalTax === undefined) return null
  const { currency, taxMinor } = nationalTax
  return { currency, tax: decimalAmount(taxMinor, currency, 'nationalTax.taxMinor') }
}

function periodTerms({ period }: DocumentSnapshot): DocumentPeriod | null {
  if (period === undefined) return null
  const from = requiredDate(period.from, 'period.from')
  const to = requiredDate(period.to, 'period.to')
  if (to < from)
    throw new InvoiceXmlError('date_not_valid', 'period.to', 'A period ends no earlier than it begins (BR-29).')
  return { from, to }
}

function termsOf({ kind, language, dueMinor, payment }: DocumentSnapshot): string | null {
  if (dueMinor === 0n) return null
  return kind === 'CREDIT_NOTE' ? refundTerms(language) : paymentTerms(language, payment.reference ?? '')
}

function taxTerms(group: TaxGroup, currency: string, field: string): TaxTerms {
  return {
    category: group.category,
    percent: percentOf(group),
    net: decimalAmount(group.netMinor, currency, `${field}.netMinor`),
    tax: decimalAmount(group.taxMinor, currency, `${field}.taxMinor`),
    exemptionCode: group.exemptionCode ?? EXEMPTION_CODES[group.category] ?? null,
    exemptionReason: textOrNone(group.exemptionReason),
  }
}

function lineTerms(line: DocumentLine, currency: string, field: string): LineTerms {
  return {
    id: requiredText(line.id, `${field}.id`),
    name: requiredText(line.name, `${field}.name`),
    description: textOrNone(line.description),
    quantity: line.quantity.toString(),
    unitCode: line.unitCode,
    unitPrice: decimalAmount(line.unitNetMinor, currency, `${field}.unitNetMinor`),
    net: decimalAmount(line.netMinor, currency, `${field}.netMinor`),
    category: line.category,
    percent: percentOf(line),
  }
}

function percentOf({ category, rateBps }: Pick<TaxGroup, 'category' | 'rateBps'>): string | null {
  return category === 'O' ? null : decimalPercent(rateBps)
}
