import { type Nano, parseDecimalNano } from '../money/nano.ts'
import { RATE_NANO_MAX } from '../pricing/rate-card.ts'
import { TOKENS_MAX } from '../pricing/token-usage.ts'
import { plainDecimal } from './written-number.ts'

/** What a person wrote into a field: its value, or what the field should say. */
export type Written<T> = { ok: true; value: T } | { ok: false; expected: string }

/** Credits are in the platform's currency, which alone may stand beside an amount. */
const CURRENCY = /^(?:\$|USD)\s*|\s*(?:\$|USD)$/gi
/** Without a point: 200.000 tokens would be 200, or 200,000. */
const WHOLE_NUMBER = /^\d+$/
const FRACTION_TOO_FINE = /\.\d{9}\d*[1-9]/

/** An amount of currency units, of zero or more, to the nano: "0.15", "$0.15", "1,250.00". Nothing is rounded. */
export function readAmount(written: string): Written<Nano> {
  const plain = plainDecimal(written.trim().replace(CURRENCY, ''))
  if (plain === undefined) {
    return { ok: false, expected: 'expected an amount such as 0.15 or 1,250.00, with a point before the decimals' }
  }
  if (plain.startsWith('-')) return { ok: false, expected: 'expected an amount of zero or more' }
  if (FRACTION_TOO_FINE.test(plain)) return { ok: false, expected: 'expected at most 9 decimals' }
  const nano = parseDecimalNano(withoutTrailingZeros(plain))
  if (nano > RATE_NANO_MAX) {
    return { ok: false, expected: 'expected at most 1,000,000: the price of a million tokens, not of a token' }
  }
  return { ok: true, value: nano }
}

/**
 * A share in basis points, of 1 / 10,000: "12.5 %" is 1,250. The sign says what is meant: without it, 0.15 could be
 * 15 % as well as 0.15 %.
 */
export function readPercent(written: string): Written<number> {
  const expected = 'expected a percentage with its sign and at most two decimals, such as 12.5 %'
  const [, number, unit] = /^(.*?)\s*(%|bps)$/i.exec(written.trim()) ?? []
  const plain = number === undefined ? undefined : plainDecimal(number)
  if (plain === undefined || unit === undefined) return { ok: false, expected }
  const places = unit === '%' ? 2 : 0
  const [whole = '', fraction = ''] = withoutTrailingZeros(plain).split('.')
  if (fraction.length > places) return { ok: false, expected }
  const bps = Number(whole + fraction.padEnd(places, '0'))
  // Minus nothing is nothing.
  return Number.isSafeInteger(bps) ? { ok: true, value: bps === 0 ? 0 : bps } : { ok: false, expected }
}

/** A number of tokens, at least one: "200,000", "200000", 200000. A comma cannot be of decimals here. */
export function readTokens(written: string): Written<number> {
  const grouped = /^\s*[1-9]\d{0,2}(,\d{3})+\s*$/.test(written) ? written.replaceAll(',', '') : written
  const plain = plainDecimal(grouped)
  const tokens = plain !== undefined && WHOLE_NUMBER.test(plain) ? Number(plain) : Number.NaN
  if (tokens >= 1 && tokens <= TOKENS_MAX) return { ok: true, value: tokens }
  return { ok: false, expected: 'expected a whole number of tokens such as 200,000' }
}

function withoutTrailingZeros(plain: string): string {
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain
}
