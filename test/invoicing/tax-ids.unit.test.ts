import { stdnum } from 'stdnum'
import { describe, expect, test } from 'vitest'
import { EU_COUNTRIES } from '../../src/invoicing/tax/country-code.ts'
import { checkTaxId, checkVatId } from '../../src/invoicing/tax/tax-id.ts'
import { TAX_ID_VALIDATORS } from '../../src/invoicing/tax/tax-id-types.ts'
import { VALID_EU_VAT_IDS } from './tax-world.ts'

describe.each(EU_COUNTRIES)('the VAT id of %s', (country) => {
  const vatId = VALID_EU_VAT_IDS[country]!

  test('is valid, and stays as it is', () => {
    const identified = { normalized: vatId, result: 'valid', reason: null, country, identifiesBusiness: true }
    expect(checkTaxId('eu_vat', vatId)).toEqual(identified)
    expect(checkVatId(vatId, null)).toEqual(identified)
  })

  test('is read without its prefix where the country is known', () => {
    expect(checkTaxId('eu_vat', vatId.slice(2), country)).toMatchObject({ normalized: vatId, result: 'valid' })
  })

  test('is read in small letters, with spaces, dots and dashes', () => {
    const written = ` ${vatId.toLowerCase().split('').join(' ').replace(' ', '.').replace(' ', '-')}\u00a0`
    expect(checkTaxId('eu_vat', written)).toMatchObject({ normalized: vatId, result: 'valid' })
  })

  test('is not valid with another digit', () => {
    // The first digit of the checked part: of a Dutch id the last two only count branches.
    const position = vatId.search(/\d(?=\d*$|\d*B|\d+[A-Z]+$)/)
    const changed = (Number(vatId[position]) + 1) % 10
    const wrong = `${vatId.slice(0, position)}${changed}${vatId.slice(position + 1)}`
    expect(checkTaxId('eu_vat', wrong)).toMatchObject({ result: 'invalid', country })
  })

  test('is not valid with only one character', () => {
    expect(checkTaxId('eu_vat', vatId.slice(0, 3))).toMatchObject({ result: 'invalid' })
  })
})

describe('a VAT id', () => {
  test.each([
    ['GR094259216', 'EL094259216'],
    ['el 094259216', 'EL094259216'],
    ['ＤＥ１３６６９５９７６', 'DE136695976'],
    ['XI 980 7806 84', 'XI980780684'],
    ['BG7523169263', 'BG7523169263'],
    ['FRK7399859412', 'FRK7399859412'],
    ['IE8Z49289F', 'IE8Z49289F'],
    ['ESX2482300W', 'ESX2482300W'],
    ['NL123456789B13', 'NL123456789B13'],
  ])('%s is %s', (written, normalized) => {
    expect(checkTaxId('eu_vat', written)).toMatchObject({ normalized, result: 'valid' })
  })

  test.each([
    ['', 'empty'],
    [' . ', 'empty'],
    ['136695976', 'prefix_missing'],
    ['GB980780684', 'not_an_eu_prefix'],
    ['DE136695977', 'check_digits'],
    ['DE1366', 'malformed'],
    ['DE', 'malformed'],
    ['<script>alert(1)</script>', 'prefix_missing'],
    ["' OR 1=1 --", 'prefix_missing'],
  ])('%s is not valid: %s', (written, reason) => {
    const checked = checkTaxId('eu_vat', written)
    expect(checked).toMatchObject({ result: 'invalid', reason, identifiesBusiness: false })
    expect(checked.normalized.length).toBeLessThanOrEqual(40)
  })

  test('of megabytes is refused as too long, and only its beginning is kept', () => {
    const checked = checkTaxId('eu_vat', 'DE136695976'.repeat(500_000))
    expect(checked).toMatchObject({ result: 'invalid', reason: 'too_long' })
    expect(checked.normalized.length).toBe(40)
  })

  test.each([
    ['GB 980 7806 84', null, 'GB980780684', 'GB'],
    ['980780684', 'GB', 'GB980780684', 'GB'],
    ['XI980780684', 'GB', 'XI980780684', 'GB'],
    ['CHE-107.787.577 MWST', 'CH', 'CHE107787577MWST', 'CH'],
    ['CHE107787577', null, 'CHE107787577MWST', 'CH'],
    ['NO 995 525 828 MVA', null, 'NO995525828MVA', 'NO'],
    ['995525828', 'NO', 'NO995525828MVA', 'NO'],
    ['094259216', 'EL', 'EL094259216', 'GR'],
    // The two letters before a French number may be those of another country.
    ['DE404830309', 'FR', 'FRDE404830309', 'FR'],
  ])('%s of a holder in %s is %s', (written, holder, normalized, country) => {
    expect(checkVatId(written, holder)).toMatchObject({ normalized, result: 'valid', country })
  })
})

