import { nodeAt, nodesAt, parseXml, textAt, type XmlNode } from './xml-tree.ts'

/** What a receiver reads, by business terms of EN 16931. The same from both syntaxes; days as YYYY-MM-DD. */
export interface ReadInvoice {
  specification: string | null
  number: string | null
  typeCode: string | null
  issueDate: string | null
  taxPointDates: string[]
  notes: string[]
  /** What is written where the code of a note's subject stands (BT-21); null for a note that has none. */
  noteSubjects: (string | null)[]
  currency: string | null
  /** BT-6, and BT-111 with the currency that it bears. */
  taxCurrency: string | null
  nationalTaxes: { amount: string; currency: string | undefined }[]
  /** BG-14, each as often as it is there. */
  periods: { from: string | null; to: string | null }[]
  /** The currencies that amounts bear, but for a tax total in another. */
  amountCurrencies: (string | undefined)[]
  buyerReference: string | null
  originals: { number: string | null; issueDate: string | null }[]
  seller: ReadParty
  buyer: ReadParty
  deliveryDate: string | null
  payments: {
    code: string | null
    reference: string | null
    iban: string | null
    holder: string | null
    bic: string | null
  }[]
  terms: string | null
  taxes: ReadTax[]
  lines: ReadLine[]
  totals: Record<'lines' | 'net' | 'tax' | 'total' | 'prepaid' | 'due', string | null>
}

export interface ReadParty {
  name: string | null
  identifiers: string[]
  registrationNumber: string | null
  vatIds: string[]
  taxNumbers: string[]
  address: Record<'line1' | 'line2' | 'city' | 'postalCode' | 'region' | 'country', string | null> | null
  endpoint: { value: string; scheme: string | undefined } | null
  phone: string | null
  email: string | null
}

export interface ReadTax {
  category: string | null
  percent: string | null
  net: string | null
  tax: string | null
  exemptionCode: string | null
  exemptionReason: string | null
}

export interface ReadLine {
  id: string | null
  name: string | null
  description: string | null
  quantity: string | null
  unitCode: string | undefined
  price: string | null
  net: string | null
  category: string | null
  percent: string | null
}

const UBL_PREFIX = /^(Invoice|CreditNote)$/
/** UBL has no element for the subject of a note: it stands before the text, as in `#AAI#text`. */
const UBL_SUBJECT = /^#[^#]{3}#/u

export function readInvoice(xml: string): ReadInvoice {
  const root = parseXml(xml)
  return UBL_PREFIX.test(root.name) ? readUbl(root) : readCii(root)
}

function day(text: string | null): string | null {
  return text?.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3') ?? null
}

function texts(nodes: XmlNode[]): string[] {
  return nodes.map(({ text }) => text)
}

