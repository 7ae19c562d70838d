import { describe, expect, test } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { paymentTerms } from '../../src/invoicing/xml/payment-terms.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DOCUMENTS, type DocumentName } from './document-fixtures.ts'
import { readInvoice } from './en16931-model.ts'
import { brokenRules } from './en16931-rules.ts'

const SYNTAXES = { CII: ciiXml, UBL: ublXml }
const everyDocument = Object.keys(DOCUMENTS) as DocumentName[]
const everyDocumentInEverySyntax = everyDocument.flatMap((name) => [[name, 'CII'] as const, [name, 'UBL'] as const])
const readBoth = (snapshot: DocumentSnapshot) => [readInvoice(ciiXml(snapshot)), readInvoice(ublXml(snapshot))] as const

describe('every kind of document', () => {
  test.each(everyDocumentInEverySyntax)(
    '%s in %s breaks no rule of EN 16931 and no sequence of its schema',
    (name, syntax) => {
      expect(brokenRules(SYNTAXES[syntax](DOCUMENTS[name]))).toEqual([])
    },
  )

  test.each(everyDocument)('%s says the same in both syntaxes', (name) => {
    const [cii, ubl] = readBoth(DOCUMENTS[name])
    const withoutCurrencies = { amountCurrencies: null }
    expect({ ...cii, ...withoutCurrencies }).toEqual({ ...ubl, ...withoutCurrencies })
  })

  test.each(everyDocument)('%s gives the same bytes each time', (name) => {
    const copy = structuredClone(DOCUMENTS[name])
    expect(ciiXml(copy)).toBe(ciiXml(DOCUMENTS[name]))
    expect(ublXml(copy)).toBe(ublXml(DOCUMENTS[name]))
  })
})

