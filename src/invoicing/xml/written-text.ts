import countries from 'i18n-iso-countries'
import { InvoiceXmlError } from './invoice-xml-error.ts'
import { allowedCharacters } from './xml-writer.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Prefixes of VAT ids that are no country codes: Greece and Northern Ireland (BR-CO-09). */
const OTHER_VAT_PREFIXES = new Set(['EL', 'XI'])

/** South Sudan is a country (BR-CL-14), but not in the list of prefixes that validators go by (BR-CO-09). */
const COUNTRY_WITHOUT_VAT_PREFIX = 'SS'

/** The text as XML can say it; null where there is nothing to be read in it. */
export function textOrNone(text: string | null): string | null {
  const allowed = allowedCharacters(text ?? '')
  return allowed.trim() === '' ? null : allowed
}

/** @throws InvoiceXmlError `text_missing` */
export function requiredText(text: string, field: string): string {
  const written = textOrNone(text)
  if (written === null) throw new InvoiceXmlError('text_missing', field, `${field} must be there in an e-invoice.`)
  return written
}

/** @throws InvoiceXmlError `date_not_valid` */
export function requiredDate(date: string, field: string): string {
  if (DATE.test(date) && isInCalendar(date)) return date
  throw new InvoiceXmlError('date_not_valid', field, `${field} must be a day such as 2026-11-21.`)
}

/**
 * The country as EN 16931 writes it (BR-CL-14).
 * @throws InvoiceXmlError `country_not_valid`, also where it is unknown (BR-09, BR-11)
 */
export function countryCode(country: string | null, field: string): string {
  // Kosovo has no code in ISO 3166-1. XK is in common use; the code list of EN 16931 has 1A.
  if (country === 'XK') return '1A'
  if (country !== null && isCountry(country)) return country
  throw new InvoiceXmlError('country_not_valid', field, `${field} must be an ISO 3166-1 code such as DE.`)
}

/** Whether a VAT id begins with a country, without which EN 16931 does not take it for one (BR-CO-09). */
export function hasVatPrefix(vatId: string): boolean {
  const prefix = vatId.slice(0, 2)
  return (isCountry(prefix) && prefix !== COUNTRY_WITHOUT_VAT_PREFIX) || OTHER_VAT_PREFIXES.has(prefix)
}

/** Not the 31st of February: that day is another one when it is written back. */
function isInCalendar(date: string): boolean {
  const instant = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date)
}

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && code !== 'XK' && countries.isValid(code)
}
