import countries from 'i18n-iso-countries'
import { TAX_ID_TYPES } from '../../invoicing/tax-id-type-names.ts'

export interface Choice {
  value: string
  label: string
}

const NAMES = new Intl.DisplayNames('en', { type: 'region' })
const byLabel = (left: Choice, right: Choice) => left.label.localeCompare(right.label, 'en')

/** Every country of ISO 3166-1, by its English name. */
export const COUNTRIES: readonly Choice[] = Object.keys(countries.getAlpha2Codes())
  .map((code) => ({ value: code, label: NAMES.of(code) ?? code }))
  .sort(byLabel)

/** Types whose first letters name no country. */
const OTHERS: Readonly<Record<string, string>> = {
  eu_vat: 'European Union: VAT ID',
  eu_oss_vat: 'European Union: One Stop Shop',
}

/** Every type of tax id, by its country and its name there; the EU's first, as most are asked for it. */
export const TAX_IDS: readonly Choice[] = [...TAX_ID_TYPES]
  .map((type) => ({ value: type, label: OTHERS[type] ?? labelOf(type) }))
  .sort((left, right) => Number(right.value in OTHERS) - Number(left.value in OTHERS) || byLabel(left, right))

/** "Switzerland: VAT", "Canada: GST HST". */
function labelOf(type: string): string {
  const [country = '', ...name] = type.split('_')
  // ic: the Canary Islands' own, which Intl knows by that code as well.
  return `${NAMES.of(country.toUpperCase()) ?? country}: ${name.join(' ').toUpperCase()}`
}

export function countryName(code: string | null): string {
  return code === null ? '' : (NAMES.of(code) ?? code)
}

export function taxIdLabel(type: string | null): string {
  return TAX_IDS.find(({ value }) => value === type)?.label ?? type ?? ''
}
