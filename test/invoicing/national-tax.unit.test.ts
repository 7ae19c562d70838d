import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentSnapshot, NationalTax } from '../../src/invoicing/document-snapshot.ts'
import { converted, otherTaxCurrency } from '../../src/invoicing/national-tax.ts'
import { renderDocument } from '../../src/invoicing/pdf/render-document.ts'
import { readSnapshot, snapshotHash, writeSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { snapshotFindings } from '../../src/invoicing/verify/snapshot-findings.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { textOfPdf } from '../orders/manual-pdf-text.ts'
import { DOCUMENTS, documentOf, lineOf, TAX_IN_EUROS } from './document-fixtures.ts'
import { readInvoice } from './en16931-model.ts'
import { brokenRules } from './en16931-rules.ts'

const inXml = { cii: ciiXml, ubl: ublXml }

describe('the tax in the national currency', () => {
  test.each([
    // currency, minor units of tax, the other currency, rate, minor units in it
    ['USD', 1_900n, 'EUR', '0.92310', 1_754n],
    ['USD', 1n, 'EUR', '0.5', 1n],
    ['USD', 1n, 'EUR', '0.4999999999', 0n],
    ['JPY', 1_900n, 'EUR', '0.00571', 1_085n],
    ['EUR', 1_900n, 'HUF', '391.25', 743_375n],
    ['USD', 10n ** 15n, 'EUR', '1', 10n ** 15n],
  ] as const)('of %s %s is in %s at %s: %s, rounded half up once', (currency, taxMinor, to, rate, expected) => {
    expect(converted({ taxMinor, currency }, { currency: to, rate })).toBe(expected)
  })

  test('is never further from the exact amount than half a minor unit', () => {
    const rates = fc.bigInt(1n, 10n ** 9n).map((millionths) => ({
      millionths,
      rate: `${millionths / 1_000_000n}.${String(millionths % 1_000_000n).padStart(6, '0')}`,
    }))
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), rates, (taxMinor, { millionths, rate }) => {
        const exactly = taxMinor * millionths
        const difference = converted({ taxMinor, currency: 'USD' }, { currency: 'EUR', rate }) * 1_000_000n - exactly
        expect(difference <= 500_000n && difference > -500_000n).toBe(true)
      }),
    )
  })

  test.each(['cii', 'ubl'] as const)(
    'stands in %s beside the tax in the document’s own currency, and breaks no rule',
    (format) => {
      for (const document of [DOCUMENTS.nationalTax, DOCUMENTS.nationalTaxCreditNote]) {
        const xml = inXml[format](document)
        expect(brokenRules(xml)).toEqual([])
        const read = readInvoice(xml)
        const amount = document.kind === 'INVOICE' ? '17.54' : '5.84'
        expect(read).toMatchObject({
          currency: 'USD',
          taxCurrency: 'EUR',
          nationalTaxes: [{ amount, currency: 'EUR' }],
        })
        expect(read.totals.tax).toBe(document.kind === 'INVOICE' ? '19.00' : '6.33')
      }
    },
  )

  test.each(['cii', 'ubl'] as const)(
    'in %s the rules notice one that is missing, in the wrong currency, or too exact',
    (format) => {
      const xml = inXml[format](DOCUMENTS.nationalTax)
      expect(brokenRules(xml.replace('>EUR</', '>USD</'))).toContain('BR-53')
      expect(brokenRules(xml.replace('>17.54<', '>17.543<'))).toContain('BR-DEC-15')
      expect(brokenRules(xml.replace('>EUR</', '>ZZZ</'))).toContain('BR-CL-05')
    },
  )

  test('cannot be said of a document without tax, or in the document’s own currency', () => {
    const untaxed = { ...DOCUMENTS.zeroRated, nationalTax: { ...TAX_IN_EUROS, currency: 'SEK' } }
    const same = { ...DOCUMENTS.domestic, nationalTax: TAX_IN_EUROS }
    for (const document of [untaxed, same]) expect(() => ciiXml(document)).toThrow('nationalTax')
  })

  test('is proved from what the document says', () => {
    const stored = (document: DocumentSnapshot) => ({ ...document, snapshotSha256: snapshotHash(document) })
    const right = DOCUMENTS.nationalTax
    expect(snapshotFindings(right, stored(right))).toEqual([])
    const wrong = { ...right, nationalTax: { ...(right.nationalTax as NationalTax), taxMinor: 1_755n } }
    expect(snapshotFindings(wrong, stored(wrong))).toEqual(['its tax in EUR is not its tax at the rate it names'])
  })

  test('survives being stored, and a document without it has the text it always had', () => {
    expect(readSnapshot(writeSnapshot(DOCUMENTS.nationalTax))).toEqual(DOCUMENTS.nationalTax)
    expect(writeSnapshot(DOCUMENTS.domestic)).not.toContain('nationalTax')
    // Written down when documents had neither a national tax nor a period.
    expect(snapshotHash(DOCUMENTS.domestic).toString('hex').slice(0, 16)).toBe('6729a8bd4261dbed')
    expect(snapshotHash(DOCUMENTS.creditNote).toString('hex').slice(0, 16)).toBe('a60925ba33d4e6f3')
  })
})

