import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @ts-expect-error a script of the pages, without types
import { amountText, exactAmount } from '../../src/admin/components/amount-text.js'
import { formatMoney } from '../../src/money/format-money.ts'

const nano = { kind: 'nano', currency: 'CHF' }

describe('amounts on pages', () => {
  test.each([
    ['1234567890123', 'balance', '1,234.56 CHF'],
    ['-3500000000', 'balance', '-3.50 CHF'],
    ['-1', 'balance', '-0.01 CHF'],
    ['412000', 'request', '0.000412 CHF'],
    ['1', 'request', '<0.000001 CHF'],
    ['-1', 'request', '>-0.000001 CHF'],
    ['0', 'request', '0.00 CHF'],
    ['9223372036854775807', 'balance', '9,223,372,036.85 CHF'],
  ])('%s nano in the digits of a %s is %s', (integer, digits, shown) => {
    expect(amountText(integer, { ...nano, digits })).toBe(shown)
  })

  test('they say the same as everywhere else in the product, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (amount) => {
        const text = (mode: 'balance' | 'requestCost' | 'exact') => {
          const [, sign = '', digits = ''] = /^([<>]?-?)CHF\u00a0(.*)$/.exec(formatMoney(amount, 'CHF', mode)) ?? []
          return `${sign}${digits} CHF`
        }
        const integer = amount.toString()
        expect(amountText(integer, { ...nano, digits: 'balance' })).toBe(text('balance'))
        expect(amountText(integer, { ...nano, digits: 'request' })).toBe(text('requestCost'))
        expect(exactAmount(integer, nano)).toBe(text('exact'))
      }),
      { numRuns: 2_000 },
    )
  })

  test('minor units have two digits', () => {
    expect(amountText('-105', { kind: 'minor', digits: 'balance', currency: 'EUR' })).toBe('-1.05 EUR')
    expect(amountText('123456789', { kind: 'minor', digits: 'balance', currency: 'EUR' })).toBe('1,234,567.89 EUR')
  })
})
