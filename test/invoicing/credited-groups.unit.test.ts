import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { creditedGroups } from '../../src/invoicing/credited-groups.ts'
import type { TaxGroup } from '../../src/invoicing/document-snapshot.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { divideHalfUp } from '../../src/money/divide.ts'
import { documentOf, lineOf } from './document-fixtures.ts'
import { brokenRules } from './en16931-rules.ts'

const RATES_BPS = [500, 550, 700, 800, 1_000, 1_900, 2_100, 2_550, 2_700] as const
/** The smallest amount that an e-invoice can say, in minor units. */
const SMALLEST = { JPY: 1n, KRW: 1n, USD: 1n, KWD: 10n } as const
const WITHOUT_MINOR_UNIT = ['JPY', 'KRW'] as const

type Currency = keyof typeof SMALLEST
interface Credited {
  currency: Currency
  invoice: readonly TaxGroup[]
  /** What is given back, note by note, until nothing is left. */
  parts: bigint[]
}

interface Wish {
  currency: Currency
  rates: number[]
  nets: bigint[]
  isContained: boolean
  /** Parts of what is left, in millionths. */
  shares: bigint[]
  atLeast: bigint
}

const wishOf = (currencies: readonly Currency[], atLeast: bigint, ratesMax: number): fc.Arbitrary<Wish> =>
  fc.record({
    currency: fc.constantFrom(...currencies),
    rates: fc.uniqueArray(fc.constantFrom(...RATES_BPS), { minLength: 1, maxLength: ratesMax }),
    nets: fc.array(fc.oneof(fc.bigInt(1n, 300n), fc.bigInt(300n, 10_000_000n)), { minLength: 3, maxLength: 3 }),
    isContained: fc.boolean(),
    shares: fc.array(fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 1_000_000n)), { maxLength: 12 }),
    atLeast: fc.constant(atLeast),
  })

/** An invoice as they are issued, and refunds of it. */
function creditedOf({ currency, rates, nets, isContained, shares, atLeast }: Wish): Credited {
  const smallest = SMALLEST[currency]
  const invoice = rates.map((rateBps, index) => {
    const amount = (nets[index] ?? 1n) + 3n * atLeast
    const [netMinor, taxMinor] = isContained ? contained(amount, rateBps) : [amount, taxOn(amount, rateBps)]
    return groupOf(rateBps, netMinor * smallest, taxMinor * smallest)
  })
  const parts: bigint[] = []
  let left = sum(invoice.map(grossOf)) / smallest
  for (const share of shares) {
    const part = atLeast + (left * share) / 1_000_000n
    if (left - part < atLeast) break
    parts.push(part * smallest)
    left -= part
  }
  return { currency, invoice, parts: [...parts, left * smallest] }
}

const credited = (currencies: readonly Currency[], { atLeast = 1n, ratesMax = 1 } = {}) =>
  wishOf(currencies, atLeast, ratesMax).map(creditedOf)

