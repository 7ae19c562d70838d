/**
 * Reads a number as a person wrote it into plain digits: "1,250.00", "1 250.00" and "1.250,00" are 1250.00, and "0,15"
 * is 0.15. Undefined for what is no number, or what could mean two: "1,250" is a thousand and more in one country and
 * one and a quarter in another. A point alone is always the decimal point. Exponents are refused: they come from programs,
 * whose unit is seldom that of the field.
 */
export function plainDecimal(written: string): string | undefined {
  const text = written.trim().replace(MINUS, '-').replace(PLUS, '')
  const sign = text.startsWith('-') ? '-' : ''
  const digits = plainDigits(text.slice(sign.length).trim())
  return digits === undefined ? undefined : sign + digits
}

/** U+2212, the typographic minus, is what a text program makes of a hyphen. */
const MINUS = /^\u2212/
const PLUS = /^\+(?=\s*[\d.])/

const PLAIN = /^\d{1,18}(\.\d{1,18})?$/
const FRACTION_ALONE = /^\.\d{1,18}$/
/** Thousands in groups of three, by one of the signs for it: apostrophes, and spaces of all widths. */
const GROUPED_BY_SPACE = /^[1-9]\d{0,2}([ \u00a0\u202f\u2009'\u2019])\d{3}(\1\d{3})*([.,]\d{1,18})?$/
const GROUPED_BY_COMMA = /^[1-9]\d{0,2}(,\d{3})+\.\d{1,18}$|^[1-9]\d{0,2}(,\d{3}){2,}$/
const GROUPED_BY_POINT = /^[1-9]\d{0,2}(\.\d{3})+,\d{1,18}$|^[1-9]\d{0,2}(\.\d{3}){2,}$/
/** A comma that cannot be one of thousands: not three digits after it, a zero before it, or too many digits. */
const DECIMAL_COMMA = /^(\d{1,18},(\d{1,2}|\d{4,18})|0+\d*,\d{3}|[1-9]\d{3,17},\d{3})$/

/** Longer texts are no numbers, whatever is in them. */
const LENGTH_MAX = 60

function plainDigits(text: string): string | undefined {
  if (text.length > LENGTH_MAX) return undefined
  if (PLAIN.test(text)) return text
  if (FRACTION_ALONE.test(text)) return `0${text}`
  if (DECIMAL_COMMA.test(text)) return text.replace(',', '.')
  if (GROUPED_BY_COMMA.test(text)) return text.replaceAll(',', '')
  if (GROUPED_BY_POINT.test(text)) return text.replaceAll('.', '').replace(',', '.')
  if (GROUPED_BY_SPACE.test(text)) return text.replace(/[ \u00a0\u202f\u2009'\u2019]/g, '').replace(',', '.')
  return undefined
}
