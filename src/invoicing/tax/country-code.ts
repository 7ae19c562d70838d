import countries from 'i18n-iso-countries'

const ISO_CODES: ReadonlySet<string> = new Set(Object.keys(countries.getAlpha2Codes()))

/**
 * Codes that are no ISO 3166-1 country but mean one. EL is Greece's in VAT ids (Directive 2006/112/EC, article 215) and UK
 * its like for the United Kingdom. IC and EA are reserved for parts of Spain and handled as territories.
 */
const OTHER_CODES: ReadonlyMap<string, string> = new Map([
  ['EL', 'GR'],
  ['UK', 'GB'],
  ['XI', 'GB'],
  ['IC', 'IC'],
  ['EA', 'EA'],
])

/** The country as ISO 3166-1 alpha-2 in capitals; null = no such country. */
export function canonicalCountry(code: string | null): string | null {
  const capitals = code?.trim().toUpperCase() ?? ''
  return OTHER_CODES.get(capitals) ?? (ISO_CODES.has(capitals) ? capitals : null)
}

/** Member states since 2020-02-01 (Croatia joined in 2013). Before 2021 the United Kingdom followed the EU's VAT rules. */
export const EU_COUNTRIES = [
  ...['AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU'],
  ...['LV', 'MT', 'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'],
] as const

const EU_SET: ReadonlySet<string> = new Set(EU_COUNTRIES)

export function isEuCountry(country: string): boolean {
  return EU_SET.has(country)
}