describe('what a document says', () => {
  const read = (name: DocumentName) => readInvoice(ciiXml(DOCUMENTS[name]))

  test('an invoice paid by card is prepaid in full, with nothing due and no terms', () => {
    const { totals, payments, terms, typeCode } = read('domestic')
    expect({ totals, payments, terms, typeCode }).toEqual({
      totals: { lines: '100.00', net: '100.00', tax: '19.00', total: '119.00', prepaid: '119.00', due: '0.00' },
      payments: [{ code: '48', reference: 'RF18FB00000042', iban: null, holder: null, bic: null }],
      terms: null,
      typeCode: '380',
    })
  })

  test('a transfer in euros is SEPA, to the account of the seller', () => {
    expect(read('domesticByTransfer').payments).toEqual([
      {
        code: '58',
        reference: 'RF18FB00000042',
        iban: 'DE89370400440532013000',
        holder: 'Farebox Operations GmbH',
        bic: 'COBADEFFXXX',
      },
    ])
  })

  test('a transfer in another currency is no SEPA transfer', () => {
    const { payment } = DOCUMENTS.domesticByTransfer
    const dollars = { ...DOCUMENTS.export, payment }
    expect(readBoth(dollars).map(({ payments }) => payments[0]?.code)).toEqual(['30', '30'])
    expect(brokenRules(ciiXml(dollars))).toEqual([])
  })

  test('a transfer to a seller without a bank account claims no account', () => {
    const document = { ...DOCUMENTS.domesticByTransfer, seller: { ...DOCUMENTS.domestic.seller, bank: null } }
    expect(readBoth(document).map(({ payments }) => payments)).toMatchObject([
      [{ code: '1', iban: null, reference: 'RF18FB00000042' }],
      [{ code: '1', iban: null, reference: 'RF18FB00000042' }],
    ])
    expect(brokenRules(ciiXml(document))).toEqual([])
  })

  test('what is due says how to pay it, in the language of the document', () => {
    expect(read('unpaid')).toMatchObject({
      terms: 'Payable à réception, en indiquant la référence RF18FB00000042.',
      totals: { prepaid: '0.00', due: '119.00' },
    })
    expect(read('partlyPaid')).toMatchObject({
      terms: 'Pagadero a la recepción, indicando la referencia RF18FB00000042.',
      totals: { prepaid: '50.00', due: '69.00' },
    })
  })

  test('a reference that looks like a pattern stays as it is', () => {
    expect(paymentTerms('de', '$& {reference}')).toBe('Zahlbar sofort nach Erhalt unter Angabe von $& {reference}.')
  })

  test('a reverse charge names both VAT ids and the code of the rule', () => {
    const { seller, buyer, taxes, notes } = read('reverseCharge')
    expect([seller.vatIds, buyer.vatIds]).toEqual([['DE136695976'], ['FR40303265045']])
    expect(taxes).toMatchObject([{ category: 'AE', percent: '0.00', exemptionCode: 'VATEX-EU-AE', tax: '0.00' }])
    expect(notes).toContain('Reverse charge')
  })

  test('a consumer elsewhere in the union pays the rate of its country', () => {
    expect(read('oneStopShop').taxes).toMatchObject([{ category: 'S', percent: '21.00', net: '16.53', tax: '3.47' }])
  })

  test('an export names the VAT id of the seller and its code', () => {
    const { seller, buyer, taxes } = read('export')
    expect([seller.vatIds, buyer.vatIds, buyer.identifiers]).toEqual([['DE136695976'], [], ['12-3456789']])
    expect(taxes).toMatchObject([{ category: 'G', exemptionCode: 'VATEX-EU-G' }])
  })

  test('outside the scope of VAT there is no rate and no VAT id, yet the number of the seller is not lost', () => {
    const { seller, taxes, lines } = read('outsideScope')
    expect([seller.vatIds, seller.identifiers, seller.registrationNumber]).toEqual([
      [],
      ['DE136695976'],
      'HRB 123456 B',
    ])
    expect([taxes[0]?.percent, lines[0]?.percent]).toEqual([null, null])
  })

  test('a small business is known by its tax number, and gives its reason', () => {
    const { seller, taxes } = read('smallBusiness')
    expect([seller.vatIds, seller.taxNumbers, seller.identifiers]).toEqual([[], ['30/123/45678'], ['30/123/45678']])
    expect(taxes).toMatchObject([
      { category: 'E', exemptionCode: null, exemptionReason: expect.stringContaining('§ 19') },
    ])
  })

  test('several rates are several groups, each with its own tax', () => {
    expect(read('severalRates').taxes.map(({ category, percent, net, tax }) => [category, percent, net, tax])).toEqual([
      ['S', '19.00', '204.64', '38.88'],
      ['S', '7.00', '19.99', '1.40'],
      ['Z', '0.00', '5.00', '0.00'],
    ])
  })

  test('a credit note has positive amounts and names the invoice that it corrects', () => {
    expect(read('partialCreditNote')).toMatchObject({
      typeCode: '381',
      originals: [{ number: 'FB-2026-000042', issueDate: '2026-11-21' }],
      totals: { net: '53.32', tax: '7.73', total: '61.05', due: '0.00' },
    })
    expect(ublXml(DOCUMENTS.partialCreditNote)).toContain(
      '<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"',
    )
  })

  test('a credit note never shows the account of the seller, to which nothing is to be paid', () => {
    expect(DOCUMENTS.creditNoteToPay.payment.means).toBe('TRANSFER')
    expect(read('creditNoteToPay')).toMatchObject({
      payments: [{ code: '1', iban: null, bic: null }],
      terms: 'The amount will be refunded.',
    })
  })

  test('the tax point is said where it is not the day of issue, and only there', () => {
    expect(read('severalRates')).toMatchObject({ taxPointDates: ['2026-11-20'], deliveryDate: '2026-11-20' })
    const [cii, ubl] = readBoth({ ...DOCUMENTS.domestic, taxPointDate: '2026-11-21' })
    expect([cii.taxPointDates, ubl.taxPointDates]).toEqual([[], []])
    expect([cii.deliveryDate, ubl.deliveryDate]).toEqual(['2026-11-21', '2026-11-21'])
  })

  test('what is missing is not written at all', () => {
    const xml = ciiXml(DOCUMENTS.bare)
    for (const name of [
      'IncludedNote',
      'BuyerReference',
      'DefinedTradeContact',
      'URIUniversal',
      'PaymentMeans',
      'LineOne',
    ]) {
      expect(xml).not.toContain(name)
    }
  })

  test('a currency without a minor unit has whole amounts', () => {
    expect(read('yen').totals).toMatchObject({ net: '15000', total: '15000', due: '0' })
  })

  test.each([
    ['reverseCharge', 'VATEX-EU-AE'],
    ['export', 'VATEX-EU-G'],
    ['outsideScope', 'VATEX-EU-O'],
  ] as const)('%s: the code that follows from the category is there even where the snapshot has none', (name, code) => {
    const document = DOCUMENTS[name]
    const taxes = document.taxes.map((tax) => ({ ...tax, exemptionCode: null, exemptionReason: null }))
    const read = readBoth({ ...document, taxes })
    expect(read.map(({ taxes: [tax] }) => [tax?.exemptionCode, tax?.exemptionReason])).toEqual([
      [code, null],
      [code, null],
    ])
  })

  test.each(['EL123456789', 'XI123456789'])('the VAT id %s is known, though its prefix is no country code', (vatId) => {
    const document = { ...DOCUMENTS.domestic, buyer: { ...DOCUMENTS.domestic.buyer, vatId } }
    expect(readBoth(document).map(({ buyer }) => buyer.vatIds)).toEqual([[vatId], [vatId]])
    expect(brokenRules(ublXml(document))).toEqual([])
  })

  test('a tax that was contained in the price is said as it is, though half up would be a cent more', () => {
    expect(read('taxContained')).toMatchObject({
      taxes: [{ net: '8.45', tax: '1.60', percent: '19.00' }],
      totals: { net: '8.45', tax: '1.60', total: '10.05', due: '0.00' },
    })
  })

  test.each([
    ['no country', '923609016MVA'],
    ['the one country that the standard leaves out', 'SS123456789'],
  ])('a VAT id of a buyer that names %s is a number of the buyer, not lost and not a VAT id', (_what, vatId) => {
    const document = { ...DOCUMENTS.domestic, buyer: { ...DOCUMENTS.domestic.buyer, vatId } }
    expect(readBoth(document).map(({ buyer }) => [buyer.vatIds, buyer.identifiers])).toEqual([
      [[], [vatId]],
      [[], [vatId]],
    ])
    expect(brokenRules(ciiXml(document))).toEqual([])
  })

  test('Kosovo has the code that the standard gives it', () => {
    const { buyer } = DOCUMENTS.export
    const [cii, ubl] = readBoth({
      ...DOCUMENTS.export,
      buyer: { ...buyer, address: { ...buyer.address, country: 'XK' } },
    })
    expect([cii.buyer.address?.country, ubl.buyer.address?.country]).toEqual(['1A', '1A'])
  })

  test('a document of 500 lines has them all, in their order', () => {
    expect(read('manyLines').lines.map(({ id }) => id)).toEqual(DOCUMENTS.manyLines.lines.map(({ id }) => id))
  })
})