function readCii(root: XmlNode): ReadInvoice {
  const header = nodeAt(root, 'rsm:ExchangedDocument')
  const trade = nodeAt(root, 'rsm:SupplyChainTradeTransaction')
  const agreement = nodeAt(trade, 'ram:ApplicableHeaderTradeAgreement')
  const settlement = nodeAt(trade, 'ram:ApplicableHeaderTradeSettlement')
  const sums = nodeAt(settlement, 'ram:SpecifiedTradeSettlementHeaderMonetarySummation')
  return {
    specification: textAt(root, 'rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID'),
    number: textAt(header, 'ram:ID'),
    typeCode: textAt(header, 'ram:TypeCode'),
    issueDate: day(textAt(header, 'ram:IssueDateTime/udt:DateTimeString')),
    taxPointDates: nodesAt(settlement, 'ram:ApplicableTradeTax/ram:TaxPointDate/udt:DateString').map(
      ({ text }) => day(text) ?? '',
    ),
    notes: texts(nodesAt(header, 'ram:IncludedNote/ram:Content')),
    noteSubjects: nodesAt(header, 'ram:IncludedNote').map((note) => textAt(note, 'ram:SubjectCode')),
    currency: textAt(settlement, 'ram:InvoiceCurrencyCode'),
    taxCurrency: textAt(settlement, 'ram:TaxCurrencyCode'),
    nationalTaxes: nodesAt(sums, 'ram:TaxTotalAmount').slice(1).map(nationalTax),
    periods: nodesAt(settlement, 'ram:BillingSpecifiedPeriod').map((node) => ({
      from: day(textAt(node, 'ram:StartDateTime/udt:DateTimeString')),
      to: day(textAt(node, 'ram:EndDateTime/udt:DateTimeString')),
    })),
    amountCurrencies: nodesAt(sums, 'ram:TaxTotalAmount')
      .slice(0, 1)
      .map(({ attributes }) => attributes.currencyID),
    buyerReference: textAt(agreement, 'ram:BuyerReference'),
    originals: nodesAt(settlement, 'ram:InvoiceReferencedDocument').map((node) => ({
      number: textAt(node, 'ram:IssuerAssignedID'),
      issueDate: day(textAt(node, 'ram:FormattedIssueDateTime/qdt:DateTimeString')),
    })),
    seller: readCiiParty(nodeAt(agreement, 'ram:SellerTradeParty')),
    buyer: readCiiParty(nodeAt(agreement, 'ram:BuyerTradeParty')),
    deliveryDate: day(
      textAt(
        trade,
        'ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString',
      ),
    ),
    payments: nodesAt(settlement, 'ram:SpecifiedTradeSettlementPaymentMeans').map((node) => ({
      code: textAt(node, 'ram:TypeCode'),
      reference: textAt(settlement, 'ram:PaymentReference'),
      iban: textAt(node, 'ram:PayeePartyCreditorFinancialAccount/ram:IBANID'),
      holder: textAt(node, 'ram:PayeePartyCreditorFinancialAccount/ram:AccountName'),
      bic: textAt(node, 'ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID'),
    })),
    terms: textAt(settlement, 'ram:SpecifiedTradePaymentTerms/ram:Description'),
    taxes: nodesAt(settlement, 'ram:ApplicableTradeTax').map((node) => ({
      category: readCiiCategory(node),
      percent: textAt(node, 'ram:RateApplicablePercent'),
      net: textAt(node, 'ram:BasisAmount'),
      tax: textAt(node, 'ram:CalculatedAmount'),
      exemptionCode: textAt(node, 'ram:ExemptionReasonCode'),
      exemptionReason: textAt(node, 'ram:ExemptionReason'),
    })),
    lines: nodesAt(trade, 'ram:IncludedSupplyChainTradeLineItem').map(readCiiLine),
    totals: {
      lines: textAt(sums, 'ram:LineTotalAmount'),
      net: textAt(sums, 'ram:TaxBasisTotalAmount'),
      // The first is in the currency of all else.
      tax: nodesAt(sums, 'ram:TaxTotalAmount')[0]?.text ?? null,
      total: textAt(sums, 'ram:GrandTotalAmount'),
      prepaid: textAt(sums, 'ram:TotalPrepaidAmount'),
      due: textAt(sums, 'ram:DuePayableAmount'),
    },
  }
}

const nationalTax = ({ text, attributes }: XmlNode) => ({ amount: text, currency: attributes.currencyID })

function readCiiParty(node: XmlNode | null): ReadParty {
  const address = nodeAt(node, 'ram:PostalTradeAddress')
  const endpoint = nodeAt(node, 'ram:URIUniversalCommunication/ram:URIID')
  const registrations = (scheme: string) =>
    texts(
      nodesAt(node, 'ram:SpecifiedTaxRegistration/ram:ID').filter(({ attributes }) => attributes.schemeID === scheme),
    )
  return {
    name: textAt(node, 'ram:Name'),
    identifiers: texts(nodesAt(node, 'ram:ID')),
    registrationNumber: textAt(node, 'ram:SpecifiedLegalOrganization/ram:ID'),
    vatIds: registrations('VA'),
    taxNumbers: registrations('FC'),
    address: address && {
      line1: textAt(address, 'ram:LineOne'),
      line2: textAt(address, 'ram:LineTwo'),
      city: textAt(address, 'ram:CityName'),
      postalCode: textAt(address, 'ram:PostcodeCode'),
      region: textAt(address, 'ram:CountrySubDivisionName'),
      country: textAt(address, 'ram:CountryID'),
    },
    endpoint: endpoint && { value: endpoint.text, scheme: endpoint.attributes.schemeID },
    phone: textAt(node, 'ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber'),
    email: textAt(node, 'ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID'),
  }
}

