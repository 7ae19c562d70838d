import { describe, expect, test } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { LINES_MAX } from '../../src/invoicing/xml/check-amounts.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { InvoiceXmlError, type InvoiceXmlErrorCode } from '../../src/invoicing/xml/invoice-xml-error.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DOCUMENTS, documentOf, EXEMPTIONS, GERMAN_SELLER, lineOf, SMALL_SELLER, withTax } from './document-fixtures.ts'

const { domestic, reverseCharge, outsideScope, creditNote, smallBusiness } = DOCUMENTS
const firstTax = domestic.taxes[0]!
const firstLine = domestic.lines[0]!

function refusalOf(write: (snapshot: DocumentSnapshot) => string, snapshot: DocumentSnapshot): InvoiceXmlError {
  try {
    write(snapshot)
  } catch (error) {
    if (error instanceof InvoiceXmlError) return error
    throw error
  }
  throw new Error('It was not refused.')
}

const CASES: readonly [string, DocumentSnapshot, InvoiceXmlErrorCode, string][] = [
  ['no lines', { ...domestic, lines: [] }, 'no_lines', 'lines'],
  [
    'more lines than anybody reads',
    { ...domestic, lines: Array(LINES_MAX + 1).fill(firstLine) },
    'too_many_lines',
    'lines',
  ],
  [
    'a line that is not quantity × price',
    { ...domestic, lines: [{ ...firstLine, netMinor: 9_999n }] },
    'line_sum_wrong',
    'lines[0]',
  ],
  [
    'a unit that is none',
    documentOf({ lines: [lineOf({ unitCode: 'piece' })] }),
    'unit_code_not_valid',
    'lines[0].unitCode',
  ],
  ['a line without a name', documentOf({ lines: [lineOf({ name: ' \u0007 ' })] }), 'text_missing', 'lines[0].name'],
  ['a line that no group taxes', { ...domestic, taxes: [] }, 'line_not_in_tax_group', 'lines[0]'],
  ['a tax that no rounding explains', withTax(domestic, 1_904n), 'tax_group_wrong', 'taxes[0]'],
  [
    'a tax that is a whole yen off',
    withTax(documentOf({ currency: 'JPY', lines: [lineOf({ unitNetMinor: 2_670n, rateBps: 1_000 })] }), 268n),
    'tax_group_wrong',
    'taxes[0]',
  ],
  [
    'a tax that is a whole won off once the norm has rounded it',
    // 5.5 per cent of 1,909 are 104.995, which the norm rounds to 105.00 before it compares.
    withTax(documentOf({ currency: 'KRW', lines: [lineOf({ unitNetMinor: 1_909n, rateBps: 550 })] }), 104n),
    'tax_group_wrong',
    'taxes[0]',
  ],
  ['a group of other lines', { ...domestic, taxes: [{ ...firstTax, netMinor: 1n }] }, 'tax_group_wrong', 'taxes[0]'],
  ['the same group twice', { ...domestic, taxes: [firstTax, firstTax] }, 'tax_group_wrong', 'taxes[1]'],
  ['a standard rate of zero', documentOf({ lines: [lineOf({ rateBps: 0 })] }), 'tax_group_wrong', 'taxes[0]'],
  ['a reverse charge with a rate', documentOf({ lines: [lineOf({ category: 'AE' })] }), 'tax_group_wrong', 'taxes[0]'],
  ['a rate below zero', documentOf({ lines: [lineOf({ rateBps: -100 })] }), 'tax_group_wrong', 'taxes[0]'],
  ['a net total of other lines', { ...domestic, netMinor: 1n }, 'totals_wrong', 'netMinor'],
  ['a tax total of other groups', { ...domestic, taxMinor: 1n }, 'totals_wrong', 'taxMinor'],
  ['a total that does not add up', { ...domestic, totalMinor: 1n }, 'totals_wrong', 'totalMinor'],
  ['an amount due that does not add up', { ...domestic, dueMinor: 1n }, 'totals_wrong', 'dueMinor'],
  ['more prepaid than the total', documentOf({ prepaidMinor: 20_000n }), 'totals_wrong', 'dueMinor'],
  [
    'a standard rate with an exemption',
    { ...domestic, taxes: [{ ...firstTax, exemptionReason: 'Why?' }] },
    'exemption_wrong',
    'taxes[0]',
  ],
  [
    'an exemption without a reason',
    documentOf({ lines: [lineOf({ category: 'E', rateBps: 0 })] }),
    'exemption_wrong',
    'taxes[0]',
  ],
  [
    'a code of exemption that is none',
    documentOf({ lines: [lineOf({ category: 'E', rateBps: 0 })], exemption: { code: 'free', reason: 'Free' } }),
    'exemption_wrong',
    'taxes[0]',
  ],
  [
    'what is outside the scope of VAT beside what is within',
    documentOf({ lines: [lineOf(), lineOf({ id: '2', category: 'O', rateBps: 0 })] }),
    'mixed_with_outside_scope',
    'taxes',
  ],
  [
    'a buyer without a country',
    { ...domestic, buyer: { ...domestic.buyer, address: { ...domestic.buyer.address, country: null } } },
    'country_not_valid',
    'buyer.address.country',
  ],
  [
    'a seller whose country is none',
    { ...domestic, seller: { ...GERMAN_SELLER, address: { ...GERMAN_SELLER.address, country: 'ZZ' } } },
    'country_not_valid',
    'seller.address.country',
  ],
  [
    'a VAT id without its country',
    { ...domestic, seller: { ...GERMAN_SELLER, vatId: '136695976' } },
    'vat_id_not_valid',
    'seller.vatId',
  ],
  [
    'a reverse charge to one without a VAT id',
    { ...reverseCharge, buyer: { ...reverseCharge.buyer, vatId: null } },
    'buyer_not_identified',
    'buyer.vatId',
  ],
  [
    'a reverse charge by one without a VAT id',
    { ...reverseCharge, seller: SMALL_SELLER },
    'seller_not_identified',
    'seller.vatId',
  ],
  [
    'an export by one without a VAT id',
    { ...DOCUMENTS.export, seller: SMALL_SELLER },
    'seller_not_identified',
    'seller.vatId',
  ],
  [
    'tax by one without any tax number',
    { ...smallBusiness, seller: { ...SMALL_SELLER, taxNumber: null, registrationNumber: 'HRB 1' } },
    'seller_not_identified',
    'seller.vatId',
  ],
  [
    'a seller without any number at all',
    { ...outsideScope, seller: { ...SMALL_SELLER, taxNumber: null } },
    'seller_not_identified',
    'seller',
  ],
  [
    'a reverse charge to one whose VAT id has no country',
    { ...reverseCharge, buyer: { ...reverseCharge.buyer, vatId: '40303265045' } },
    'buyer_not_identified',
    'buyer.vatId',
  ],
  ['a tax where none is charged', withTax(reverseCharge, 1n), 'tax_group_wrong', 'taxes[0]'],
  ['a credit note of nothing', { ...creditNote, original: null }, 'original_missing', 'original'],
  ['a day that is none', { ...domestic, issueDate: '2026-13-01' }, 'date_not_valid', 'issueDate'],
  ['a day that no calendar has', { ...domestic, taxPointDate: '2026-02-31' }, 'date_not_valid', 'taxPointDate'],
  ['a currency that is none', { ...domestic, currency: 'euro' }, 'amount_not_representable', 'currency'],
  ['a document without a number', { ...domestic, number: '' }, 'text_missing', 'number'],
]

