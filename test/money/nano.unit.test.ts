import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { centsFloor, formatDecimalNano, NANO_PER_CENT, parseDecimalNano } from '../../src/money/nano.ts'

describe('parseDecimalNano', () => {
  test.each([
    ['0.15', 150_000_000n],
    ['-3', -3_000_000_000n],
    ['0', 0n],
    ['-0', 0n],
    ['0.000000001', 1n],
    ['-0.000000001', -1n],
    ['1.10', 1_100_000_000n],
    ['1000000', 1_000_000_000_000_000n],
    ['9007199254740993.000000001', 9_007_199_254_740_993_000_000_001n],
  ])('reads %s exactly', (text, nano) => {
    expect(parseDecimalNano(text)).toBe(nano)
  })

  test.each(['', ' 1', '1 ', '1\n', '+1', '.5', '5.', '1,000', '1e3', '0x10', '--1', '-', 'NaN', '1.2.3', '٣'])(
    'refuses %j rather than guess',
    (text) => {
      expect(() => parseDecimalNano(text)).toThrow(RangeError)
    },
  )

  test('refuses a tenth fraction digit rather than round it away', () => {
    expect(() => parseDecimalNano('0.0000000001')).toThrow(/at most 18 digits before and 9 after the point/)
  })

  test('refuses endless digits, and repeats only the start of them', () => {
    expect(() => parseDecimalNano('9'.repeat(100_000))).toThrow(/^.{0,250}$/)
  })
})

describe('formatDecimalNano', () => {
  test.each([
    [150_000n, '0.00015'],
    [-3_000_000_000n, '-3'],
    [0n, '0'],
    [-1n, '-0.000000001'],
    [1_500_000_000n, '1.5'],
    [100_000_000_000n, '100'],
  ])('writes %d nano as %s', (nano, text) => {
    expect(formatDecimalNano(nano)).toBe(text)
  })

  test('is read back as the same amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (nano) => {
        expect(parseDecimalNano(formatDecimalNano(nano))).toBe(nano)
      }),
    )
  })
})

describe('centsFloor', () => {
  test.each([
    [0n, 0n],
    [9_999_999n, 0n],
    [10_000_000n, 1n],
    [-1n, -1n],
    [-10_000_000n, -1n],
    [-10_000_001n, -2n],
  ])('%d nano are %d cents', (nano, cents) => {
    expect(centsFloor(nano)).toBe(cents)
  })

  test('never shows more than there is, and hides less than a cent', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (nano) => {
        const hidden = nano - centsFloor(nano) * NANO_PER_CENT
        expect(hidden >= 0n && hidden < NANO_PER_CENT).toBe(true)
      }),
    )
  })
})