function readCiiLine(node: XmlNode): ReadLine {
  const quantity = nodeAt(node, 'ram:SpecifiedLineTradeDelivery/ram:BilledQuantity')
  const settlement = nodeAt(node, 'ram:SpecifiedLineTradeSettlement')
  return {
    id: textAt(node, 'ram:AssociatedDocumentLineDocument/ram:LineID'),
    name: textAt(node, 'ram:SpecifiedTradeProduct/ram:Name'),
    description: textAt(node, 'ram:SpecifiedTradeProduct/ram:Description'),
    quantity: quantity?.text ?? null,
    unitCode: quantity?.attributes.unitCode,
    price: textAt(node, 'ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount'),
    net: textAt(settlement, 'ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount'),
    category: readCiiCategory(nodeAt(settlement, 'ram:ApplicableTradeTax')),
    percent: textAt(settlement, 'ram:ApplicableTradeTax/ram:RateApplicablePercent'),
  }
}

/** Of VAT alone: of a tax of another type it says nothing (BR-CO-04, BR-47, CII-DT-037). */
function readCiiCategory(tax: XmlNode | null): string | null {
  return textAt(tax, 'ram:TypeCode') === 'VAT' ? textAt(tax, 'ram:CategoryCode') : null
}

function readUbl(root: XmlNode): ReadInvoice {
  const totals = nodeAt(root, 'cac:LegalMonetaryTotal')
  const lines = [...nodesAt(root, 'cac:InvoiceLine'), ...nodesAt(root, 'cac:CreditNoteLine')]
  // The first is in the currency of all else.
  const [taxTotal = null] = nodesAt(root, 'cac:TaxTotal')
  const amounts = [taxTotal, totals, ...lines].flatMap((node) => (node ? amountsIn(node) : []))
  return {
    specification: textAt(root, 'cbc:CustomizationID'),
    number: textAt(root, 'cbc:ID'),
    typeCode: textAt(root, `cbc:${root.name}TypeCode`),
    issueDate: textAt(root, 'cbc:IssueDate'),
    taxPointDates: texts(nodesAt(root, 'cbc:TaxPointDate')),
    notes: texts(nodesAt(root, 'cbc:Note')).map((note) => note.replace(UBL_SUBJECT, '')),
    noteSubjects: texts(nodesAt(root, 'cbc:Note')).map(ublSubject),
    currency: textAt(root, 'cbc:DocumentCurrencyCode'),
    taxCurrency: textAt(root, 'cbc:TaxCurrencyCode'),
    nationalTaxes: nodesAt(root, 'cac:TaxTotal')
      .slice(1)
      .flatMap((node) => nodesAt(node, 'cbc:TaxAmount').map(nationalTax)),
    periods: nodesAt(root, 'cac:InvoicePeriod').map((node) => ({
      from: textAt(node, 'cbc:StartDate'),
      to: textAt(node, 'cbc:EndDate'),
    })),
    amountCurrencies: amounts.map(({ attributes }) => attributes.currencyID),
    buyerReference: textAt(root, 'cbc:BuyerReference'),
    originals: nodesAt(root, 'cac:BillingReference/cac:InvoiceDocumentReference').map((node) => ({
      number: textAt(node, 'cbc:ID'),
      issueDate: textAt(node, 'cbc:IssueDate'),
    })),
    seller: readUblParty(nodeAt(root, 'cac:AccountingSupplierParty/cac:Party')),
    buyer: readUblParty(nodeAt(root, 'cac:AccountingCustomerParty/cac:Party')),
    deliveryDate: textAt(root, 'cac:Delivery/cbc:ActualDeliveryDate'),
    payments: nodesAt(root, 'cac:PaymentMeans').map((node) => ({
      code: textAt(node, 'cbc:PaymentMeansCode'),
      reference: textAt(node, 'cbc:PaymentID'),
      iban: textAt(node, 'cac:PayeeFinancialAccount/cbc:ID'),
      holder: textAt(node, 'cac:PayeeFinancialAccount/cbc:Name'),
      bic: textAt(node, 'cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID'),
    })),
    terms: textAt(root, 'cac:PaymentTerms/cbc:Note'),
    taxes: nodesAt(root, 'cac:TaxTotal/cac:TaxSubtotal').map((node) => ({
      category: readUblCategory(nodeAt(node, 'cac:TaxCategory')),
      percent: textAt(node, 'cac:TaxCategory/cbc:Percent'),
      net: textAt(node, 'cbc:TaxableAmount'),
      tax: textAt(node, 'cbc:TaxAmount'),
      exemptionCode: textAt(node, 'cac:TaxCategory/cbc:TaxExemptionReasonCode'),
      exemptionReason: textAt(node, 'cac:TaxCategory/cbc:TaxExemptionReason'),
    })),
    lines: lines.map((node) =>
      readUblLine(node, root.name === 'Invoice' ? 'cbc:InvoicedQuantity' : 'cbc:CreditedQuantity'),
    ),
    totals: {
      lines: textAt(totals, 'cbc:LineExtensionAmount'),
      net: textAt(totals, 'cbc:TaxExclusiveAmount'),
      tax: textAt(taxTotal, 'cbc:TaxAmount'),
      total: textAt(totals, 'cbc:TaxInclusiveAmount'),
      prepaid: textAt(totals, 'cbc:PrepaidAmount'),
      due: textAt(totals, 'cbc:PayableAmount'),
    },
  }
}

