import { describe, expect, test } from 'vitest'
import { decideTax } from '../../src/invoicing/tax/decide-tax.ts'
import type { TaxBuyer, TaxInput, TaxRule, TaxSeller } from '../../src/invoicing/tax/tax-decision.ts'
import { tableWith } from '../../src/invoicing/tax/tax-rate-table.ts'
import { buyerIn, decided, saleOf, sellerIn, VALID_EU_VAT_IDS } from './tax-world.ts'

interface Case {
  readonly seller: string
  readonly with?: Partial<TaxSeller>
  readonly buyer: string
  readonly taxId?: Partial<TaxBuyer>
  readonly sale?: Partial<TaxInput>
  readonly rule: TaxRule
  readonly is: string
  readonly says?: string
}

const british = { taxId: { type: 'gb_vat', value: 'GB980780684' } }
const swiss = { vatId: 'CHE-107.787.577 MWST' }
const unregistered = { vatId: null }
const oss = { ossRegistered: true } as const
const exempt = {
  exemption: {
    code: 'VATEX-EU-132-1I',
    reason: {
      en: 'Exempt: education.',
      de: 'Steuerfrei: Bildung.',
      fr: 'Exonéré : éducation.',
      es: 'Exento: educación.',
    },
  },
} as const
const registeredIn = (territory: string, charges: 'CONSUMERS' | 'EVERYONE') => ({
  registrations: [{ territory, charges }],
})
const withCalifornia = tableWith([
  { territory: 'US-CA', rateBps: 725, from: '2017-01-01', source: 'Cal. Rev. & Tax Code § 6051' },
])
const withAustralia = tableWith([{ territory: 'AU', rateBps: 1000, from: '2000-07-01', source: 'GST Act 1999' }])
const withOman = tableWith([{ territory: 'OM', rateBps: 0, from: '2021-04-16', source: 'A zero rate' }])

