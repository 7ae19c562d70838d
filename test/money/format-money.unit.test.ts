import { describe, expect, test } from 'vitest'
import { formatMoney, type MoneyMode } from '../../src/money/format-money.ts'

test.each<[MoneyMode, bigint, string]>([
  ['balance', 0n, '$0.00'],
  ['balance', 1_250_000_000_000n, '$1,250.00'],
  ['balance', 1_234_567_890_000_000_000n, '$1,234,567,890.00'],
  ['balance', 19_999_999n, '$0.01'],
  ['balance', -1n, '-$0.01'],
  ['balance', -3_500_000_000n, '-$3.50'],
  ['requestCost', 0n, '$0.00'],
  ['requestCost', 999n, '<$0.000001'],
  ['requestCost', 1n, '<$0.000001'],
  ['requestCost', -1n, '>-$0.000001'],
  ['requestCost', 1_000n, '$0.000001'],
  ['requestCost', 1_499n, '$0.000001'],
  ['requestCost', 1_500n, '$0.000002'],
  ['requestCost', -1_500n, '-$0.000002'],
  ['requestCost', 150_000n, '$0.00015'],
  ['requestCost', 2_999_999_999n, '$3.00'],
  ['exact', 1n, '$0.000000001'],
  ['exact', 1_250_500_000_000n, '$1,250.50'],
  ['exact', -1_234_000_000_001n, '-$1,234.000000001'],
])('%s shows %d nano as %s', (mode, nano, text) => {
  expect(formatMoney(nano, 'USD', mode)).toBe(text)
})

describe('currency', () => {
  test('a currency without a symbol of its own shows its code, never a dollar sign', () => {
    expect(formatMoney(3_500_000_000n, 'CHF', 'balance')).toBe('CHF\u00a03.50')
    expect(formatMoney(-3_500_000_000n, 'AUD', 'balance')).toBe('-AUD\u00a03.50')
    expect(formatMoney(3_500_000_000n, 'EUR', 'balance')).toBe('€3.50')
  })

  test.each(['', 'usd', 'US', '<b>'])('%j is not a currency code', (code) => {
    expect(() => formatMoney(0n, code, 'exact')).toThrow(RangeError)
  })
})
