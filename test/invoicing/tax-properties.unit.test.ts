import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DOCUMENT_LANGUAGES } from '../../src/invoicing/document-snapshot.ts'
import { EU_COUNTRIES } from '../../src/invoicing/tax/country-code.ts'
import { decideTax } from '../../src/invoicing/tax/decide-tax.ts'
import { taxOn } from '../../src/invoicing/tax/tax-amount.ts'
import { isRefused, type TaxInput } from '../../src/invoicing/tax/tax-decision.ts'
import { type TaxedLine, taxGroups } from '../../src/invoicing/tax/tax-groups.ts'
import { SHIPPED_TAX_TABLE } from '../../src/invoicing/tax/tax-rate-table.ts'
import { territoryOf } from '../../src/invoicing/tax/tax-territory.ts'
import { buyerIn, saleOf, sellerIn, VALID_EU_VAT_IDS } from './tax-world.ts'

const places = fc.constantFrom(
  ...['DE', 'FR', 'GR', 'EL', 'MC', 'PT 9500-321', 'ES 35001', 'FR 97110', 'DE 78266', 'AX', 'GB', 'GB BT1 5GS', 'IM'],
  ...['CH', 'LI', 'NO', 'SJ', 'US-CA', 'US', 'JP', 'AU', '', 'QQ'],
)
const vatIds = fc.constantFrom(null, ...Object.values(VALID_EU_VAT_IDS), 'XI980780684', 'GB980780684', 'nonsense', '')
const nets = fc.bigInt({ min: 0n, max: 10n ** 15n })
const exemption = { code: null, reason: { en: 'Exempt.', de: 'Steuerfrei.', fr: 'Exonéré.', es: 'Exento.' } }

const sellers = fc
  .record({
    place: places,
    vatId: fc.constantFrom(null, 'given'),
    isSmallBusiness: fc.boolean(),
    ossRegistered: fc.boolean(),
    isBelowOssThreshold: fc.boolean(),
    exemption: fc.constantFrom(null, null, exemption),
    registrations: fc.constantFrom([], [{ territory: 'GB', charges: 'CONSUMERS' as const }]),
    exportCategory: fc.constantFrom(null, 'O' as const, 'G' as const),
  })
  .map(({ place, ...differences }) => sellerIn(place, differences))

const sales: fc.Arbitrary<TaxInput> = fc
  .record({
    seller: sellers,
    buyer: fc.record({ place: places, vatId: vatIds }).map(({ place, vatId }) => buyerIn(place, { vatId })),
    evidence: fc.array(
      fc.record({
        source: fc.constantFrom('ip_address', 'card_issuer', 'bank_account'),
        country: fc.constantFrom('DE', 'FR', 'GB', 'US', 'EL', 'T1'),
      }),
      { maxLength: 4 },
    ),
    netMinor: nets,
    date: fc
      .date({ min: new Date('2015-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10)),
    language: fc.constantFrom(...DOCUMENT_LANGUAGES),
  })
  .map(saleOf)

describe('whoever sells to whomever', () => {
  test('the tax is never negative, is half up on the net, and is none without a rate', () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const outcome = decideTax(sale)
        if (isRefused(outcome)) return
        const { taxMinor, rateBps, category } = outcome
        // The exact tax is within half a unit: never above it by more than a half, nor below by a half or more.
        const excess = 2n * (taxMinor * 10_000n - sale.netMinor * BigInt(rateBps))
        expect(taxMinor >= 0n && excess <= 10_000n && excess > -10_000n).toBe(true)
        expect(rateBps > 0).toBe(category === 'S')
      }),
      { numRuns: 1_000 },
    )
  })

  test('nothing is left untaxed without a reason, and nothing taxed has one', () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const outcome = decideTax(sale)
        if (isRefused(outcome)) return
        const isTaxed = outcome.category === 'S'
        expect(outcome.exemptionReason === null).toBe(isTaxed)
        expect(outcome.taxTerritory === null).toBe(!isTaxed)
        if (isTaxed) expect(outcome.exemptionCode).toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  test('the same input gives the same answer, and is left as it was', () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const before = structuredClone({ ...sale, table: null })
        expect(decideTax(sale)).toEqual(decideTax({ ...sale }))
        expect({ ...sale, table: null }).toEqual(before)
      }),
    )
  })

  test('a greater net is never taxed less', () => {
    fc.assert(
      fc.property(sales, nets, (sale, more) => {
        const [less, greater] = [decideTax(sale), decideTax({ ...sale, netMinor: sale.netMinor + more })]
        if (isRefused(less) || isRefused(greater)) return
        expect(greater.taxMinor >= less.taxMinor).toBe(true)
        expect(greater.evidence).toEqual(less.evidence)
      }),
    )
  })

  test('a reverse charge is only for a VAT id of a member state other than the seller’s', () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const outcome = decideTax(sale)
        if (isRefused(outcome) || outcome.category !== 'AE') return
        expect(outcome.evidence.vatIdCheck?.result).not.toBe('invalid')
        const prefix = outcome.evidence.vatIdCheck?.value.slice(0, 2)
        const idCountry = prefix === 'EL' ? 'GR' : prefix
        expect(EU_COUNTRIES).toContain(idCountry)
        expect(territoryOf(sale.seller.address)?.area).not.toBe(idCountry)
        expect(outcome.evidence.buyerIsBusiness).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a refusal names a field of the input', () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const outcome = decideTax(sale)
        if (!isRefused(outcome)) return
        expect(['seller.address.country', 'buyer.address.country']).toContain(outcome.field)
        if (outcome.refused === 'buyer_country_unknown') expect([null, 'QQ']).toContain(sale.buyer.address.country)
      }),
    )
  })
})