const CASES: Readonly<Record<string, Case>> = {
  'a US business of a German seller': {
    ...{ seller: 'DE', buyer: 'US-NY', taxId: { taxId: { type: 'us_ein', value: '12-3456789' } }, rule: 'export' },
    ...{ is: 'O 0 VATEX-EU-O', says: 'article 44 of Directive 2006/112/EC' },
  },
  'a US consumer of a German seller': {
    ...{ seller: 'DE', buyer: 'US-NY', rule: 'export', is: 'O 0 VATEX-EU-O', says: 'articles 58 and 59' },
  },
  'a British consumer of a French seller, in French': {
    ...{
      seller: 'FR',
      buyer: 'GB',
      sale: { language: 'fr' },
      rule: 'export',
      is: 'O 0 VATEX-EU-O',
      says: 'Non soumis à la TVA',
    },
  },
  'a British business of a German seller': {
    ...{ seller: 'DE', buyer: 'GB', taxId: british, rule: 'export', is: 'O 0 VATEX-EU-O', says: 'article 44' },
  },
  'a business in Northern Ireland is in the UK for services': {
    ...{ seller: 'DE', buyer: 'GB BT1 5GS', taxId: { vatId: 'XI980780684' }, rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'a Swiss business of an Austrian seller, in German': {
    ...{ seller: 'AT', buyer: 'CH', taxId: swiss, sale: { language: 'de' }, rule: 'export' },
    ...{ is: 'O 0 VATEX-EU-O', says: 'Artikel 44 der Richtlinie 2006/112/EG' },
  },
  'a Norwegian consumer of a Spanish seller, in Spanish': {
    ...{
      seller: 'ES',
      buyer: 'NO',
      sale: { language: 'es' },
      rule: 'export',
      is: 'O 0 VATEX-EU-O',
      says: 'No sujeto al IVA',
    },
  },
  'an EU seller may class its exports G': {
    ...{ seller: 'DE', with: { exportCategory: 'G' }, buyer: 'US-NY', rule: 'export', is: 'G 0 VATEX-EU-G' },
  },
  'a small enterprise exports outside the scope': {
    ...{ seller: 'DE', with: { isSmallBusiness: true }, buyer: 'CH', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'an EU seller registered for VOEC charges Norwegian consumers': {
    ...{ seller: 'DE', with: registeredIn('NO', 'CONSUMERS'), buyer: 'NO', rule: 'registered_abroad', is: 'S 2500' },
  },
  'an EU seller registered in Britain leaves businesses to their reverse charge': {
    ...{ seller: 'DE', with: registeredIn('GB', 'CONSUMERS'), buyer: 'GB', taxId: british, rule: 'export' },
    ...{ is: 'O 0 VATEX-EU-O' },
  },
  'an EU seller registered in Switzerland charges businesses too': {
    ...{ seller: 'DE', with: registeredIn('CH', 'EVERYONE'), buyer: 'CH', taxId: swiss, rule: 'registered_abroad' },
    ...{ is: 'S 810' },
  },

  'a British seller charges 20 % at home': { seller: 'GB', buyer: 'GB', rule: 'domestic', is: 'S 2000' },
  'the Isle of Man is home to a British seller': { seller: 'GB', buyer: 'IM', rule: 'domestic', is: 'S 2000' },
  'Jersey is abroad for a British seller': { seller: 'GB', buyer: 'JE', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'a seller written UK is British': { seller: 'UK', buyer: 'GB', rule: 'domestic', is: 'S 2000' },
  'a British seller charges an American nothing': {
    ...{ seller: 'GB', buyer: 'US-TX', rule: 'export', is: 'O 0 VATEX-EU-O', says: 'Outside the scope of UK VAT' },
  },
  'a British seller leaves an EU business to reverse charge': {
    ...{ seller: 'GB', buyer: 'DE', taxId: { vatId: VALID_EU_VAT_IDS.DE! }, rule: 'reverse_charge_from_outside' },
    ...{ is: 'O 0 VATEX-EU-O', says: 'Reverse charge' },
  },
  'a British seller in the non-Union One Stop Shop charges a German consumer 19 %': {
    ...{ seller: 'GB', with: oss, buyer: 'DE', rule: 'oss', is: 'S 1900' },
  },
  'a British seller outside of it charges an EU consumer nothing': {
    ...{ seller: 'GB', buyer: 'DE', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },

  'a Swiss seller charged 7.7 % in 2023': {
    ...{ seller: 'CH', buyer: 'CH', sale: { date: '2023-12-31' }, rule: 'domestic', is: 'S 770' },
  },
  'a Swiss seller charges 8.1 % from 2024': {
    ...{ seller: 'CH', buyer: 'CH', sale: { date: '2024-01-01' }, rule: 'domestic', is: 'S 810' },
  },
  'Liechtenstein is home to a Swiss seller': { seller: 'CH', buyer: 'LI', rule: 'domestic', is: 'S 810' },
  'Büsingen is home to a Swiss seller': { seller: 'CH', buyer: 'DE 78266', rule: 'domestic', is: 'S 810' },
  'a Swiss seller charges a German consumer nothing, in German': {
    ...{ seller: 'CH', buyer: 'DE', sale: { language: 'de' }, rule: 'export', is: 'O 0 VATEX-EU-O' },
    ...{ says: 'Art. 8 Abs. 1 MWSTG' },
  },
  'a Swiss small enterprise names its law': {
    ...{ seller: 'CH', with: { isSmallBusiness: true, vatId: null }, buyer: 'CH', sale: { language: 'de' } },
    ...{ rule: 'small_business', is: 'E 0', says: 'Art. 10 Abs. 2 lit. a MWSTG' },
  },

  'a Norwegian seller charges 25 % at home': { seller: 'NO', buyer: 'NO', rule: 'domestic', is: 'S 2500' },
  'a Norwegian seller exports at zero': {
    ...{ seller: 'NO', buyer: 'US-WA', rule: 'export', is: 'G 0 VATEX-EU-G', says: 'merverdiavgiftsloven § 6-22' },
  },
  'Svalbard is abroad for a Norwegian seller': { seller: 'NO', buyer: 'NO 9170', rule: 'export', is: 'G 0 VATEX-EU-G' },
  'a Norwegian seller leaves an EU business to reverse charge': {
    ...{ seller: 'NO', buyer: 'SE', taxId: { vatId: VALID_EU_VAT_IDS.SE! }, rule: 'reverse_charge_from_outside' },
    ...{ is: 'G 0 VATEX-EU-G', says: 'Reverse charge' },
  },

  'a US seller charges nothing in a state until it is configured': {
    ...{ seller: 'US-CA', with: unregistered, buyer: 'US-CA', rule: 'us_not_registered', is: 'O 0 VATEX-EU-O' },
    ...{ says: 'No US sales tax is charged.' },
  },
  'a rate alone does not turn a US state on': {
    ...{ seller: 'US-CA', buyer: 'US-CA', sale: { table: withCalifornia }, rule: 'us_not_registered' },
    ...{ is: 'O 0 VATEX-EU-O' },
  },
  'a US state with a rate and a registration is charged': {
    ...{ seller: 'US-NY', with: registeredIn('US-CA', 'EVERYONE'), buyer: 'US-CA', sale: { table: withCalifornia } },
    ...{ rule: 'registered_abroad', is: 'S 725' },
  },
  'a registration in one state does not tax another': {
    ...{ seller: 'US-CA', with: registeredIn('US-CA', 'EVERYONE'), buyer: 'US-OR', sale: { table: withCalifornia } },
    ...{ rule: 'us_not_registered', is: 'O 0 VATEX-EU-O' },
  },
  'a US seller without registration charges an EU consumer nothing': {
    ...{ seller: 'US-DE', with: unregistered, buyer: 'DE', rule: 'seller_not_registered', is: 'O 0 VATEX-EU-O' },
    ...{ says: 'the seller is not registered' },
  },
  'a US seller in the non-Union One Stop Shop charges 27 % in Hungary': {
    ...{ seller: 'US-DE', with: { ...unregistered, ...oss }, buyer: 'HU', rule: 'oss', is: 'S 2700' },
  },
  'a US seller leaves an EU business to reverse charge': {
    ...{ seller: 'US-DE', with: unregistered, buyer: 'FR', taxId: { vatId: VALID_EU_VAT_IDS.FR! } },
    ...{ rule: 'reverse_charge_from_outside', is: 'O 0 VATEX-EU-O', says: 'Reverse charge' },
  },
  'a US seller charges a Japanese nothing': {
    ...{ seller: 'US-DE', with: unregistered, buyer: 'JP', rule: 'seller_not_registered', is: 'O 0 VATEX-EU-O' },
  },
  'an Australian seller charges by the row that its operator added': {
    ...{ seller: 'AU', buyer: 'AU', sale: { table: withAustralia }, rule: 'domestic', is: 'S 1000' },
  },
  'an Australian seller without a row and an id charges nothing': {
    ...{ seller: 'AU', with: unregistered, buyer: 'AU', rule: 'seller_not_registered', is: 'O 0 VATEX-EU-O' },
  },
  'a Canarian seller is outside the EU': {
    ...{ seller: 'ES 35001', with: unregistered, buyer: 'DE', rule: 'seller_not_registered', is: 'O 0 VATEX-EU-O' },
  },
  'a rate of zero is zero-rated, not exempt': {
    ...{ seller: 'OM', buyer: 'OM', sale: { table: withOman }, rule: 'domestic', is: 'Z 0' },
  },

  'an exempt seller names its reason': {
    ...{
      seller: 'DE',
      with: exempt,
      buyer: 'DE',
      rule: 'exempt',
      is: 'E 0 VATEX-EU-132-1I',
      says: 'Exempt: education.',
    },
  },
  'an exempt seller names its reason in German': {
    ...{ seller: 'DE', with: exempt, buyer: 'AT', sale: { language: 'de' }, rule: 'exempt', is: 'E 0 VATEX-EU-132-1I' },
    ...{ says: 'Steuerfrei: Bildung.' },
  },
  'an exempt seller stays exempt in the One Stop Shop': {
    ...{ seller: 'DE', with: { ...exempt, ...oss }, buyer: 'FR', rule: 'exempt', is: 'E 0 VATEX-EU-132-1I' },
  },
  'an exempt seller exports outside the scope': {
    ...{ seller: 'DE', with: exempt, buyer: 'US-NY', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
}

test.each(Object.entries(CASES))('%s', (_name, expected) => {
  const { seller, with: differences, buyer, taxId, sale, rule, is, says } = expected
  const decision = decided(saleOf({ seller: sellerIn(seller, differences), buyer: buyerIn(buyer, taxId), ...sale }))
  const { category, rateBps, exemptionCode, exemptionReason } = decision
  expect([category, rateBps, exemptionCode].filter((part) => part !== null).join(' ')).toBe(is)
  expect(decision.evidence.rule).toBe(rule)
  expect(decision.taxMinor).toBe(BigInt(rateBps))
  expect(exemptionReason === null).toBe(category === 'S' || category === 'Z')
  if (says !== undefined) expect(exemptionReason).toContain(says)
})

describe('what cannot be decided is refused by the name of the field', () => {
  const german = sellerIn('DE', oss)
  test.each([
    ['no country', buyerIn(''), {}, 'buyer_country_unknown', 'buyer.address.country'],
    ['a country that does not exist', buyerIn('QQ'), {}, 'buyer_country_unknown', 'buyer.address.country'],
    ['a country by its name', buyerIn('Germany'), {}, 'buyer_country_unknown', 'buyer.address.country'],
    ['a negative net', buyerIn('FR'), { netMinor: -1n }, 'amount_negative', 'netMinor'],
    ['a day that does not exist', buyerIn('FR'), { date: '2026-02-30' }, 'date_invalid', 'date'],
    ['a day in words', buyerIn('FR'), { date: 'today' }, 'date_invalid', 'date'],
    ['a day before the history', buyerIn('FR'), { date: '2013-12-31' }, 'rate_unknown', 'buyer.address.country'],
  ] as const)('%s', (_name, buyer, differences, refused, field) => {
    expect(decideTax(saleOf({ seller: german, buyer, ...differences }))).toMatchObject({ refused, field })
  })

  test.each([
    ['a seller without a country', sellerIn(''), 'DE', 'seller_country_unknown', 'seller.address.country'],
    ['a registered seller whose country has no rate', sellerIn('AU'), 'AU', 'rate_unknown', 'seller.address.country'],
    [
      ...(['a registration where no rate is known', sellerIn('DE', registeredIn('AU', 'EVERYONE')), 'AU'] as const),
      ...(['rate_unknown', 'buyer.address.country'] as const),
    ],
    ['an EU seller before its history', sellerIn('DE', unregistered), 'DE', 'rate_unknown', 'seller.address.country'],
  ] as const)('%s', (_name, seller, country, refused, field) => {
    const date = country === 'DE' ? '1999-01-01' : '2026-06-15'
    expect(decideTax(saleOf({ seller, buyer: buyerIn(country), date }))).toMatchObject({ refused, field })
  })

  test('a net of zero is no fault', () => {
    expect(decided(saleOf({ seller: german, buyer: buyerIn('FR'), netMinor: 0n }))).toMatchObject({
      category: 'S',
      taxMinor: 0n,
    })
  })
})
