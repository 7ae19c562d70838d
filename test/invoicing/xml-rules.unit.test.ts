import { describe, expect, test } from 'vitest'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DOCUMENTS, type DocumentName } from './document-fixtures.ts'
import { brokenRules } from './en16931-rules.ts'
import { parseXml } from './xml-tree.ts'

/** A document, what is wrong with it, and the rules that must see it. Keeps the rules themselves honest. */
type Corruption = readonly [document: DocumentName, from: string | RegExp, to: string, rules: readonly string[]]

const CII: readonly Corruption[] = [
  ['domestic', 'urn:cen.eu:en16931:2017', 'urn:other', ['BR-01']],
  ['domestic', '<ram:ID>FB-2026-000042</ram:ID>', '', ['BR-02']],
  ['domestic', '20261121', '2026-11', ['BR-03']],
  ['domestic', '>380<', '>999<', ['BR-CL-01']],
  ['domestic', '<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>', '', ['BR-05', 'BR-CL-03', 'BR-CL-04']],
  ['domestic', 'currencyID="EUR"', 'currencyID="USD"', ['BR-CL-03']],
  ['domestic', '<ram:Name>Farebox Operations GmbH</ram:Name>', '', ['BR-06']],
  ['domestic', '<ram:Name>Beispiel AG</ram:Name>', '', ['BR-07']],
  ['domestic', '<ram:CountryID>DE</ram:CountryID>', '', ['BR-09', 'BR-CL-14']],
  ['domestic', /(?<=Köln.*\n\s*)<ram:CountryID>DE<\/ram:CountryID>/, '<ram:CountryID>DD</ram:CountryID>', ['BR-CL-14']],
  ['domestic', '<ram:LineID>1</ram:LineID>', '<ram:LineID> </ram:LineID>', ['BR-21', 'ram:LineID is empty']],
  ['domestic', '"102">20261121', '"102">20261321', ['udt:DateTimeString is no day of the format 102']],
  ['domestic', ' format="102"', '', ['udt:DateTimeString is no day of the format 102']],
  ['creditNote', '"102">20261121', '"103">20261121', ['qdt:DateTimeString is no day of the format 102']],
  ['domestic', '>VAT</ram:TypeCode>', '>GST</ram:TypeCode>', ['BR-CO-04']],
  ['domestic', /(?<=<\/ram:CalculatedAmount>\s*)<ram:TypeCode>VAT<\/ram:TypeCode>/, '', ['BR-47']],
  [
    'domestic',
    '</ram:Content>',
    '</ram:Content><ram:SubjectCode>AAA</ram:SubjectCode>',
    ['ram:SubjectCode is not allowed in ram:IncludedNote'],
  ],
  [
    'outsideScope',
    '</ram:CategoryCode>',
    '</ram:CategoryCode><ram:TaxPointDate><udt:DateString format="102">20261120</udt:DateString></ram:TaxPointDate>',
    ['ram:TaxPointDate is not allowed in the tax of a line'],
  ],
  [
    'outsideScope',
    '</ram:ExemptionReasonCode>',
    '</ram:ExemptionReasonCode><ram:DueDateTypeCode>5</ram:DueDateTypeCode>',
    ['ram:DueDateTypeCode is not allowed in ram:ApplicableTradeTax'],
  ],
  ['domestic', '<ram:ID>FB-', '<ram:ID schemeID="0002">FB-', ['ram:ID must not have schemeID']],
  ['domestic', ' unitCode="C62"', '', ['BR-23', 'BR-CL-23']],
  ['domestic', '<ram:Name>API credits</ram:Name>', '', ['BR-25']],
  ['domestic', '<ram:DuePayableAmount>0.00', '<ram:DuePayableAmount>1.00', ['BR-CO-16', 'BR-CO-25']],
  ['domestic', '<ram:GrandTotalAmount>119.00', '<ram:GrandTotalAmount>119.01', ['BR-CO-15', 'BR-CO-16']],
  ['domestic', '<ram:TaxBasisTotalAmount>100.00', '<ram:TaxBasisTotalAmount>100.01', ['BR-CO-13', 'BR-CO-15']],
  ['domestic', '<ram:CalculatedAmount>19.00', '<ram:CalculatedAmount>20.00', ['BR-CO-14', 'BR-CO-17']],
  ['domestic', '<ram:ChargeAmount>100.00', '<ram:ChargeAmount>-100.00', ['BR-27', 'line-net']],
  [
    'domestic',
    '<ram:CategoryCode>S</ram:CategoryCode>',
    '<ram:CategoryCode>Z</ram:CategoryCode>',
    ['BR-S-01', 'BR-S-08', 'BR-Z-01', 'BR-Z-05'],
  ],
  ['domestic', '"VA">DE136695976', '"VA">QQ136695976', ['BR-CO-09']],
  ['domestic', '"VA">DE136695976', '"VA">SS136695976', ['BR-CO-09']],
  ['domestic', ' schemeID="EM"', '', ['BR-62', 'BR-CL-25']],
  ['domestic', '>48<', '>58<', ['BR-61']],
  ['domestic', '>48<', '>4848<', ['BR-CL-16']],
  ['bare', /<ram:SpecifiedTaxRegistration>[\s\S]*?<\/ram:SpecifiedTaxRegistration>/, '', ['BR-CO-26', 'BR-S-02']],
  [
    'severalRates',
    '<ram:CategoryCode>S</ram:CategoryCode>\n        <ram:RateApplicablePercent>7.00',
    '<ram:CategoryCode>S</ram:CategoryCode>\n        <ram:RateApplicablePercent>8.00',
    ['BR-S-08'],
  ],
  ['reverseCharge', '"VA">FR40303265045', '"FC">FR40303265045', ['SR-buyer-tax-number', 'BR-AE-02']],
  ['reverseCharge', 'VATEX-EU-AE', 'VATEX-EU-XX', ['BR-CL-22']],
  ['reverseCharge', '>0.00</ram:RateApplicablePercent>', '>5.00</ram:RateApplicablePercent>', ['BR-AE-05']],
  ['export', '"VA">DE136695976', '"FC">DE136695976', ['BR-G-02', 'SR-once']],
  ['outsideScope', 'schemeID="FC"', 'schemeID="VA"', ['BR-CO-09', 'BR-O-02']],
  [
    'outsideScope',
    '</ram:CategoryCode>',
    '</ram:CategoryCode><ram:RateApplicablePercent>0</ram:RateApplicablePercent>',
    ['BR-O-05'],
  ],
  ['smallBusiness', /<ram:ExemptionReason>.*<\/ram:ExemptionReason>/, '', ['BR-E-10']],
  ['zeroRated', '<ram:BasisAmount>', '<ram:ExemptionReason>why</ram:ExemptionReason><ram:BasisAmount>', ['BR-Z-10']],
  ['creditNote', '<ram:IssuerAssignedID>FB-2026-000042</ram:IssuerAssignedID>', '', ['BR-55']],
  [
    'domestic',
    '<ram:TypeCode>380</ram:TypeCode>',
    '<ram:TypeCode>380</ram:TypeCode><ram:TypeCode>380</ram:TypeCode>',
    ['RangeError'],
  ],
  [
    'domestic',
    '<ram:Name>Beispiel AG</ram:Name>',
    '<ram:Description>x</ram:Description><ram:Name>Beispiel AG</ram:Name>',
    ['ram:Description is not allowed in ram:BuyerTradeParty'],
  ],
  [
    'domestic',
    '<ram:ChargeAmount>',
    '<ram:ChargeAmount currencyID="EUR">',
    ['ram:ChargeAmount must not have currencyID'],
  ],
  [
    'domestic',
    /(<ram:PostcodeCode>10115<\/ram:PostcodeCode>)\s*(<ram:LineOne>.*<\/ram:LineOne>)/,
    '$2$1',
    ['ram:PostcodeCode stands too late in ram:PostalTradeAddress'],
  ],
]

