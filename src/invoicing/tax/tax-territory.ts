import type { PostalAddress } from '../document-snapshot.ts'
import { canonicalCountry, isEuCountry } from './country-code.ts'

/** Where an address lies for the purposes of VAT, which is not always its country. */
export interface TaxTerritory {
  /** The country, or the part of one that differs: `DE`, `IC`, `DE-78266`, `PT-20`, `US-CA`. */
  readonly code: string
  /** Whose VAT law is in force; two addresses of one area are domestic to each other. */
  readonly area: string
  /** Inside the EU's VAT territory (Directive 2006/112/EC, articles 5 to 7). */
  readonly isEu: boolean
  /** Its row in the rate table. */
  readonly rateTerritory: string
  /** An area that taxes its own sellers' sales to here, though it is not of that area; null = none. */
  readonly taxedBy: string | null
  /** The member state or country that it is a part of, for comparing evidence. */
  readonly state: string
}

interface SpecialTerritory {
  readonly code: string
  readonly state: string
  /** ISO countries that mean it by themselves. */
  readonly countries?: readonly string[]
  /** Its postal codes within the state. */
  readonly postalCodes?: RegExp
  readonly area?: string
  readonly isEu?: boolean
  readonly rateTerritory?: string
  readonly taxedBy?: string
  readonly source: string
}

/**
 * Only what a country code or postal code tells for certain; the first that matches is it. Not here: the rates of Greek
 * islands and of Jungholz and Mittelberg, which depend on where the seller is established or the service performed.
 */
export const SPECIAL_TERRITORIES: readonly SpecialTerritory[] = [
  {
    code: 'FR',
    state: 'FR',
    countries: ['MC'],
    area: 'FR',
    isEu: true,
    source: 'Directive 2006/112/EC art. 7: Monaco',
  },
  { code: 'GB', state: 'GB', countries: ['IM'], area: 'GB', source: 'Isle of Man Act 1979: one VAT area with the UK' },
  { code: 'CH', state: 'CH', countries: ['LI'], area: 'CH', source: 'Treaty of 28 October 1994 on VAT: Liechtenstein' },
  {
    code: 'CY',
    state: 'GB',
    postalCodes: /^BFPO5[789]$/,
    area: 'CY',
    isEu: true,
    source: 'Directive 2006/112/EC art. 7: Akrotiri and Dhekelia',
  },
  { code: 'IC', state: 'ES', countries: ['IC'], postalCodes: /^(35|38)\d{3}$/, source: 'art. 6(1)(b): Canary Islands' },
  {
    code: 'EA',
    state: 'ES',
    countries: ['EA'],
    postalCodes: /^(51|52)\d{3}$/,
    source: 'art. 6(2)(c), (d): Ceuta, Melilla',
  },
  { code: 'AX', state: 'FI', countries: ['AX'], postalCodes: /^22\d{3}$/, source: 'art. 6(1)(d): Åland Islands' },
  { code: 'DE-27498', state: 'DE', postalCodes: /^27498$/, source: 'art. 6(2)(a): Heligoland' },
  {
    code: 'DE-78266',
    state: 'DE',
    postalCodes: /^78266$/,
    rateTerritory: 'CH',
    taxedBy: 'CH',
    source: 'art. 6(2)(b): Büsingen; for Swiss sellers inland by the treaty of 23 November 1964',
  },
  // Büsingen has a Swiss postal code too.
  {
    code: 'DE-78266',
    state: 'CH',
    postalCodes: /^8238$/,
    rateTerritory: 'CH',
    taxedBy: 'CH',
    source: 'art. 6(2)(b): Büsingen under its Swiss postal code',
  },
  // Its code was 23030 until 2006.
  { code: 'IT-23041', state: 'IT', postalCodes: /^(23041|23030)$/, source: 'art. 6(2)(e): Livigno' },
  // 22060 until 2006; reachable under a Swiss code too.
  { code: 'IT-22061', state: 'IT', postalCodes: /^(22061|22060)$/, source: "art. 6(1)(f): Campione d'Italia" },
  {
    code: 'IT-22061',
    state: 'CH',
    postalCodes: /^6911$/,
    source: "art. 6(1)(f): Campione d'Italia, Swiss postal code",
  },
  { code: 'GR-63086', state: 'GR', postalCodes: /^63086$/, source: 'art. 6(1)(a): Mount Athos' },
  {
    code: 'BL',
    state: 'FR',
    countries: ['BL'],
    postalCodes: /^(97133|97700)$/,
    source: 'art. 6(1)(c): Saint Barthélemy',
  },
  { code: 'MF', state: 'FR', countries: ['MF'], postalCodes: /^(97150|97800)$/, source: 'art. 6(1)(c): Saint Martin' },
  {
    code: 'GP',
    state: 'FR',
    countries: ['GP'],
    postalCodes: /^971\d\d$/,
    taxedBy: 'FR',
    source: 'art. 6(1)(c); CGI art. 296',
  },
  {
    code: 'MQ',
    state: 'FR',
    countries: ['MQ'],
    postalCodes: /^972\d\d$/,
    taxedBy: 'FR',
    source: 'art. 6(1)(c); CGI art. 296',
  },
  {
    code: 'RE',
    state: 'FR',
    countries: ['RE'],
    postalCodes: /^974\d\d$/,
    taxedBy: 'FR',
    source: 'art. 6(1)(c); CGI art. 296',
  },
  {
    code: 'GF',
    state: 'FR',
    countries: ['GF'],
    postalCodes: /^973\d\d$/,
    source: 'art. 6(1)(c); CGI art. 294: French Guiana',
  },
  {
    code: 'YT',
    state: 'FR',
    countries: ['YT'],
    postalCodes: /^976\d\d$/,
    source: 'art. 6(1)(c); CGI art. 294: Mayotte',
  },
  {
    code: 'PM',
    state: 'FR',
    countries: ['PM'],
    postalCodes: /^975\d\d$/,
    source: 'art. 5(2): St. Pierre and Miquelon',
  },
  { code: 'WF', state: 'FR', countries: ['WF'], postalCodes: /^986\d\d$/, source: 'art. 5(2): Wallis and Futuna' },
  { code: 'PF', state: 'FR', countries: ['PF'], postalCodes: /^987\d\d$/, source: 'art. 5(2): French Polynesia' },
  { code: 'NC', state: 'FR', countries: ['NC'], postalCodes: /^988\d\d$/, source: 'art. 5(2): New Caledonia' },
  { code: 'GL', state: 'DK', countries: ['GL'], postalCodes: /^39\d\d$/, source: 'art. 5(2): Greenland' },
  { code: 'FO', state: 'DK', countries: ['FO'], source: 'art. 5(2): Faroe Islands' },
  {
    code: 'SJ',
    state: 'NO',
    countries: ['SJ'],
    postalCodes: /^(917\d|8099)$/,
    source: 'Merverdiavgiftsloven § 1-2: Svalbard and Jan Mayen',
  },
  {
    code: 'PT-20',
    state: 'PT',
    postalCodes: /^9[5-9]\d\d(\d{3})?$/,
    area: 'PT',
    isEu: true,
    source: 'CIVA art. 18(3): Azores',
  },
  {
    code: 'PT-30',
    state: 'PT',
    postalCodes: /^9[0-4]\d\d(\d{3})?$/,
    area: 'PT',
    isEu: true,
    source: 'CIVA art. 18(3): Madeira',
  },
]

