import type { DocumentSnapshot } from '../document-snapshot.ts'
import { ciiDay, ciiParty } from './cii-party.ts'
import { type InvoiceTerms, invoiceTerms, type LineTerms, type TaxTerms } from './invoice-terms.ts'
import { group, leaf, type OptionalElement, writeXml } from './xml-writer.ts'

/** Factur-X and ZUGFeRD call it their profile `EN 16931`; any receiver of the standard reads it. */
const SPECIFICATION = 'urn:cen.eu:en16931:2017'

const NAMESPACES = {
  'xmlns:rsm': 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100',
  'xmlns:ram': 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100',
  'xmlns:udt': 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100',
  'xmlns:qdt': 'urn:un:unece:uncefact:data:standard:QualifiedDataType:100',
}

/**
 * The document as UN/CEFACT Cross Industry Invoice (D22B), the XML inside a Factur-X 1.09 or ZUGFeRD 2.5 file. The same
 * snapshot always gives the same bytes.
 *
 * @throws InvoiceXmlError where the snapshot cannot be an e-invoice, naming the field at fault
 */
export function ciiXml(snapshot: DocumentSnapshot): string {
  const terms = invoiceTerms(snapshot)
  const content = [context(), header(terms), transaction(terms)].filter((element) => element !== null)
  return writeXml({ name: 'rsm:CrossIndustryInvoice', attributes: NAMESPACES, content })
}

function context(): OptionalElement {
  return group('rsm:ExchangedDocumentContext', [
    group('ram:GuidelineSpecifiedDocumentContextParameter', [leaf('ram:ID', SPECIFICATION)]),
  ])
}

function header({ number, typeCode, issueDate, notes }: InvoiceTerms): OptionalElement {
  return group('rsm:ExchangedDocument', [
    leaf('ram:ID', number),
    leaf('ram:TypeCode', typeCode),
    group('ram:IssueDateTime', [ciiDay('udt:DateTimeString', issueDate)]),
    ...notes.map((note) => group('ram:IncludedNote', [leaf('ram:Content', note)])),
  ])
}

function transaction(terms: InvoiceTerms): OptionalElement {
  return group('rsm:SupplyChainTradeTransaction', [
    ...terms.lines.map(line),
    group('ram:ApplicableHeaderTradeAgreement', [
      leaf('ram:BuyerReference', terms.buyerReference),
      ciiParty('ram:SellerTradeParty', terms.seller),
      ciiParty('ram:BuyerTradeParty', terms.buyer),
    ]),
    group('ram:ApplicableHeaderTradeDelivery', [
      group('ram:ActualDeliverySupplyChainEvent', [
        group('ram:OccurrenceDateTime', [ciiDay('udt:DateTimeString', terms.deliveryDate)]),
      ]),
    ]),
    settlement(terms),
  ])
}

function line({ id, name, description, quantity, unitCode, unitPrice, net, category, percent }: LineTerms) {
  return group('ram:IncludedSupplyChainTradeLineItem', [
    group('ram:AssociatedDocumentLineDocument', [leaf('ram:LineID', id)]),
    group('ram:SpecifiedTradeProduct', [leaf('ram:Name', name), leaf('ram:Description', description)]),
    group('ram:SpecifiedLineTradeAgreement', [
      group('ram:NetPriceProductTradePrice', [leaf('ram:ChargeAmount', unitPrice)]),
    ]),
    group('ram:SpecifiedLineTradeDelivery', [leaf('ram:BilledQuantity', quantity, { unitCode })]),
    group('ram:SpecifiedLineTradeSettlement', [
      group('ram:ApplicableTradeTax', [
        leaf('ram:TypeCode', 'VAT'),
        leaf('ram:CategoryCode', category),
        leaf('ram:RateApplicablePercent', percent),
      ]),
      group('ram:SpecifiedTradeSettlementLineMonetarySummation', [leaf('ram:LineTotalAmount', net)]),
    ]),
  ])
}

function settlement(terms: InvoiceTerms): OptionalElement {
  return group('ram:ApplicableHeaderTradeSettlement', [
    leaf('ram:PaymentReference', terms.payment?.reference ?? null),
    leaf('ram:TaxCurrencyCode', terms.nationalTax?.currency ?? null),
    leaf('ram:InvoiceCurrencyCode', terms.currency),
    paymentMeans(terms),
    // The day is the document's, but stands in a group; it may stand in one alone (CII-SR-461).
    ...terms.taxes.map((group, index) => tax(group, index === 0 ? terms.taxPointDate : null)),
    period(terms),
    group('ram:SpecifiedTradePaymentTerms', [leaf('ram:Description', terms.paymentTerms)]),
    summation(terms),
    terms.original === null
      ? null
      : group('ram:InvoiceReferencedDocument', [
          leaf('ram:IssuerAssignedID', terms.original.number),
          group('ram:FormattedIssueDateTime', [ciiDay('qdt:DateTimeString', terms.original.issueDate)]),
        ]),
  ])
}

function period({ period }: InvoiceTerms): OptionalElement {
  if (period === null) return null
  return group('ram:BillingSpecifiedPeriod', [
    group('ram:StartDateTime', [ciiDay('udt:DateTimeString', period.from)]),
    group('ram:EndDateTime', [ciiDay('udt:DateTimeString', period.to)]),
  ])
}

function paymentMeans({ payment }: InvoiceTerms): OptionalElement {
  if (payment === null) return null
  return group('ram:SpecifiedTradeSettlementPaymentMeans', [
    leaf('ram:TypeCode', payment.code),
    group('ram:PayeePartyCreditorFinancialAccount', [
      leaf('ram:IBANID', payment.account?.iban ?? null),
      leaf('ram:AccountName', payment.account?.holder ?? null),
    ]),
    group('ram:PayeeSpecifiedCreditorFinancialInstitution', [leaf('ram:BICID', payment.account?.bic ?? null)]),
  ])
}

function tax(terms: TaxTerms, taxPointDate: string | null): OptionalElement {
  return group('ram:ApplicableTradeTax', [
    leaf('ram:CalculatedAmount', terms.tax),
    leaf('ram:TypeCode', 'VAT'),
    leaf('ram:ExemptionReason', terms.exemptionReason),
    leaf('ram:BasisAmount', terms.net),
    leaf('ram:CategoryCode', terms.category),
    leaf('ram:ExemptionReasonCode', terms.exemptionCode),
    taxPointDate === null ? null : group('ram:TaxPointDate', [ciiDay('udt:DateString', taxPointDate)]),
    leaf('ram:RateApplicablePercent', terms.percent),
  ])
}

function summation({ totals, currency, nationalTax }: InvoiceTerms): OptionalElement {
  return group('ram:SpecifiedTradeSettlementHeaderMonetarySummation', [
    leaf('ram:LineTotalAmount', totals.net),
    leaf('ram:TaxBasisTotalAmount', totals.net),
    leaf('ram:TaxTotalAmount', totals.tax, { currencyID: currency }),
    nationalTax && leaf('ram:TaxTotalAmount', nationalTax.tax, { currencyID: nationalTax.currency }),
    leaf('ram:GrandTotalAmount', totals.total),
    leaf('ram:TotalPrepaidAmount', totals.prepaid),
    leaf('ram:DuePayableAmount', totals.due),
  ])
}
