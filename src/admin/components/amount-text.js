const NANO_DIGITS = 9
const MINOR_DIGITS = 2

/** An integer of nano or of minor units as whole and fraction: digits only, nothing is computed with floats. */
function partsOf(integer, kind) {
  const isNegative = integer.startsWith('-')
  const scale = kind === 'nano' ? NANO_DIGITS : MINOR_DIGITS
  const digits = (isNegative ? integer.slice(1) : integer).padStart(scale + 1, '0')
  return { isNegative, whole: digits.slice(0, -scale), fraction: digits.slice(-scale) }
}

const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ',')

/**
 * An amount for people: "1,234.56 USD", "-0.000412 USD", "<0.000001 USD". Balances have two digits, rounded towards less,
 * so that nobody sees credit that is not there; costs of requests up to six.
 * @param integer digits of nano or of minor units, maybe with a minus
 */
export function amountText(integer, { kind, digits, currency }) {
  const exact = exactAmount(integer, { kind, currency })
  if (kind === 'minor') return exact
  const kept = digits === 'request' ? 6 : 2
  const { isNegative, whole, fraction } = partsOf(integer, kind)
  const isCut = /[1-9]/.test(fraction.slice(kept))
  let units = BigInt(whole + fraction.slice(0, kept))
  if (digits === 'request') {
    if (units === 0n && isCut && whole === '0') return `${isNegative ? '>-' : '<'}0.000001 ${currency}`
    if (fraction[kept] >= '5') units += 1n
  } else if (isCut && isNegative) units += 1n
  const text = units.toString().padStart(kept + 1, '0')
  const shown = text.slice(-kept).replace(/0+$/, '').padEnd(2, '0')
  const sign = isNegative && units !== 0n ? '-' : ''
  return `${sign}${grouped(text.slice(0, -kept))}.${shown} ${currency}`
}

/** Every digit there is. */
export function exactAmount(integer, { kind, currency }) {
  const { isNegative, whole, fraction } = partsOf(integer, kind)
  const shown = fraction.replace(/0+$/, '').padEnd(2, '0')
  return `${isNegative ? '-' : ''}${grouped(whole)}.${shown} ${currency}`
}
