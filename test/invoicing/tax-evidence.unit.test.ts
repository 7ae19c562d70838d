import { describe, expect, test } from 'vitest'
import { DOCUMENT_LANGUAGES } from '../../src/invoicing/document-snapshot.ts'
import { placeOfConsumer } from '../../src/invoicing/tax/country-evidence.ts'
import { decideTax } from '../../src/invoicing/tax/decide-tax.ts'
import { taxSeller, taxSellerSettingsSchema } from '../../src/invoicing/tax/tax-seller-settings.ts'
import { SPECIAL_TERRITORIES, territoryOf } from '../../src/invoicing/tax/tax-territory.ts'
import { addressOf, buyerIn, decided, saleOf, sellerIn, VALID_EU_VAT_IDS } from './tax-world.ts'

const ip = (country: string) => ({ source: 'ip_address', country })
const card = (country: string) => ({ source: 'card_issuer', country })
const bank = (country: string) => ({ source: 'bank_account', country })
const german = sellerIn('DE', { ossRegistered: true })

describe('a consumer is', () => {
  test.each([
    ['where the address says, alone', 'FR', [], 'FR', false, true],
    ['where address and card agree', 'FR', [card('FR')], 'FR', false, false],
    ['where address and card agree against the network', 'FR', [card('FR'), ip('DE')], 'FR', true, false],
    ['where the address says, against one piece', 'FR', [ip('DE')], 'FR', true, true],
    ['where two others agree against the address', 'FR', [ip('DE'), card('DE')], 'DE', true, false],
    ['where the address says, if as many agree with it', 'FR', [bank('FR'), ip('DE'), card('DE')], 'FR', true, false],
    ['where the address says, if all differ', 'FR', [ip('DE'), card('AT')], 'FR', true, true],
    ['where two pieces agree without an address', '', [ip('IT'), card('IT')], 'IT', false, false],
    ['on Åland with a Finnish card', 'FI 22100', [card('FI')], 'AX', false, false],
    ['in Monaco with a French card', 'MC', [card('FR')], 'FR', false, false],
    ['on the Canary Islands with a Spanish network', 'ES 35001', [ip('ES')], 'IC', false, false],
    ['in Greece with a card of EL', 'GR', [card('EL')], 'GR', false, false],
    ['where the address says, whatever an unknown network is', 'FR', [ip('T1'), card('')], 'FR', false, true],
  ] as const)('%s', (_name, address, evidence, code, isContradictory, isThin) => {
    const place = placeOfConsumer(addressOf(address), evidence)
    expect(place.territory?.code).toBe(code)
    expect(place).toMatchObject({ isContradictory, isThin })
  })

  test.each([
    ['one piece and no address', '', [ip('FR')]],
    ['two that contradict each other and no address', '', [ip('FR'), card('DE')]],
    ['nothing at all', '', []],
  ] as const)('nowhere with %s, and the sale is refused', (_name, address, evidence) => {
    expect(decideTax(saleOf({ seller: german, buyer: buyerIn(address), evidence: [...evidence] }))).toMatchObject({
      refused: 'buyer_country_unknown',
      field: 'buyer.address.country',
    })
  })

  test('counted once for each source, so that one network does not outvote an address', () => {
    expect(placeOfConsumer(addressOf('FR'), [ip('DE'), ip('DE'), ip('DE')]).territory?.code).toBe('FR')
  })
})