/** The validators take any three characters between the first two `#` for it, wherever in the note they stand. */
function ublSubject(note: string): string | null {
  const [, between, rest] = note.split('#')
  return between !== undefined && rest !== undefined && [...between].length === 3 ? between : null
}

function amountsIn(node: XmlNode): XmlNode[] {
  return node.name.endsWith('Amount') ? [node] : node.children.flatMap(amountsIn)
}

function readUblParty(node: XmlNode | null): ReadParty {
  const address = nodeAt(node, 'cac:PostalAddress')
  const endpoint = nodeAt(node, 'cbc:EndpointID')
  const registrations = (isVat: boolean) =>
    nodesAt(node, 'cac:PartyTaxScheme')
      .filter((scheme) => (textAt(scheme, 'cac:TaxScheme/cbc:ID') === 'VAT') === isVat)
      .map((scheme) => textAt(scheme, 'cbc:CompanyID') ?? '')
  return {
    name: textAt(node, 'cac:PartyLegalEntity/cbc:RegistrationName'),
    identifiers: texts(nodesAt(node, 'cac:PartyIdentification/cbc:ID')),
    registrationNumber: textAt(node, 'cac:PartyLegalEntity/cbc:CompanyID'),
    vatIds: registrations(true),
    taxNumbers: registrations(false),
    address: address && {
      line1: textAt(address, 'cbc:StreetName'),
      line2: textAt(address, 'cbc:AdditionalStreetName'),
      city: textAt(address, 'cbc:CityName'),
      postalCode: textAt(address, 'cbc:PostalZone'),
      region: textAt(address, 'cbc:CountrySubentity'),
      country: textAt(address, 'cac:Country/cbc:IdentificationCode'),
    },
    endpoint: endpoint && { value: endpoint.text, scheme: endpoint.attributes.schemeID },
    phone: textAt(node, 'cac:Contact/cbc:Telephone'),
    email: textAt(node, 'cac:Contact/cbc:ElectronicMail'),
  }
}

function readUblLine(node: XmlNode, quantityName: string): ReadLine {
  const quantity = nodeAt(node, quantityName)
  return {
    id: textAt(node, 'cbc:ID'),
    name: textAt(node, 'cac:Item/cbc:Name'),
    description: textAt(node, 'cac:Item/cbc:Description'),
    quantity: quantity?.text ?? null,
    unitCode: quantity?.attributes.unitCode,
    price: textAt(node, 'cac:Price/cbc:PriceAmount'),
    net: textAt(node, 'cbc:LineExtensionAmount'),
    category: readUblCategory(nodeAt(node, 'cac:Item/cac:ClassifiedTaxCategory')),
    percent: textAt(node, 'cac:Item/cac:ClassifiedTaxCategory/cbc:Percent'),
  }
}

/** Of VAT alone, as in CII (BR-CO-04, BR-47). */
function readUblCategory(category: XmlNode | null): string | null {
  return textAt(category, 'cac:TaxScheme/cbc:ID') === 'VAT' ? textAt(category, 'cbc:ID') : null
}