function notesOf({ currency, invoice, parts }: Credited): TaxGroup[][] {
  const notes: TaxGroup[][] = []
  for (const part of parts) notes.push([...creditedGroups({ taxes: invoice, currency }, notes.flat(), part)])
  return notes
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
const amounts = ({ netMinor, taxMinor }: TaxGroup) => [netMinor, taxMinor]
const grossOf = ({ netMinor, taxMinor }: Pick<TaxGroup, 'netMinor' | 'taxMinor'>) => netMinor + taxMinor
const totalsOf = (groups: readonly TaxGroup[]) => ({
  netMinor: sum(groups.map(({ netMinor }) => netMinor)),
  taxMinor: sum(groups.map(({ taxMinor }) => taxMinor)),
})
const taxOn = (netMinor: bigint, rateBps: number) => divideHalfUp(netMinor * BigInt(rateBps), 10_000n)
const contained = (grossMinor: bigint, rateBps: number): [bigint, bigint] => {
  const netMinor = divideHalfUp(grossMinor * 10_000n, 10_000n + BigInt(rateBps))
  return [netMinor, grossMinor - netMinor]
}

function groupOf(rateBps: number, netMinor: bigint, taxMinor: bigint): TaxGroup {
  return { category: 'S', rateBps, netMinor, taxMinor, exemptionCode: null, exemptionReason: null }
}

/** BR-CO-17 and BR-S-09 as their Schematron states them, of whole amounts: net × rate in two digits, less than 1.00 away. */
function isWhatTheNormAllows({ rateBps, netMinor, taxMinor }: Pick<TaxGroup, 'rateBps' | 'netMinor' | 'taxMinor'>) {
  const differenceHundredths = taxMinor * 100n - (netMinor * BigInt(rateBps) + 50n) / 100n
  return differenceHundredths < 100n && differenceHundredths > -100n
}

/** Whether a document may say so much: a line, no tax below zero, and no tax that the norm refuses. */
const maySay = (group: Pick<TaxGroup, 'rateBps' | 'netMinor' | 'taxMinor'>) =>
  group.netMinor > 0n && group.taxMinor >= 0n && isWhatTheNormAllows(group)

function noteDocument(groups: readonly TaxGroup[], currency: Currency) {
  const lines = groups.map(({ rateBps, netMinor }, index) =>
    lineOf({ id: `${index}`, rateBps, unitNetMinor: netMinor }),
  )
  const { netMinor, taxMinor } = totalsOf(groups)
  const totalMinor = netMinor + taxMinor
  return {
    ...documentOf({ kind: 'CREDIT_NOTE', original: { number: 'A-1', issueDate: '2026-01-31' }, currency, lines }),
    ...{ taxes: groups, netMinor, taxMinor, totalMinor, prepaidMinor: totalMinor, dueMinor: 0n },
  }
}

const ALL = ['JPY', 'KRW', 'USD', 'KWD'] as const

describe('whatever is given back in whatever parts', () => {
  test('each note comes to what is given back, all of them to the invoice, and none takes more of a group than is left', () => {
    fc.assert(
      fc.property(credited(ALL, { ratesMax: 3 }), (case_) => {
        const notes = notesOf(case_)
        expect(notes.map((groups) => sum(groups.map(grossOf)))).toEqual(case_.parts)
        for (const group of case_.invoice) {
          const taken = notes.flat().filter(({ rateBps }) => rateBps === group.rateBps)
          for (const one of taken) expect([one.netMinor > 0n, one.taxMinor >= 0n]).toEqual([true, true])
          expect(sum(taken.map(grossOf))).toBe(grossOf(group))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('without a minor unit no note breaks the rules of rounding', () => {
    fc.assert(
      fc.property(credited(WITHOUT_MINOR_UNIT, { ratesMax: 3 }), (case_) => {
        expect(
          notesOf(case_)
            .flat()
            .filter((group) => !isWhatTheNormAllows(group)),
        ).toEqual([])
      }),
      { numRuns: 5_000 },
    )
  })

  test('each note can be written as an e-invoice that breaks no rule', () => {
    fc.assert(
      fc.property(credited(ALL, { ratesMax: 3 }), (case_) => {
        for (const groups of notesOf(case_)) {
          const note = noteDocument(groups, case_.currency)
          expect([brokenRules(ciiXml(note)), brokenRules(ublXml(note))]).toEqual([[], []])
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('net and tax of all notes', () => {
  test('with a minor unit are exactly those of the invoice, and no note takes more of either than is left', () => {
    fc.assert(
      fc.property(credited(['USD', 'KWD'], { atLeast: 10n, ratesMax: 1 }), (case_) => {
        const notes = notesOf(case_).flat()
        const invoiced = totalsOf(case_.invoice)
        expect(totalsOf(notes)).toEqual(invoiced)
        notes.forEach((_note, index) => {
          const { netMinor, taxMinor } = totalsOf(notes.slice(0, index + 1))
          expect([netMinor <= invoiced.netMinor, taxMinor <= invoiced.taxMinor]).toEqual([true, true])
        })
      }),
      { numRuns: 1_000 },
    )
  })

  test('with hundredths each note takes the difference of what all up to it and all before it take', () => {
    fc.assert(
      fc.property(credited(['USD'], { atLeast: 10n }), (case_) => {
        const [invoice] = case_.invoice as [TaxGroup]
        const upTo = (grossMinor: bigint) => divideHalfUp(grossMinor * invoice.taxMinor, grossOf(invoice))
        let before = 0n
        for (const [index, [note]] of notesOf(case_).entries()) {
          const after = before + (case_.parts[index] ?? 0n)
          expect(note?.taxMinor).toBe(upTo(after) - upTo(before))
          before = after
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('without a minor unit the last note takes exactly the rest, wherever a document may say the rest', () => {
    fc.assert(
      fc.property(credited(WITHOUT_MINOR_UNIT), (case_) => {
        const [invoice] = case_.invoice as [TaxGroup]
        const notes = notesOf(case_).flat()
        const before = totalsOf(notes.slice(0, -1))
        const rest = {
          netMinor: invoice.netMinor - before.netMinor,
          taxMinor: invoice.taxMinor - before.taxMinor,
        }
        if (maySay({ ...rest, rateBps: invoice.rateBps })) expect(totalsOf(notes.slice(-1))).toEqual(rest)
      }),
      { numRuns: 5_000 },
    )
  })

  test('without a minor unit each note leaves a rest that a document may say, wherever it can', () => {
    fc.assert(
      fc.property(credited(WITHOUT_MINOR_UNIT), (case_) => {
        const [invoice] = case_.invoice as [TaxGroup]
        const notes = notesOf(case_).flat()
        notes.slice(0, -1).forEach((note, index) => {
          const before = totalsOf(notes.slice(0, index))
          const restAfter = ({ netMinor, taxMinor }: Pick<TaxGroup, 'netMinor' | 'taxMinor'>) => ({
            netMinor: invoice.netMinor - before.netMinor - netMinor,
            taxMinor: invoice.taxMinor - before.taxMinor - taxMinor,
            rateBps: invoice.rateBps,
          })
          const others = [-3n, -2n, -1n, 1n, 2n, 3n]
            .map((more) => ({ ...note, netMinor: note.netMinor + more, taxMinor: note.taxMinor - more }))
            .filter(maySay)
          if (others.some((other) => maySay(restAfter(other)))) expect(maySay(restAfter(note))).toBe(true)
        })
      }),
      { numRuns: 5_000 },
    )
  })

  test('of yen are exactly those of the invoice in two parts, whatever these are', () => {
    // One yen alone bears no tax, so what one yen leaves may be more tax than a note may say.
    fc.assert(
      fc.property(
        credited(['JPY'], { atLeast: 2n }).filter(({ parts }) => parts.length <= 2),
        (case_) => {
          expect(totalsOf(notesOf(case_).flat())).toEqual(totalsOf(case_.invoice))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('of yen never come to more than the invoice before the last note', () => {
    fc.assert(
      fc.property(credited(['JPY'], { atLeast: 50n }), (case_) => {
        const invoiced = totalsOf(case_.invoice)
        const notes = notesOf(case_).flat()
        notes.slice(0, -1).forEach((_note, index) => {
          const { netMinor, taxMinor } = totalsOf(notes.slice(0, index + 1))
          expect([netMinor <= invoiced.netMinor, taxMinor <= invoiced.taxMinor]).toEqual([true, true])
        })
      }),
      { numRuns: 2_000 },
    )
  })

  test('of yen differ in fewer than one of two hundred invoices given back in many parts, and then by one yen', () => {
    const cases = fc.sample(credited(['JPY'], { atLeast: 50n }), { numRuns: 20_000, seed: 20_261_121 })
    const off = cases
      .map((case_) => totalsOf(notesOf(case_).flat()).taxMinor - totalsOf(case_.invoice).taxMinor)
      .filter((difference) => difference !== 0n)
    expect(off.length).toBeLessThan(100)
    for (const difference of off) expect([-1n, 1n]).toContain(difference)
  })

  test('a part that two roundings would have put a whole yen off is within the rules, and so is what it leaves', () => {
    // 2,938 of 3,108 yen would have been 2,670 and 268, where ten per cent of 2,670 are 267.
    const parts = [2_938n, 170n]
    const notes = notesOf({ currency: 'JPY', invoice: [groupOf(1_000, 2_825n, 283n)], parts }).flat()
    expect(notes.map(amounts)).toEqual([
      [2_671n, 267n],
      [154n, 16n],
    ])
  })

  test('where no notes within the rules come to the invoice, the totals do, and one yen of net is tax', () => {
    // Twenty per cent, contained. The first two parts can be said in one way only, which leaves 1,225 and 244: one yen off.
    const invoice = groupOf(2_000, 1_533n, 306n)
    const parts = [167n, 203n, 1_469n]
    const ways = parts.map((part) =>
      Array.from({ length: Number(part) }, (_, net) => groupOf(2_000, BigInt(net) + 1n, part - BigInt(net) - 1n))
        .filter(maySay)
        .map(amounts),
    )
    expect(ways).toEqual([[[139n, 28n]], [[169n, 34n]], [[1_224n, 245n]]])
    expect(
      notesOf({ currency: 'JPY', invoice: [invoice], parts })
        .flat()
        .map(amounts),
    ).toEqual(ways.flat())
  })

  test('a note over one yen bears no tax, nor does one over a cent that would be nothing else', () => {
    for (const currency of ['JPY', 'USD'] as const) {
      const parts = Array<bigint>(12).fill(1n)
      const notes = notesOf({ currency, invoice: [groupOf(1_000, 11n, 1n)], parts }).flat()
      expect(notes.map(amounts)).toEqual(parts.map(() => [1n, 0n]))
    }
  })
})