const UBL: readonly Corruption[] = [
  ['domestic', '<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>', '', ['BR-04', 'BR-CL-01']],
  [
    'domestic',
    '<cbc:PayableAmount currencyID="EUR">0.00</cbc:PayableAmount>',
    '<cbc:PayableAmount currencyID="EUR">0.01</cbc:PayableAmount>',
    ['BR-CO-16', 'BR-CO-25'],
  ],
  ['domestic', '<cbc:PriceAmount currencyID="EUR">', '<cbc:PriceAmount currencyID="USD">', ['BR-CL-03']],
  ['outsideScope', '<cbc:ID>FC</cbc:ID>', '<cbc:ID>VAT</cbc:ID>', ['BR-CO-09', 'BR-O-02']],
  [
    'creditNote',
    /(<cbc:TaxPointDate>.*<\/cbc:TaxPointDate>)\s*(<cbc:CreditNoteTypeCode>381<\/cbc:CreditNoteTypeCode>)/,
    '$2$1',
    ['cbc:TaxPointDate stands too late in CreditNote'],
  ],
  ['domestic', '<cbc:PaymentMeansCode>48</cbc:PaymentMeansCode>', '', ['BR-49', 'BR-CL-16']],
  ['domestic', 'Managing director: ', 'Rooms #1, #2 and ', ['BR-CL-08']],
  [
    'domestic',
    '  <cac:TaxTotal>',
    '  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode></cac:PaymentMeans>\n  <cac:TaxTotal>',
    ['SR-payments-alike', 'BR-61'],
  ],
  ['domestic', '<cbc:ID>VAT</cbc:ID>', '<cbc:ID>GST</cbc:ID>', ['SR-once']],
  [
    'domestic',
    /<cbc:ID>VAT<\/cbc:ID>(?=\s*<\/cac:TaxScheme>\s*<\/cac:TaxCategory>)/,
    '<cbc:ID>GST</cbc:ID>',
    ['BR-47', 'BR-S-01'],
  ],
  [
    'domestic',
    /<cbc:ID>VAT<\/cbc:ID>(?=\s*<\/cac:TaxScheme>\s*<\/cac:ClassifiedTaxCategory>)/,
    '<cbc:ID>GST</cbc:ID>',
    ['BR-CO-04'],
  ],
  ['reverseCharge', '<cbc:TaxExemptionReasonCode>VATEX-EU-AE', '<cbc:TaxExemptionReasonCode>VATEX-EU-XX', ['BR-CL-22']],
  ['reverseCharge', '<cbc:Percent>0.00</cbc:Percent>', '<cbc:Percent>5.00</cbc:Percent>', ['BR-AE-05']],
  ['severalRates', '<cbc:Percent>7.00</cbc:Percent>', '<cbc:Percent>8.00</cbc:Percent>', ['BR-S-08']],
  ['outsideScope', '<cbc:ID>O</cbc:ID>', '<cbc:ID>O</cbc:ID><cbc:Percent>0.00</cbc:Percent>', ['BR-O-05']],
  ['creditNote', '<cbc:ID>FB-2026-000042</cbc:ID>', '', ['BR-55']],
  ['domesticByTransfer', '<cbc:ID>DE89370400440532013000</cbc:ID>', '', ['BR-50', 'BR-61']],
]

