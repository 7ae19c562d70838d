import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  creditsFor,
  disputedCredits,
  mostRefundable,
  type Paid,
  splitPart,
  taxWithin,
} from '../../src/orders/refunds/refund-amounts.ts'

const CENT = 10_000_000n

/** Taxes up to a quarter; credits at any price, for packages are not always a cent a cent. */
const anyPaid: fc.Arbitrary<Paid> = fc
  .record({
    netMinor: fc.bigInt(1n, 10_000_000n),
    taxBps: fc.bigInt(0n, 2_500n),
    creditNano: fc.bigInt(1n, 10n ** 16n),
    atPar: fc.boolean(),
  })
  .map(({ netMinor, taxBps, creditNano, atPar }) => {
    const taxMinor = (netMinor * taxBps + 5_000n) / 10_000n
    return { netMinor, taxMinor, totalMinor: netMinor + taxMinor, creditNano: atPar ? netMinor * CENT : creditNano }
  })

/** An order, and its whole total in parts. */
const paidInParts = fc.tuple(anyPaid, fc.array(fc.nat(1_000_000), { maxLength: 8 })).map(([paid, cuts]) => {
  const places = cuts.map((cut) => (paid.totalMinor * BigInt(cut)) / 1_000_000n).sort((a, b) => (a < b ? -1 : 1))
  const ends = [...places, paid.totalMinor]
  return { paid, parts: ends.map((end, index) => end - (ends[index - 1] ?? 0n)).filter((part) => part > 0n) }
})

const PAID: Paid = { netMinor: 10_000n, taxMinor: 1_900n, totalMinor: 11_900n, creditNano: 10_000n * CENT }

describe('what a refund comes to', () => {
  test('half of 100.00 and 19.00 tax returns 50.00, 9.50 tax and half of the credits', () => {
    expect(splitPart(PAID, { totalMinor: 0n, taxMinor: 0n }, 5_950n)).toEqual({
      netMinor: 5_000n,
      taxMinor: 950n,
      totalMinor: 5_950n,
    })
    expect(creditsFor(PAID, 5_950n)).toBe(5_000n * CENT)
  })

  test('credits that are worth less than a cent return nothing', () => {
    expect(mostRefundable({ ...PAID, taxMinor: 0n, totalMinor: 10_000n }, 0n, 10_000n, CENT - 1n)).toBe(0n)
    expect(mostRefundable({ ...PAID, taxMinor: 0n, totalMinor: 10_000n }, 0n, 10_000n, CENT)).toBe(1n)
  })

  test('parts that add up to the whole return exactly its net, its tax and its credits, and never less than nothing', () => {
    fc.assert(
      fc.property(paidInParts, ({ paid, parts }) => {
        let before = { totalMinor: 0n, taxMinor: 0n }
        let netMinor = 0n
        let creditNano = 0n
        for (const part of parts) {
          const split = splitPart(paid, before, part)
          expect(split.netMinor + split.taxMinor).toBe(part)
          expect(split.netMinor >= 0n && split.taxMinor >= 0n).toBe(true)
          const took = creditsFor(paid, before.totalMinor + part) - creditsFor(paid, before.totalMinor)
          expect(took >= 0n).toBe(true)
          before = { totalMinor: before.totalMinor + part, taxMinor: before.taxMinor + split.taxMinor }
          netMinor += split.netMinor
          creditNano += took
        }
        expect({ netMinor, ...before, creditNano }).toEqual(paid)
      }),
    )
  })

  test('the tax returned so far is never a cent off its share of the money returned', () => {
    fc.assert(
      fc.property(anyPaid, fc.nat(1_000_000), (paid, place) => {
        const totalMinor = (paid.totalMinor * BigInt(place)) / 1_000_000n
        const off = taxWithin(paid, totalMinor) * paid.totalMinor - totalMinor * paid.taxMinor
        expect((off < 0n ? -off : off) * 2n <= paid.totalMinor).toBe(true)
      }),
    )
  })

  test('the most that can be refunded is covered by the free credits, and a cent more would not be', () => {
    fc.assert(
      fc.property(anyPaid, fc.nat(1_000_000), fc.nat(1_000_000), (paid, beforePlace, freePlace) => {
        const before = (paid.totalMinor * BigInt(beforePlace)) / 1_000_000n
        const room = paid.totalMinor - before
        const free = ((paid.creditNano - creditsFor(paid, before)) * BigInt(freePlace)) / 1_000_000n
        const most = mostRefundable(paid, before, room, free)
        expect(most >= 0n && most <= room).toBe(true)
        expect(creditsFor(paid, before + most) - creditsFor(paid, before) <= free).toBe(true)
        if (most < room) expect(creditsFor(paid, before + most + 1n) - creditsFor(paid, before) > free).toBe(true)
      }),
    )
  })

  test('an untouched order can be refunded whole', () => {
    fc.assert(
      fc.property(anyPaid, (paid) => {
        expect(mostRefundable(paid, 0n, paid.totalMinor, paid.creditNano)).toBe(paid.totalMinor)
      }),
    )
  })

  test('a dispute stands for its share of the credits, and one of more than was paid for no more than all', () => {
    expect(disputedCredits(PAID, 2_975n)).toBe(2_500n * CENT)
    expect(disputedCredits(PAID, PAID.totalMinor)).toBe(PAID.creditNano)
    expect(disputedCredits(PAID, PAID.totalMinor * 2n)).toBe(PAID.creditNano)
  })
})
