import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SETTLEMENTS, settle } from '../../src/orders/manual/settle.ts'
import { CREDIT_NANO_MAX } from '../../src/orders/read-request.ts'

const PLAN = '01920000-0000-7000-8000-000000000000'
const ordered = {
  ...{ netMinor: 100_000n, taxMinor: 19_000n, totalMinor: 119_000n },
  ...{ creditNano: 1_000n * 10n ** 9n, bonusNano: 50n * 10n ** 9n, planId: PLAN },
}

const amounts = fc
  .record({
    netMinor: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    taxMinor: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    creditNano: fc.bigInt({ min: 1n, max: 10n ** 16n }),
    bonusNano: fc.bigInt({ min: 0n, max: 10n ** 16n }),
  })
  .map((one) => ({ ...one, totalMinor: one.netMinor + one.taxMinor, planId: PLAN }))

describe('settlements', () => {
  test('EXACT leaves the order as it was', () => {
    const { receivedMinor, ...same } = { ...ordered, receivedMinor: 119_000n }
    expect(settle({ ...same, receivedMinor }, 'EXACT')).toEqual({ ok: true, amounts: ordered, owedBackMinor: 0n })
  })

  test('REDUCE takes net, tax and credits down by what is missing, and gives neither bonus nor plan', () => {
    const half = { netMinor: 50_000n, taxMinor: 9_500n, totalMinor: 59_500n, creditNano: 500n * 10n ** 9n }
    expect(settle({ ...ordered, receivedMinor: 59_500n }, 'REDUCE')).toEqual({
      ...{ ok: true, amounts: { ...half, bonusNano: 0n, planId: null }, owedBackMinor: 0n },
    })
  })

  test('tax is rounded half up and credits down', () => {
    const order = { ...ordered, netMinor: 2n, taxMinor: 1n, totalMinor: 3n, creditNano: 100n, receivedMinor: 2n }
    // Two thirds: tax 0.67, credits 66.67.
    expect(settle(order, 'REDUCE')).toMatchObject({ amounts: { taxMinor: 1n, netMinor: 1n, creditNano: 66n } })
    const even = { ...order, netMinor: 3n, taxMinor: 1n, totalMinor: 4n }
    // One half of one cent of tax.
    expect(settle(even, 'REDUCE')).toMatchObject({ amounts: { taxMinor: 1n, netMinor: 1n, creditNano: 50n } })
  })

  test('CREDIT_EXCESS raises net, tax and credits by what is more, and leaves the bonus and the plan', () => {
    const double = { netMinor: 200_000n, taxMinor: 38_000n, totalMinor: 238_000n, creditNano: 2_000n * 10n ** 9n }
    expect(settle({ ...ordered, receivedMinor: 238_000n }, 'CREDIT_EXCESS')).toEqual({
      ...{ ok: true, amounts: { ...ordered, ...double }, owedBackMinor: 0n },
    })
  })

  test('RETURN_EXCESS leaves the order as it was and owes the rest back', () => {
    expect(settle({ ...ordered, receivedMinor: 119_001n }, 'RETURN_EXCESS')).toEqual({
      ...{ ok: true, amounts: ordered, owedBackMinor: 1n },
    })
  })

  test('exactly those settlements are possible that fit what arrived, and none when nothing did', () => {
    const possible = (receivedMinor: bigint) =>
      SETTLEMENTS.filter((settlement) => settle({ ...ordered, receivedMinor }, settlement).ok)
    expect(possible(0n)).toEqual([])
    expect(possible(118_999n)).toEqual(['REDUCE'])
    expect(possible(119_000n)).toEqual(['EXACT'])
    expect(possible(119_001n)).toEqual(['CREDIT_EXCESS', 'RETURN_EXCESS'])
  })

  test('what is too little for one nano of credit, or too much for one order, is refused', () => {
    const cheap = { ...ordered, creditNano: 1n, receivedMinor: 1n }
    expect(settle(cheap, 'REDUCE')).toMatchObject({ ok: false })
    // One cent of which the tax would take all.
    const taxed = { ...ordered, netMinor: 1n, taxMinor: 2n, totalMinor: 3n, receivedMinor: 1n }
    expect(settle(taxed, 'REDUCE')).toMatchObject({ ok: false })
    const huge = { ...ordered, creditNano: CREDIT_NANO_MAX, receivedMinor: 119_001n }
    expect(settle(huge, 'CREDIT_EXCESS')).toMatchObject({ ok: false })
  })

  test('whatever arrives: the money adds up, and nobody gets a nano more for a cent than was agreed', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt({ min: 1n, max: 4n * 10n ** 9n }),
        fc.constantFrom(...SETTLEMENTS),
        (order, receivedMinor, settlement) => {
          const settled = settle({ ...order, receivedMinor }, settlement)
          fc.pre(settled.ok)
          const { netMinor, taxMinor, totalMinor, creditNano, bonusNano } = settled.amounts
          expect(netMinor + taxMinor).toBe(totalMinor)
          expect(totalMinor + settled.owedBackMinor).toBe(receivedMinor)
          expect(netMinor).toBeGreaterThan(0n)
          expect(taxMinor).toBeGreaterThanOrEqual(0n)
          expect(creditNano * order.totalMinor).toBeLessThanOrEqual(order.creditNano * totalMinor)
          expect(bonusNano).toBeLessThanOrEqual(order.bonusNano)
        },
      ),
    )
  })
})