function violationsOf(xml: string): string[] {
  try {
    return brokenRules(xml)
  } catch (error) {
    if (error instanceof RangeError) return ['RangeError']
    throw error
  }
}

describe('the rules of EN 16931 see what is wrong', () => {
  test.each(CII)('CII: %s with %s as %j', (name, from, to, rules) => {
    const xml = ciiXml(DOCUMENTS[name])
    const corrupt = xml.replace(from, to)
    expect(corrupt).not.toBe(xml)
    expect(violationsOf(corrupt)).toEqual(expect.arrayContaining([...rules]))
  })

  test.each(UBL)('UBL: %s with %s as %j', (name, from, to, rules) => {
    const xml = ublXml(DOCUMENTS[name])
    const corrupt = xml.replace(from, to)
    expect(corrupt).not.toBe(xml)
    expect(violationsOf(corrupt)).toEqual(expect.arrayContaining([...rules]))
  })

  test.each([
    ['a bare ampersand', '<a>&</a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a control', '<a>\u0007</a>'],
    ['a half of a pair', '<a>\ud83d</a>'],
    ['the end of a section that never began', '<a>]]></a>'],
    ['an element that is not closed', '<a><b></a>'],
    ['an attribute twice', '<a b="1" b="2"></a>'],
    ['a bare < in an attribute', '<a b="<"></a>'],
    ['two roots', '<a>1</a><b>2</b>'],
  ])('%s is no XML', (_what, xml) => {
    expect(() => parseXml(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)).toThrow(SyntaxError)
  })
})