/** The states of the US and its district, as ISO 3166-2 names them without `US-`. */
const US_STATE = /^(US-)?([A-Z]{2})$/

/** The territory of an address; null = its country is missing or none. Northern Ireland is the UK for services. */
export function territoryOf(address: Pick<PostalAddress, 'country' | 'region' | 'postalCode'>): TaxTerritory | null {
  const country = canonicalCountry(address.country)
  if (country === null) return null
  const postalCode = compactPostalCode(address.postalCode, country)
  const special = SPECIAL_TERRITORIES.find(
    ({ countries, state, postalCodes }) =>
      countries?.includes(country) || (state === country && postalCodes?.test(postalCode)),
  )
  if (special) {
    const { code, state, area = code, isEu = false, rateTerritory = code, taxedBy = null } = special
    return { code, state, area, isEu, rateTerritory, taxedBy }
  }
  const code = country === 'US' ? usCode(address.region) : country
  return { code, state: country, area: country, isEu: isEuCountry(country), rateTerritory: code, taxedBy: null }
}

/** One VAT law applies between them, be it at different rates. */
export function areDomestic(seller: TaxTerritory, buyer: TaxTerritory): boolean {
  return seller.area === buyer.area || buyer.taxedBy === seller.area || seller.taxedBy === buyer.area
}

function usCode(region: string | null): string {
  const state = US_STATE.exec(region?.trim().toUpperCase() ?? '')?.[2]
  return state === undefined ? 'US' : `US-${state}`
}

/** Without spaces, dashes and a country in front, as in `F-97133` or `FI-22100`. */
function compactPostalCode(postalCode: string | null, country: string): string {
  const compact = (postalCode ?? '').toUpperCase().replace(/[\s-]/g, '')
  for (const prefix of [country, country.charAt(0)]) {
    if (compact.startsWith(prefix) && /^\d+$/.test(compact.slice(prefix.length))) return compact.slice(prefix.length)
  }
  return compact
}
