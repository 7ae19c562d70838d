import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OrderError } from '../../src/orders/order-error.ts'
import { type CreditPackage, checkAmount, PURCHASE_MINIMUM_MINOR, purchaseOf } from '../../src/orders/packages.ts'

const LIMITS = { currency: 'USD', minimumMinor: PURCHASE_MINIMUM_MINOR, maximumMinor: 1_000_000n }

const GROWTH: CreditPackage = {
  id: '019aa000-0000-7000-8000-000000000001',
  slug: 'growth',
  name: 'Growth',
  description: 'Growth',
  currency: 'USD',
  priceMinor: 20_000n,
  creditNano: 200_000_000_000n,
  bonusNano: 10_000_000_000n,
  plan: { id: '019aa000-0000-7000-8000-000000000002', slug: 'growth', name: 'Growth' },
}
const OPEN: CreditPackage = { ...GROWTH, slug: 'custom', priceMinor: null, creditNano: null, bonusNano: 0n, plan: null }

function refusalOf(work: () => unknown): { code: string; field: string | null } {
  try {
    work()
  } catch (error) {
    if (error instanceof OrderError) return { code: error.code, field: error.field }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a purchase', () => {
  test('of a package brings its credits, its bonus and its plan at its price', () => {
    expect(purchaseOf(GROWTH, null, LIMITS)).toEqual({
      netMinor: 20_000n,
      creditNano: 200_000_000_000n,
      bonusNano: 10_000_000_000n,
      packageId: GROWTH.id,
      planId: GROWTH.plan?.id,
    })
  })

  test('of any amount within the limits brings exactly as many credits and nothing else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 500n, max: 1_000_000n }), (amountMinor) => {
        expect(purchaseOf(null, amountMinor, LIMITS)).toEqual({
          netMinor: amountMinor,
          creditNano: amountMinor * 10_000_000n,
          bonusNano: 0n,
          packageId: null,
          planId: null,
        })
      }),
    )
  })

  test('of the package without a price is of the amount that the buyer names', () => {
    const purchase = purchaseOf(OPEN, 12_345n, LIMITS)
    expect(purchase).toEqual({
      ...purchaseOf(null, 12_345n, LIMITS),
      packageId: OPEN.id,
    })
  })

  test.each([
    ['one cent under the minimum of 5.00', 499n, 'amount_below_minimum'],
    ['nothing', 0n, 'amount_below_minimum'],
    ['less than nothing', -2_000n, 'amount_below_minimum'],
    ['one cent over the maximum', 1_000_001n, 'amount_above_maximum'],
  ])('of %s is refused, naming the amount', (_what, amountMinor, code) => {
    expect(refusalOf(() => purchaseOf(null, amountMinor, LIMITS))).toEqual({ code, field: 'amountMinor' })
    expect(refusalOf(() => purchaseOf(OPEN, amountMinor, LIMITS))).toEqual({ code, field: 'amountMinor' })
  })

  test('says the limit in words that the buyer can use', () => {
    expect(() => checkAmount(1n, LIMITS)).toThrow('The least is $5.00.')
    expect(() => checkAmount(1_000_001n, LIMITS)).toThrow('The most is $10,000.00.')
  })

  test.each([
    ['neither a package nor an amount', null, null],
    ['a package that has a price, and an amount', GROWTH, 20_000n],
    ['a package without a price, and no amount', OPEN, null],
  ])('of %s is refused', (_what, chosen, amountMinor) => {
    expect(refusalOf(() => purchaseOf(chosen, amountMinor, LIMITS))).toEqual({
      code: 'invalid_request',
      field: 'amountMinor',
    })
  })

  test('in another currency than the account holds is refused', () => {
    const euros = { ...LIMITS, currency: 'EUR' }
    expect(refusalOf(() => purchaseOf(GROWTH, null, euros))).toEqual({
      code: 'currency_not_supported',
      field: 'package',
    })
  })
})