describe('what was weighed is kept', () => {
  test('and the address cannot be replaced by another piece, nor a piece by a later one of its source', () => {
    const evidence = [{ source: 'billing_address', country: 'DE' }, ip('FR'), ip('DE')]
    const { territory, countries } = placeOfConsumer(addressOf('FR'), evidence)
    expect(territory?.code).toBe('FR')
    expect(countries).toEqual([{ source: 'billing_address', country: 'FR' }, ip('FR')])
  })

  test('all pieces and the contradiction', () => {
    const decision = decided(saleOf({ seller: german, buyer: buyerIn('FR'), evidence: [ip('DE'), card('DE')] }))
    expect(decision).toMatchObject({ rateBps: 1900, findings: ['evidence_contradicts'] })
    expect(decision.evidence).toEqual({
      rule: 'domestic',
      buyerIsBusiness: false,
      countries: [{ source: 'billing_address', country: 'FR' }, ip('DE'), card('DE')],
      vatIdCheck: null,
    })
  })

  test('and a business is where its address is, whatever the network', () => {
    const buyer = buyerIn('FR', { vatId: VALID_EU_VAT_IDS.FR! })
    const decision = decided(saleOf({ seller: german, buyer, evidence: [ip('DE'), card('DE')] }))
    expect(decision).toMatchObject({ category: 'AE', findings: ['vat_id_not_checked'] })
  })

  test('and a business without an address is where its VAT id is from', () => {
    const buyer = buyerIn('', { vatId: VALID_EU_VAT_IDS.FR! })
    expect(decided(saleOf({ seller: german, buyer }))).toMatchObject({ category: 'AE' })
  })

  test('an eu_vat among the other tax ids counts as the VAT id', () => {
    const buyer = buyerIn('FR', { taxId: { type: 'eu_vat', value: VALID_EU_VAT_IDS.FR! } })
    expect(decided(saleOf({ seller: german, buyer }))).toMatchObject({ category: 'AE' })
  })

  test.each([
    ['a French SIREN', { type: 'fr_siren', value: '404833048' }],
    ['a British VAT id', { type: 'gb_vat', value: 'GB980780684' }],
  ])('%s makes no business of a buyer in France', (_name, taxId) => {
    const decision = decided(saleOf({ seller: german, buyer: buyerIn('FR', { taxId }) }))
    expect(decision).toMatchObject({ category: 'S', rateBps: 2000, evidence: { buyerIsBusiness: false } })
  })
})

describe('the operator is told', () => {
  const finding = (input: Parameters<typeof saleOf>[0]) => decided(saleOf(input)).findings

  test.each([
    ['thin evidence abroad', { seller: german, buyer: buyerIn('FR') }, ['evidence_thin']],
    ['nothing of it at home', { seller: german, buyer: buyerIn('DE') }, []],
    [
      'that tax is due where the seller is not registered',
      { seller: sellerIn('DE'), buyer: buyerIn('FR'), evidence: [card('FR')] },
      ['seller_not_registered_there'],
    ],
    [
      'that a British consumer may have to be charged',
      { seller: german, buyer: buyerIn('GB'), evidence: [card('GB')] },
      ['seller_not_registered_there'],
    ],
    [
      'that a reverse charge needs a VAT id of the seller',
      { seller: sellerIn('DE', { vatId: null }), buyer: buyerIn('AT', { vatId: VALID_EU_VAT_IDS.AT! }) },
      ['vat_id_not_checked', 'seller_vat_id_missing'],
    ],
    [
      'that a US state is not configured',
      { seller: german, buyer: buyerIn('US-NY'), evidence: [card('US')] },
      ['us_state_not_configured'],
    ],
    [
      'that an id is of another country',
      { seller: german, buyer: buyerIn('DE', { vatId: VALID_EU_VAT_IDS.AT! }) },
      ['vat_id_of_other_country'],
    ],
    [
      'that German tax on a document in dollars is to be stated in euros',
      { seller: german, buyer: buyerIn('DE'), currency: 'USD' },
      ['tax_in_national_currency_needed'],
    ],
  ])('%s', (_name, input, findings) => {
    expect(finding(input)).toEqual(findings)
  })

  test.each([
    ['PL', '2026-06-15', 'PLN'],
    ['BG', '2025-12-31', 'BGN'],
    ['BG', '2026-01-01', 'EUR'],
    ['HR', '2022-12-31', 'HRK'],
    ['CH', '2026-06-15', 'CHF'],
  ])('the tax of %s on %s is stated in %s', (country, date, taxCurrency) => {
    expect(decided(saleOf({ seller: sellerIn(country), buyer: buyerIn(country), date }))).toMatchObject({ taxCurrency })
  })
})