describe('printed', () => {
  const printed = async (document: DocumentSnapshot) =>
    textOfPdf(await renderDocument({ snapshot: document, xml: ciiXml(document), logo: null })).replaceAll(/\s+/g, ' ')

  test.each([
    ['en', 'VAT total in EUR: 17.54 at 1 USD = 0.92310 EUR (ECB, 2026-11-20)'],
    ['de', 'USt. gesamt in EUR: 17,54 zum Kurs 1 USD = 0,92310 EUR (ECB, 2026-11-20)'],
    ['fr', 'TVA totale en EUR : 17,54 au taux 1 USD = 0,92310 EUR (ECB, 2026-11-20)'],
    ['es', 'IVA total en EUR: 17,54 al cambio 1 USD = 0,92310 EUR (ECB, 2026-11-20)'],
  ] as const)('in %s the tax in the national currency stands whole under the tax table', async (language, sentence) => {
    expect(await printed({ ...DOCUMENTS.nationalTax, language })).toContain(sentence)
  })

  test('a source with the longest name allowed is not cut', async () => {
    const rateSource =
      'Wechselkursbekanntgabe der Deutschen Bundesbank für umsatzsteuerliche Zwecke nach Paragraf 16 Absatz 6'
    const nationalTax = { ...TAX_IN_EUROS, rateSource: rateSource.slice(0, 100) }
    expect(await printed({ ...DOCUMENTS.nationalTax, nationalTax })).toContain(
      `${rateSource.slice(0, 100)}, 2026-11-20)`,
    )
  })

  test.each([
    ['en', 'Period 1 November 2026 – 30 November 2026', 'Paid with prepaid credits. Nothing is left to pay.'],
    [
      'de',
      'Zeitraum 1. November 2026 – 30. November 2026',
      'Mit Prepaid-Guthaben bezahlt. Es ist nichts mehr zu zahlen.',
    ],
    ['fr', 'Période 1er novembre 2026 – 30 novembre 2026', 'Payé avec des crédits prépayés. Il ne reste rien à payer.'],
    [
      'es',
      'Período 1 de noviembre de 2026 – 30 de noviembre de 2026',
      'Pagado con créditos prepagados. No queda nada por pagar.',
    ],
  ] as const)('in %s a month of use says which, and how it is paid', async (language, period, paid) => {
    const text = await printed({ ...DOCUMENTS.usage, language })
    for (const said of [period, paid]) expect(text).toContain(said)
    expect(text).not.toMatch(/Payment ref|Zahlungsref|Réf\. de|Ref\. de pago/)
  })
})

describe('the currency that tax has to be stated in', () => {
  const sold = (from: string, to: string, rule: string, currency: string, taxPointDate = '2026-11-20') =>
    otherTaxCurrency({
      ...documentOf({ currency, taxPointDate, lines: [lineOf()] }),
      seller: { ...DOCUMENTS.domestic.seller, address: { ...DOCUMENTS.domestic.seller.address, country: from } },
      buyer: { ...DOCUMENTS.domestic.buyer, address: { ...DOCUMENTS.domestic.buyer.address, country: to } },
      evidence: { rule, buyerIsBusiness: false, countries: [], vatIdCheck: null },
    })

  test.each([
    ['DE', 'DE', 'domestic', 'USD', 'EUR'],
    ['DE', 'DE', 'domestic', 'EUR', null],
    ['SE', 'SE', 'domestic', 'EUR', 'SEK'],
    // Declared in the One Stop Shop of home.
    ['DE', 'SE', 'oss', 'USD', 'EUR'],
    ['US', 'SE', 'oss', 'USD', 'EUR'],
    ['US', 'PL', 'destination', 'USD', 'PLN'],
    ['GB', 'GB', 'domestic', 'USD', 'GBP'],
    // Nothing is known of it.
    ['BR', 'BR', 'domestic', 'USD', null],
  ] as const)('from %s to %s by the rule %s, in %s: %s', (from, to, rule, currency, expected) => {
    expect(sold(from, to, rule, currency)).toBe(expected)
  })

  test('is the one of the day: Bulgaria has the euro since 2026', () => {
    expect(sold('BG', 'BG', 'domestic', 'USD', '2025-12-31')).toBe('BGN')
    expect(sold('BG', 'BG', 'domestic', 'USD', '2026-01-01')).toBe('EUR')
  })

  test('is none where there is no tax', () => {
    expect(otherTaxCurrency({ ...DOCUMENTS.reverseCharge, currency: 'USD' })).toBeNull()
  })
})

describe('a month of use', () => {
  test.each(['cii', 'ubl'] as const)(
    'says in %s which days it is about, that all is paid, and no means of payment',
    (format) => {
      for (const document of [DOCUMENTS.usage, DOCUMENTS.usageReverseCharge]) {
        const xml = inXml[format](document)
        expect(brokenRules(xml)).toEqual([])
        const read = readInvoice(xml)
        expect(read).toMatchObject({
          ...{ periods: [{ from: '2026-11-01', to: '2026-11-30' }], taxPointDates: ['2026-11-30'], payments: [] },
          totals: { prepaid: read.totals.total, due: '0.00' },
        })
      }
    },
  )

  test('does not end before it begins', () => {
    const backwards = { ...DOCUMENTS.usage, period: { from: '2026-11-30', to: '2026-11-01' } }
    expect(() => ciiXml(backwards)).toThrow('BR-29')
    const xml = ciiXml(DOCUMENTS.usage)
    expect(brokenRules(xml.replace('>20261101<', '>20261201<'))).toContain('BR-29')
  })
})
