import fc from 'fast-check'
import { expect, test } from 'vitest'
import { divideHalfUp } from '../../src/money/divide.ts'

test.each([
  [1n, 2n, 1n],
  [-1n, 2n, -1n],
  [3n, 2n, 2n],
  [-3n, 2n, -2n],
  [1n, 3n, 0n],
  [2n, 3n, 1n],
  [-2n, 3n, -1n],
  [499_999n, 1_000_000n, 0n],
  [500_000n, 1_000_000n, 1n],
  [7n, 1n, 7n],
  [0n, 5n, 0n],
])('%d / %d is %d', (numerator, denominator, quotient) => {
  expect(divideHalfUp(numerator, denominator)).toBe(quotient)
})

test.each([0n, -1n])('a denominator of %d is refused', (denominator) => {
  expect(() => divideHalfUp(1n, denominator)).toThrow(RangeError)
})

const numerators = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const denominators = fc.bigInt({ min: 1n, max: 10n ** 15n })

test('is never more than half away, and an exact half goes away from zero', () => {
  fc.assert(
    fc.property(numerators, denominators, (numerator, denominator) => {
      const quotient = divideHalfUp(numerator, denominator)
      const sign = numerator < 0n ? -1n : 1n
      // 2 × (quotient − exact) × denominator, measured away from zero.
      const excess = sign * 2n * (quotient * denominator - numerator)
      expect(excess > -denominator && excess <= denominator).toBe(true)
    }),
  )
})

test('a reversal cancels its original', () => {
  fc.assert(
    fc.property(numerators, denominators, (numerator, denominator) => {
      expect(divideHalfUp(-numerator, denominator)).toBe(-divideHalfUp(numerator, denominator))
    }),
  )
})
