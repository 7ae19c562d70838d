import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { creditorReference, isCreditorReference, printedReference } from '../../src/orders/creditor-reference.ts'

const orderNumber = fc.bigInt({ min: 1n, max: 99_999_999_999n })
const replaced = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1)

describe('creditor references (ISO 11649)', () => {
  test.each(['RF18 5390 0754 7034', 'RF18539007547034', 'rf18539007547034', 'RF471234567890'])(
    '%s is valid',
    (text) => {
      expect(isCreditorReference(text)).toBe(true)
    },
  )

  test.each(['', 'RF', 'RF18', 'RF19539007547034', 'XX18539007547034', 'RF18-539007547034', `RF18${'5'.repeat(22)}`])(
    '%j is refused',
    (text) => {
      expect(isCreditorReference(text)).toBe(false)
    },
  )

  test('every order has a valid reference, within the 25 characters of the standard', () => {
    fc.assert(
      fc.property(orderNumber, (number) => {
        const reference = creditorReference(number)
        expect(isCreditorReference(reference)).toBe(true)
        expect(reference.length).toBeLessThanOrEqual(25)
      }),
    )
  })

  test('no two orders share a reference', () => {
    fc.assert(
      fc.property(orderNumber, orderNumber, (left, right) => {
        expect(creditorReference(left) === creditorReference(right)).toBe(left === right)
      }),
    )
  })

  test('a digit mistyped as another, in any one place, is refused', () => {
    fc.assert(
      fc.property(orderNumber, (number) => {
        const reference = creditorReference(number)
        for (let at = 0; at < reference.length; at += 1) {
          if (!/\d/.test(reference[at] as string)) continue
          const typos = [...'0123456789'].filter((digit) => digit !== reference[at])
          for (const digit of typos) expect(isCreditorReference(replaced(reference, at, digit))).toBe(false)
        }
      }),
    )
  })

  test('a letter mistyped as another, in any one place, is refused', () => {
    fc.assert(
      fc.property(orderNumber, (number) => {
        const reference = creditorReference(number)
        for (let at = 0; at < reference.length; at += 1) {
          if (!/[A-Z]/.test(reference[at] as string)) continue
          const typos = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => letter !== reference[at])
          for (const letter of typos) expect(isCreditorReference(replaced(reference, at, letter))).toBe(false)
        }
      }),
    )
  })

  test('two neighbouring digits that change places are refused', () => {
    fc.assert(
      fc.property(orderNumber, fc.nat({ max: 30 }), (number, place) => {
        const reference = creditorReference(number)
        const at = place % (reference.length - 1)
        const [left = '', right = ''] = reference.slice(at, at + 2)
        fc.pre(/\d/.test(left) && /\d/.test(right) && left !== right)
        expect(isCreditorReference(replaced(replaced(reference, at, right), at + 1, left))).toBe(false)
      }),
    )
  })

  test('it is printed in groups of four that read back as the same', () => {
    expect(printedReference('RF18539007547034')).toBe('RF18 5390 0754 7034')
    expect(printedReference('RF471234567890')).toBe('RF47 1234 5678 90')
    expect(isCreditorReference(printedReference(creditorReference(42n)))).toBe(true)
  })
})