describe('what cannot be an e-invoice is refused, in both syntaxes', () => {
  test.each(CASES)('%s', (_what, snapshot, code, field) => {
    for (const write of [ciiXml, ublXml]) {
      const refusal = refusalOf(write, snapshot)
      expect([refusal.code, refusal.field]).toEqual([code, field])
    }
  })

  test.each([
    ['a price below zero', lineOf({ id: 'B', unitNetMinor: -100n })],
    ['a price of zero', lineOf({ id: 'B', unitNetMinor: 0n })],
    ['a quantity below zero', lineOf({ id: 'B', quantity: -1n })],
    ['a quantity of zero', lineOf({ id: 'B', quantity: 0n })],
  ])('%s: the refusal names the line', (_what, wrong) => {
    for (const write of [ciiXml, ublXml]) {
      const refusal = refusalOf(write, documentOf({ lines: [lineOf({ id: 'A' }), wrong] }))
      expect([refusal.code, refusal.field]).toEqual(['line_not_positive', 'lines[1]'])
      expect(refusal.message).toContain('Line "B" (lines[1]) must be more than zero')
    }
  })

  test('an exemption with a code alone, or a reason alone, is enough', () => {
    const lines = [lineOf({ category: 'E', rateBps: 0 })]
    const { code, reason } = EXEMPTIONS.training
    expect(ciiXml(documentOf({ lines, exemption: { code: null, reason } }))).not.toContain('ExemptionReasonCode')
    expect(ciiXml(documentOf({ lines, exemption: { code, reason: '' } }))).not.toContain('<ram:ExemptionReason>')
  })
})
