import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { decimalAmount, decimalPercent } from '../../src/invoicing/xml/decimal.ts'
import { InvoiceXmlError } from '../../src/invoicing/xml/invoice-xml-error.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { documentOf, lineOf } from './document-fixtures.ts'
import { type ReadInvoice, readInvoice } from './en16931-model.ts'
import { brokenRules } from './en16931-rules.ts'

const line = fc
  .record({
    rate: fc.constantFrom(
      { category: 'S', rateBps: 1_900 } as const,
      { category: 'S', rateBps: 700 } as const,
      { category: 'S', rateBps: 550 } as const,
      { category: 'S', rateBps: 1 } as const,
      { category: 'Z', rateBps: 0 } as const,
    ),
    quantity: fc.bigInt({ min: 1n, max: 100_000n }),
    unitNetMinor: fc.bigInt({ min: 1n, max: 10n ** 15n }),
  })
  .map(({ rate, ...amounts }) => lineOf({ ...rate, ...amounts }))

const document = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    currency: fc.constantFrom('EUR', 'USD', 'CHF', 'JPY'),
    isPaid: fc.boolean(),
    isCreditNote: fc.boolean(),
  })
  .map(({ lines, currency, isPaid, isCreditNote }) =>
    documentOf({
      currency,
      lines: lines.map((one, index) => ({ ...one, id: String(index + 1) })),
      ...(isPaid ? {} : { prepaidMinor: 0n }),
      ...(isCreditNote ? { kind: 'CREDIT_NOTE', original: { number: 'A-1', issueDate: '2026-01-31' } } : {}),
    }),
  )

function minorOf(text: string | null, currency: string): bigint {
  const isWhole = currency === 'JPY'
  expect(text).toMatch(isWhole ? /^\d+$/ : /^\d+\.\d\d$/)
  return BigInt((text ?? '').replace('.', ''))
}

function amountsIn({ totals, taxes, lines }: ReadInvoice, currency: string) {
  const minor = (text: string | null) => minorOf(text, currency)
  return {
    totals: [totals.lines, totals.net, totals.tax, totals.total, totals.prepaid, totals.due].map(minor),
    taxes: taxes.map(({ net, tax }) => [minor(net), minor(tax)]),
    lines: lines.map(({ quantity, price, net }) => [BigInt(quantity ?? ''), minor(price), minor(net)]),
  }
}

function amountsOf({ taxes, lines, ...document }: DocumentSnapshot) {
  const { netMinor, taxMinor, totalMinor, prepaidMinor, dueMinor } = document
  return {
    totals: [netMinor, netMinor, taxMinor, totalMinor, prepaidMinor, dueMinor],
    taxes: taxes.map((tax) => [tax.netMinor, tax.taxMinor]),
    lines: lines.map((one) => [one.quantity, one.unitNetMinor, one.netMinor]),
  }
}

describe('amounts', { timeout: 30_000 }, () => {
  test.each([
    ['CII', ciiXml],
    ['UBL', ublXml],
  ])('in %s every amount is exactly that of the snapshot, beyond what a float could say', (_syntax, write) => {
    fc.assert(
      fc.property(document, (snapshot) => {
        const read = readInvoice(write(snapshot))
        expect(amountsIn(read, snapshot.currency)).toEqual(amountsOf(snapshot))
      }),
      { numRuns: 200 },
    )
  })

  test('whatever the lines, no rule is broken, with hundredths or without', () => {
    fc.assert(
      fc.property(document, (snapshot) => {
        expect([brokenRules(ciiXml(snapshot)), brokenRules(ublXml(snapshot))]).toEqual([[], []])
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    [0n, 'EUR', '0.00'],
    [1n, 'EUR', '0.01'],
    [10n, 'USD', '0.10'],
    [123_456n, 'EUR', '1234.56'],
    [-5n, 'EUR', '-0.05'],
    [9_007_199_254_740_993n, 'EUR', '90071992547409.93'],
    [15_000n, 'JPY', '15000'],
    [12_340n, 'KWD', '12.34'],
  ])('%d minor units of %s are written %s', (minor, currency, written) => {
    expect(decimalAmount(minor, currency, 'netMinor')).toBe(written)
  })

  test('a thousandth of a dinar is refused rather than rounded', () => {
    expect(() => decimalAmount(12_345n, 'KWD', 'netMinor')).toThrow(InvoiceXmlError)
  })

  test.each([
    [0, '0.00'],
    [550, '5.50'],
    [1_900, '19.00'],
    [2_550, '25.50'],
    [10_000, '100.00'],
  ])('%d basis points are written %s', (bps, written) => {
    expect(decimalPercent(bps)).toBe(written)
  })
})