const lines = fc.array(
  fc.record({
    netMinor: nets,
    category: fc.constant('S' as const),
    rateBps: fc.constantFrom(700, 1900, 2550),
    exemptionCode: fc.constant(null),
    exemptionReason: fc.constant(null),
  }),
  { maxLength: 60 },
)

describe('the breakdown of a document', () => {
  test('has the net of its lines, and one group a rate, each taxed once on its sum', () => {
    fc.assert(
      fc.property(lines, (members) => {
        const groups = taxGroups(members)
        const sum = (amounts: readonly { netMinor: bigint }[]) => amounts.reduce((all, one) => all + one.netMinor, 0n)
        expect(sum(groups)).toBe(sum(members))
        expect(new Set(groups.map(({ rateBps }) => rateBps)).size).toBe(groups.length)
        for (const { rateBps, netMinor, taxMinor } of groups) {
          expect(netMinor).toBe(sum(members.filter((line) => line.rateBps === rateBps)))
          expect(taxMinor).toBe((netMinor * BigInt(rateBps) + 5_000n) / 10_000n)
        }
      }),
    )
  })

  test('rounds once a group, not once a line', () => {
    const line: TaxedLine = {
      ...{ netMinor: 2n, category: 'S', rateBps: 2_000, exemptionCode: null, exemptionReason: null },
    }
    // 0.4 of a cent each: three of them are 1.2, where each alone would be nothing.
    expect(taxGroups([line, line, line])).toEqual([{ ...line, netMinor: 6n, taxMinor: 1n }])
  })

  test('never mixes what is outside the scope with other lines', () => {
    const taxed: TaxedLine = { netMinor: 1n, category: 'S', rateBps: 1_900, exemptionCode: null, exemptionReason: null }
    const outside: TaxedLine = { ...taxed, category: 'O', rateBps: 0, exemptionCode: 'VATEX-EU-O' }
    expect(() => taxGroups([taxed, outside])).toThrow(RangeError)
    expect(taxGroups([outside, outside])).toHaveLength(1)
  })
})

test.each([
  [50n, 100, 1n],
  [49n, 100, 0n],
  [1000n, 2550, 255n],
  [10n, 2550, 3n],
  [2n, 2550, 1n],
  [1n, 2550, 0n],
  [0n, 2700, 0n],
])('the tax on %d at %d basis points is %d', (netMinor, rateBps, taxMinor) => {
  expect(taxOn(netMinor, rateBps)).toBe(taxMinor)
})

test('every shipped rate can be charged at home', () => {
  for (const { territory } of SHIPPED_TAX_TABLE.rows.filter((row) => row.territory.length === 2)) {
    const outcome = decideTax(saleOf({ seller: sellerIn(territory), buyer: buyerIn(territory) }))
    expect(outcome).toMatchObject({ category: 'S', taxTerritory: territory })
  }
})