describe.each(DOCUMENT_LANGUAGES)('a document in %s', (language) => {
  test('says why an invalid VAT id did not help', () => {
    const buyer = buyerIn('FR', { vatId: 'FR 40 303 265 046' })
    const { category, notes, findings } = decided(saleOf({ seller: german, buyer, language }))
    expect(category).toBe('S')
    expect(notes).toEqual([expect.stringContaining('FR40303265046')])
    expect(findings).toContain('vat_id_invalid')
  })

  test('says nothing of an invalid VAT id where no tax is charged', () => {
    const buyer = buyerIn('US-NY', { vatId: 'nonsense' })
    expect(decided(saleOf({ seller: german, buyer, language })).notes).toEqual([])
  })

  test('tells a business abroad that it accounts for tax there', () => {
    const buyer = buyerIn('CH', { vatId: 'CHE-107.787.577 MWST' })
    expect(decided(saleOf({ seller: german, buyer, language })).notes).toHaveLength(1)
  })
})

test('a number that the register confirms counts, though its check digits are wrong', () => {
  const buyer = buyerIn('FR', {
    vatId: 'FR40303265046',
    vatIdCheck: { result: 'valid', consultation: 'WAPI3' },
  })
  expect(decided(saleOf({ seller: german, buyer }))).toMatchObject({ category: 'AE', notes: [] })
})

describe('a territory', () => {
  test.each([
    ['F-97110', 'FR', 'GP'],
    ['FR-97233', 'FR', 'MQ'],
    ['97150', 'FR', 'MF'],
    ['97133', 'FR', 'BL'],
    ['98800', 'FR', 'NC'],
    ['D-27498', 'DE', 'DE-27498'],
    ['630 86', 'GR', 'GR-63086'],
    ['3900', 'DK', 'GL'],
    ['8238', 'CH', 'DE-78266'],
    ['75001', 'FR', 'FR'],
    ['35000', 'FR', 'FR'],
    ['22100', 'SE', 'SE'],
    ['78266', 'FR', 'FR'],
    [null, 'FO', 'FO'],
  ])('of %s in %s is %s', (postalCode, country, code) => {
    expect(territoryOf({ country, region: null, postalCode })?.code).toBe(code)
  })

  test('has a source', () => {
    expect(SPECIAL_TERRITORIES.filter(({ source }) => source.length < 10)).toEqual([])
  })
})

describe("a seller's tax settings", () => {
  test('are those of an ordinary seller where nothing is said', () => {
    expect(taxSeller({ address: addressOf('DE'), vatId: 'given' })).toEqual(sellerIn('DE'))
  })

  test('decide what is charged', () => {
    const settings = taxSellerSettingsSchema.parse({ ossRegistered: true })
    const seller = taxSeller({ address: addressOf('DE'), vatId: 'given' }, settings)
    expect(decided(saleOf({ seller, buyer: buyerIn('HU') }))).toMatchObject({ rateBps: 2700 })
  })

  test.each([
    ['a misspelt name', { ossRegisterd: true }],
    ['a place twice', { registrations: Array(2).fill({ territory: 'GB', charges: 'CONSUMERS' }) }],
    ['a place by its name', { registrations: [{ territory: 'California', charges: 'EVERYONE' }] }],
    ['a category that is no export', { exportCategory: 'S' }],
    ['a reason in one language only', { exemption: { code: null, reason: { en: 'Exempt.' } } }],
    ['a code of another list', { exemption: { code: 'S', reason: { en: 'a', de: 'a', fr: 'a', es: 'a' } } }],
  ])('are refused with %s', (_name, settings) => {
    expect(taxSellerSettingsSchema.safeParse(settings).success).toBe(false)
  })
})