describe('a tax id of another type', () => {
  test.each([
    ['us_ein', '12-3456789', '123456789', 'US'],
    ['au_abn', '51 824 753 556', '51824753556', 'AU'],
    ['in_gst', '27AAPFU0939F1ZV', '27AAPFU0939F1ZV', 'IN'],
    ['ca_gst_hst', '123026635 RT0001', '123026635RT0001', 'CA'],
    ['ca_bn', '12302 6635', '123026635', 'CA'],
    ['jp_trn', 't7000012050002', 'T7000012050002', 'JP'],
    ['jp_cn', '7-0000-1205-0002', '7000012050002', 'JP'],
    ['gb_vat', '980780684', 'GB980780684', 'GB'],
    ['ch_vat', 'CHE-107.787.577 TVA', 'CHE107787577TVA', 'CH'],
    ['no_vat', '995525828MVA', 'NO995525828MVA', 'NO'],
    ['br_cnpj', '16.727.230/0001-97', '16727230000197', 'BR'],
    ['mx_rfc', 'ABC 010203 AB9', 'ABC010203AB9', 'MX'],
    ['sg_uen', '00192200M', '00192200M', 'SG'],
    ['kr_brn', '116-82-00276', '1168200276', 'KR'],
    ['tw_vat', '04595257', '04595257', 'TW'],
    ['nz_gst', '49-091-850', '49091850', 'NZ'],
    ['za_vat', '4123456789', '4123456789', 'ZA'],
    ['fr_siren', '404 833 048', '404833048', 'FR'],
  ])('%s %s is valid as %s', (type, written, normalized, country) => {
    expect(checkTaxId(type, written)).toEqual({
      ...{ normalized, result: 'valid', reason: null, country, identifiesBusiness: true },
    })
  })

  test.each([
    ['au_abn', '51824753557', 'check_digits'],
    ['in_gst', '27AAPFU0939F1Z0', 'check_digits'],
    ['ca_gst_hst', '12345 6780 RT0001', 'check_digits'],
    ['gb_vat', '980780685', 'check_digits'],
    ['no_vat', '995525829', 'check_digits'],
    ['us_ein', '1234', 'malformed'],
    ['jp_trn', 'T70000', 'malformed'],
    ['au_abn', '', 'empty'],
  ])('%s %s is not valid: %s', (type, written, reason) => {
    expect(checkTaxId(type, written)).toMatchObject({ result: 'invalid', reason })
  })

  test.each([
    ['a type without a rule', 'hu_tin', '12345678-1-23'],
    ['a type that nobody knows', 'zz_vat', '12'],
    ["the name of an object's member", 'constructor', '12'],
    ["a Japanese sole trader's registration", 'jp_trn', 'T7000012050003'],
  ])('%s is unknown, not invalid', (_name, type, written) => {
    expect(checkTaxId(type, written)).toMatchObject({ result: 'unknown', reason: 'not_checkable' })
  })

  test('of a person makes nobody a business', () => {
    expect(checkTaxId('br_cpf', '390.533.447-05')).toMatchObject({ result: 'valid', identifiesBusiness: false })
  })

  test('has a validator in stdnum for each type of the table', () => {
    const missing = Object.values(TAX_ID_VALIDATORS)
      .flat()
      .filter((path) => {
        const [country = '', name = ''] = path.split('.')
        return stdnum[country]?.[name] === undefined
      })
    expect(missing).toEqual([])
    expect(Object.keys(TAX_ID_VALIDATORS).length).toBeGreaterThan(60)
  })

  test.each(Object.keys(TAX_ID_VALIDATORS))('%s never throws, whatever is typed', (type) => {
    for (const odd of ['💥', '\u0000', 'Ä'.repeat(300), '9'.repeat(39), '=1+1', '../..', '١٢٣٤٥٦٧٨٩']) {
      expect(['valid', 'invalid']).toContain(checkTaxId(type, odd).result)
    }
  })
})
