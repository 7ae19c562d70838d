import type { DocumentSnapshot } from '../document-snapshot.ts'
import { type InvoiceTerms, invoiceTerms, type LineTerms, type TaxTerms } from './invoice-terms.ts'
import { ublParty, ublTaxScheme } from './ubl-party.ts'
import { group, leaf, type OptionalElement, writeXml } from './xml-writer.ts'

const SPECIFICATION = 'urn:cen.eu:en16931:2017'

const COMPONENTS = {
  'xmlns:cac': 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  'xmlns:cbc': 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
}

/** UBL has two kinds of document, which name a few elements differently. */
const DIALECTS = {
  '380': {
    root: 'Invoice',
    namespace: 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2',
    line: 'cac:InvoiceLine',
    quantity: 'cbc:InvoicedQuantity',
  },
  '381': {
    root: 'CreditNote',
    namespace: 'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2',
    line: 'cac:CreditNoteLine',
    quantity: 'cbc:CreditedQuantity',
  },
} as const

/**
 * UBL has no element for the subject of a note (BT-21): validators take the three characters between the first two `#`
 * for its code, wherever they stand, and refuse those that are none of UNTDID 4451 (BR-CL-08).
 */
const SEEMING_SUBJECT = /^[^#]*#[^#]{3}#/u
/** Said in front of such a note, so that all of it is text: general information. */
const GENERAL_INFORMATION = '#AAI#'

type Money = (name: string, amount: string) => OptionalElement

/**
 * The document as UBL 2.1: an Invoice or a CreditNote. The same snapshot always gives the same bytes.
 *
 * @throws InvoiceXmlError where the snapshot cannot be an e-invoice, naming the field at fault
 */
export function ublXml(snapshot: DocumentSnapshot): string {
  const terms = invoiceTerms(snapshot)
  const { root, namespace } = DIALECTS[terms.typeCode]
  const money: Money = (name, amount) => leaf(name, amount, { currencyID: terms.currency })
  const elements = [
    ...header(terms),
    ublParty('cac:AccountingSupplierParty', terms.seller),
    ublParty('cac:AccountingCustomerParty', terms.buyer),
    group('cac:Delivery', [leaf('cbc:ActualDeliveryDate', terms.deliveryDate)]),
    paymentMeans(terms),
    group('cac:PaymentTerms', [leaf('cbc:Note', terms.paymentTerms)]),
    group('cac:TaxTotal', [
      money('cbc:TaxAmount', terms.totals.tax),
      ...terms.taxes.map((tax) => subtotal(tax, money)),
    ]),
    nationalTax(terms),
    totals(terms, money),
    ...terms.lines.map((line) => lineElement(line, terms, money)),
  ]
  return writeXml({
    name: root,
    attributes: { xmlns: namespace, ...COMPONENTS },
    content: elements.filter((element) => element !== null),
  })
}

function header(terms: InvoiceTerms): OptionalElement[] {
  const notes = terms.notes.map((note) => leaf('cbc:Note', noteText(note)))
  const taxPoint = leaf('cbc:TaxPointDate', terms.taxPointDate)
  // The schemas of the two kinds differ in where the tax point stands.
  const typeNotesAndTaxPoint =
    terms.typeCode === '380'
      ? [leaf('cbc:InvoiceTypeCode', terms.typeCode), ...notes, taxPoint]
      : [taxPoint, leaf('cbc:CreditNoteTypeCode', terms.typeCode), ...notes]
  return [
    leaf('cbc:CustomizationID', SPECIFICATION),
    leaf('cbc:ID', terms.number),
    leaf('cbc:IssueDate', terms.issueDate),
    ...typeNotesAndTaxPoint,
    leaf('cbc:DocumentCurrencyCode', terms.currency),
    leaf('cbc:TaxCurrencyCode', terms.nationalTax?.currency ?? null),
    leaf('cbc:BuyerReference', terms.buyerReference),
    group('cac:InvoicePeriod', [
      leaf('cbc:StartDate', terms.period?.from ?? null),
      leaf('cbc:EndDate', terms.period?.to ?? null),
    ]),
    group('cac:BillingReference', [
      group('cac:InvoiceDocumentReference', [
        leaf('cbc:ID', terms.original?.number ?? null),
        leaf('cbc:IssueDate', terms.original?.issueDate ?? null),
      ]),
    ]),
  ]
}

function noteText(note: string): string {
  return SEEMING_SUBJECT.test(note) ? `${GENERAL_INFORMATION}${note}` : note
}

function paymentMeans({ payment }: InvoiceTerms): OptionalElement {
  if (payment === null) return null
  return group('cac:PaymentMeans', [
    leaf('cbc:PaymentMeansCode', payment.code),
    leaf('cbc:PaymentID', payment.reference),
    group('cac:PayeeFinancialAccount', [
      leaf('cbc:ID', payment.account?.iban ?? null),
      leaf('cbc:Name', payment.account?.holder ?? null),
      group('cac:FinancialInstitutionBranch', [leaf('cbc:ID', payment.account?.bic ?? null)]),
    ]),
  ])
}

function subtotal({ net, tax, category, percent, exemptionCode, exemptionReason }: TaxTerms, money: Money) {
  return group('cac:TaxSubtotal', [
    money('cbc:TaxableAmount', net),
    money('cbc:TaxAmount', tax),
    group('cac:TaxCategory', [
      leaf('cbc:ID', category),
      leaf('cbc:Percent', percent),
      leaf('cbc:TaxExemptionReasonCode', exemptionCode),
      leaf('cbc:TaxExemptionReason', exemptionReason),
      ublTaxScheme('VAT'),
    ]),
  ])
}

/** A tax total of its own, without a breakdown. */
function nationalTax({ nationalTax }: InvoiceTerms): OptionalElement {
  if (nationalTax === null) return null
  return group('cac:TaxTotal', [leaf('cbc:TaxAmount', nationalTax.tax, { currencyID: nationalTax.currency })])
}

function totals({ totals }: InvoiceTerms, money: Money): OptionalElement {
  return group('cac:LegalMonetaryTotal', [
    money('cbc:LineExtensionAmount', totals.net),
    money('cbc:TaxExclusiveAmount', totals.net),
    money('cbc:TaxInclusiveAmount', totals.total),
    money('cbc:PrepaidAmount', totals.prepaid),
    money('cbc:PayableAmount', totals.due),
  ])
}

function lineElement(line: LineTerms, { typeCode }: InvoiceTerms, money: Money): OptionalElement {
  const dialect = DIALECTS[typeCode]
  return group(dialect.line, [
    leaf('cbc:ID', line.id),
    leaf(dialect.quantity, line.quantity, { unitCode: line.unitCode }),
    money('cbc:LineExtensionAmount', line.net),
    group('cac:Item', [
      leaf('cbc:Description', line.description),
      leaf('cbc:Name', line.name),
      group('cac:ClassifiedTaxCategory', [
        leaf('cbc:ID', line.category),
        leaf('cbc:Percent', line.percent),
        ublTaxScheme('VAT'),
      ]),
    ]),
    group('cac:Price', [money('cbc:PriceAmount', line.unitPrice)]),
  ])
}
