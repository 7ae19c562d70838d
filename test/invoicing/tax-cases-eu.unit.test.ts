import { expect, test } from 'vitest'
import type { TaxInput, TaxRule, TaxSeller } from '../../src/invoicing/tax/tax-decision.ts'
import { buyerIn, decided, saleOf, sellerIn, VALID_EU_VAT_IDS } from './tax-world.ts'

interface Case {
  readonly seller: string
  readonly with?: Partial<TaxSeller>
  readonly buyer: string
  readonly vatId?: string | undefined
  readonly sale?: Partial<TaxInput>
  readonly rule: TaxRule
  readonly is: string
  readonly says?: string
}

const ids = VALID_EU_VAT_IDS
const oss = { ossRegistered: true } as const
const small = { isSmallBusiness: true } as const
const below = { isBelowOssThreshold: true } as const

const CASES: Readonly<Record<string, Case>> = {
  'a German consumer of a German seller pays 19 %': { seller: 'DE', buyer: 'DE', rule: 'domestic', is: 'S 1900' },
  'a German business of a German seller pays 19 %': {
    ...{ seller: 'DE', buyer: 'DE', vatId: ids.DE, rule: 'domestic', is: 'S 1900' },
  },
  'in the second half of 2020 Germany takes 16 %': {
    ...{ seller: 'DE', buyer: 'DE', sale: { date: '2020-12-31' }, rule: 'domestic', is: 'S 1600' },
  },
  'on 2021-01-01 Germany takes 19 % again': {
    ...{ seller: 'DE', buyer: 'DE', sale: { date: '2021-01-01' }, rule: 'domestic', is: 'S 1900' },
  },
  'a French seller charges 20 % at home': { seller: 'FR', buyer: 'FR', rule: 'domestic', is: 'S 2000' },
  'a Finnish seller charges 25.5 % at home': { seller: 'FI', buyer: 'FI', rule: 'domestic', is: 'S 2550' },
  'a Hungarian seller charges 27 % at home': { seller: 'HU', buyer: 'HU', rule: 'domestic', is: 'S 2700' },
  'a Greek seller may be written EL': { seller: 'EL', buyer: 'GR', rule: 'domestic', is: 'S 2400' },
  'a seller in small letters is found': { seller: 'de', buyer: 'DE', rule: 'domestic', is: 'S 1900' },

  'a French business of a German seller is charged in reverse': {
    ...{
      seller: 'DE',
      buyer: 'FR',
      vatId: ids.FR,
      rule: 'reverse_charge',
      is: 'AE 0 VATEX-EU-AE',
      says: 'Reverse charge',
    },
  },
  'reverse charge is worded in German': {
    ...{ seller: 'DE', buyer: 'AT', vatId: ids.AT, sale: { language: 'de' }, rule: 'reverse_charge' },
    ...{ is: 'AE 0 VATEX-EU-AE', says: 'Steuerschuldnerschaft des Leistungsempfängers' },
  },
  'reverse charge is worded in French': {
    ...{ seller: 'DE', buyer: 'FR', vatId: ids.FR, sale: { language: 'fr' }, rule: 'reverse_charge' },
    ...{ is: 'AE 0 VATEX-EU-AE', says: 'Autoliquidation' },
  },
  'reverse charge is worded in Spanish': {
    ...{ seller: 'DE', buyer: 'ES', vatId: ids.ES, sale: { language: 'es' }, rule: 'reverse_charge' },
    ...{ is: 'AE 0 VATEX-EU-AE', says: 'Inversión del sujeto pasivo' },
  },
  'a Greek business with EL is charged in reverse': {
    ...{ seller: 'DE', buyer: 'GR', vatId: ids.GR, rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'a Greek business with GR is charged in reverse': {
    ...{ seller: 'DE', buyer: 'GR', vatId: 'GR094259216', rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'a VAT id with spaces and small letters is read': {
    ...{ seller: 'DE', buyer: 'AT', vatId: ' atu 135 85 627 ', rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'a VAT id without its prefix is read with the address': {
    ...{ seller: 'DE', buyer: 'AT', vatId: 'U13585627', rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'reverse charge goes before the One Stop Shop': {
    ...{ seller: 'DE', with: oss, buyer: 'FR', vatId: ids.FR, rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'a small enterprise charges a business abroad in reverse': {
    ...{ seller: 'DE', with: small, buyer: 'FR', vatId: ids.FR, rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'a business in Monaco with a French id is charged in reverse by a German': {
    ...{ seller: 'DE', buyer: 'MC', vatId: 'FR53000004605', rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  "an id of the seller's own country is taxed at home, wherever its address": {
    ...{ seller: 'DE', with: oss, buyer: 'AT', vatId: ids.DE, rule: 'domestic', is: 'S 1900' },
  },
  "an address in the seller's country is taxed at home, whatever its id": {
    ...{ seller: 'DE', buyer: 'DE', vatId: ids.AT, rule: 'domestic', is: 'S 1900' },
  },

  'a French consumer pays the French rate in the One Stop Shop': {
    ...{ seller: 'DE', with: oss, buyer: 'FR', rule: 'oss', is: 'S 2000' },
  },
  'a Finnish consumer paid 24 % until August 2024': {
    ...{ seller: 'DE', with: oss, buyer: 'FI', sale: { date: '2024-08-31' }, rule: 'oss', is: 'S 2400' },
  },
  'a Finnish consumer pays 25.5 % from September 2024': {
    ...{ seller: 'DE', with: oss, buyer: 'FI', sale: { date: '2024-09-01' }, rule: 'oss', is: 'S 2550' },
  },
  'a Romanian consumer pays 21 % from August 2025': {
    ...{ seller: 'DE', with: oss, buyer: 'RO', sale: { date: '2025-08-01' }, rule: 'oss', is: 'S 2100' },
  },
  'an Estonian consumer pays 24 % from July 2025': {
    ...{ seller: 'DE', with: oss, buyer: 'EE', sale: { date: '2025-07-01' }, rule: 'oss', is: 'S 2400' },
  },
  'a Slovak consumer pays 23 % from January 2025': {
    ...{ seller: 'AT', with: oss, buyer: 'SK', sale: { date: '2025-01-01' }, rule: 'oss', is: 'S 2300' },
  },
  'a consumer in Luxembourg paid 16 % in 2023': {
    ...{ seller: 'FR', with: oss, buyer: 'LU', sale: { date: '2023-06-30' }, rule: 'oss', is: 'S 1600' },
  },
  'an Irish consumer paid 21 % in the winter of 2020': {
    ...{ seller: 'FR', with: oss, buyer: 'IE', sale: { date: '2021-02-28' }, rule: 'oss', is: 'S 2100' },
  },
  'a consumer in Monaco pays the French rate': { seller: 'DE', with: oss, buyer: 'MC', rule: 'oss', is: 'S 2000' },
  'a consumer on the Azores pays their rate': {
    seller: 'DE',
    with: oss,
    buyer: 'PT 9500-321',
    rule: 'oss',
    is: 'S 1600',
  },
  'a consumer on Madeira pays its rate': { seller: 'DE', with: oss, buyer: 'PT 9000-018', rule: 'oss', is: 'S 2200' },
  'a consumer at Akrotiri pays the Cypriot rate': {
    ...{ seller: 'DE', with: oss, buyer: 'GB BFPO 57', rule: 'oss', is: 'S 1900' },
  },
  "below the threshold a consumer pays the seller's rate": {
    ...{ seller: 'DE', with: below, buyer: 'FR', rule: 'below_threshold', is: 'S 1900' },
  },
  'the One Stop Shop goes before the threshold': {
    ...{ seller: 'DE', with: { ...oss, ...below }, buyer: 'FR', rule: 'oss', is: 'S 2000' },
  },
  "above the threshold and outside the One Stop Shop the buyer's rate is due": {
    ...{ seller: 'DE', buyer: 'FR', rule: 'destination', is: 'S 2000' },
  },
  'a seller registered in France charges its rate there': {
    ...{ seller: 'DE', with: { registrations: [{ territory: 'FR', charges: 'CONSUMERS' }] }, buyer: 'FR' },
    ...{ rule: 'registered_abroad', is: 'S 2000' },
  },
  'a registration for consumers leaves businesses to reverse charge': {
    ...{ seller: 'DE', with: { registrations: [{ territory: 'FR', charges: 'CONSUMERS' }] }, buyer: 'FR' },
    ...{ vatId: ids.FR, rule: 'reverse_charge', is: 'AE 0 VATEX-EU-AE' },
  },
  'an invalid VAT id is taxed as a consumer': {
    ...{ seller: 'DE', with: oss, buyer: 'FR', vatId: 'FR40303265046', rule: 'oss', is: 'S 2000' },
  },

  'a German small enterprise charges nothing at home': {
    ...{ seller: 'DE', with: small, buyer: 'DE', sale: { language: 'de' }, rule: 'small_business', is: 'E 0' },
    ...{ says: 'Keine Umsatzsteuer: Steuerbefreiung für Kleinunternehmer gemäß § 19 UStG.' },
  },
  'a German small enterprise says so in English': {
    ...{ seller: 'DE', with: small, buyer: 'DE', rule: 'small_business', is: 'E 0', says: '§ 19 UStG' },
  },
  'a French small enterprise uses the words of the law': {
    ...{ seller: 'FR', with: small, buyer: 'FR', sale: { language: 'fr' }, rule: 'small_business' },
    ...{ is: 'E 0 VATEX-FR-FRANCHISE', says: 'TVA non applicable, art. 293 B du CGI' },
  },
  'an Austrian small enterprise names its law': {
    ...{ seller: 'AT', with: small, buyer: 'AT', sale: { language: 'de' }, rule: 'small_business', is: 'E 0' },
    ...{ says: '§ 6 Abs. 1 Z 27 UStG 1994' },
  },
  'a small enterprise of another state names the directive': {
    ...{ seller: 'EE', with: small, buyer: 'EE', sale: { language: 'es' }, rule: 'small_business', is: 'E 0' },
    ...{ says: 'artículo 284 de la Directiva 2006/112/CE' },
  },
  'a small enterprise below the threshold charges no consumer abroad': {
    ...{ seller: 'DE', with: { ...small, ...below }, buyer: 'FR', rule: 'small_business', is: 'E 0' },
  },

  'a Canarian is outside of VAT for a Spanish seller': {
    ...{ seller: 'ES', buyer: 'ES 35001', rule: 'export', is: 'O 0 VATEX-EU-O', says: 'outside the EU' },
  },
  'a Canarian business with a Spanish id is outside too': {
    ...{ seller: 'DE', buyer: 'ES 38003', vatId: ids.ES, rule: 'export', is: 'O 0 VATEX-EU-O', says: 'article 44' },
  },
  'Ceuta is outside of VAT': { seller: 'ES', buyer: 'ES 51001', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Åland is outside of VAT by its postal code': {
    ...{ seller: 'FI', buyer: 'FI 22100', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'Åland is outside of VAT by its own code': { seller: 'DE', buyer: 'AX', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Heligoland is outside of VAT': { seller: 'DE', buyer: 'DE 27498', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Büsingen is outside of VAT for a German seller': {
    ...{ seller: 'DE', buyer: 'DE 78266', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'Livigno is outside of VAT': { seller: 'IT', buyer: 'IT 23041', rule: 'export', is: 'O 0 VATEX-EU-O' },
  "Campione d'Italia is outside of VAT": { seller: 'IT', buyer: 'IT 22061', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Mount Athos is outside of VAT': { seller: 'GR', buyer: 'GR 630 86', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Martinique pays 8.5 % to a French seller': { seller: 'FR', buyer: 'FR 97200', rule: 'domestic', is: 'S 850' },
  'Réunion by its own code pays 8.5 % to a French seller': { seller: 'FR', buyer: 'RE', rule: 'domestic', is: 'S 850' },
  'Guadeloupe is outside of VAT for a German seller': {
    ...{ seller: 'DE', buyer: 'FR 97110', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'French Guiana pays nothing to a French seller': { seller: 'FR', buyer: 'GF', rule: 'export', is: 'O 0 VATEX-EU-O' },
  'Saint Martin pays nothing to a French seller': {
    ...{ seller: 'FR', buyer: 'FR 97150', rule: 'export', is: 'O 0 VATEX-EU-O' },
  },
  'Monaco is home to a French seller': { seller: 'FR', buyer: 'MC', rule: 'domestic', is: 'S 2000' },
  'the Azores are home to a Portuguese seller, at their rate': {
    ...{ seller: 'PT', buyer: 'PT 9700-001', rule: 'domestic', is: 'S 1600' },
  },
}

test('there are enough cases', () => {
  expect(Object.keys(CASES).length).toBeGreaterThanOrEqual(60)
})

test.each(Object.entries(CASES))('%s', (_name, expected) => {
  const { seller, with: differences, buyer, vatId = null, sale, rule, is, says } = expected
  const decision = decided(saleOf({ seller: sellerIn(seller, differences), buyer: buyerIn(buyer, { vatId }), ...sale }))
  const { category, rateBps, exemptionCode, exemptionReason } = decision
  expect([category, rateBps, exemptionCode].filter((part) => part !== null).join(' ')).toBe(is)
  expect(decision.evidence.rule).toBe(rule)
  // Of 100.00, so that basis points are minor units.
  expect(decision.taxMinor).toBe(BigInt(rateBps))
  expect(exemptionReason === null).toBe(category === 'S')
  if (says !== undefined) expect(exemptionReason).toContain(says)
})
