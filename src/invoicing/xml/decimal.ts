import { InvoiceXmlError } from './invoice-xml-error.ts'

/** ISO 4217 currencies whose minor unit is not a hundredth. Written down, so that a document never changes with a library. */
const NO_MINOR_UNIT = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
const THOUSANDTHS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '))

const CURRENCY_CODE = /^[A-Z]{3}$/
const MONEY_DIGITS = 2
const BPS_DIGITS = 2

/**
 * Minor units as an exact decimal of the currency: 123456n of EUR is `1234.56`, of JPY `123456`.
 * @throws InvoiceXmlError `amount_not_representable`, where the currency is none, or where a third fraction digit is
 *   not zero: EN 16931 allows two (BR-DEC).
 */
export function decimalAmount(minor: bigint, currency: string, field: string): string {
  if (!CURRENCY_CODE.test(currency)) {
    throw new InvoiceXmlError(
      'amount_not_representable',
      'currency',
      `${JSON.stringify(currency)} is no ISO 4217 code.`,
    )
  }
  if (NO_MINOR_UNIT.has(currency)) return minor.toString()
  if (!THOUSANDTHS.has(currency)) return pointed(minor, MONEY_DIGITS)
  if (minor % 10n !== 0n) {
    throw new InvoiceXmlError(
      'amount_not_representable',
      field,
      `${field} is ${pointed(minor, 3)} ${currency}, but an e-invoice can say no more than two digits.`,
    )
  }
  return pointed(minor / 10n, MONEY_DIGITS)
}

/** How many digits the minor unit of a currency has (ISO 4217). */
export function fractionDigits(currency: string): number {
  if (NO_MINOR_UNIT.has(currency)) return 0
  return THOUSANDTHS.has(currency) ? 3 : MONEY_DIGITS
}

/** Basis points as a percentage: 1900 is `19.00`. */
export function decimalPercent(bps: number): string {
  return pointed(BigInt(bps), BPS_DIGITS)
}

function pointed(value: bigint, fractionDigits: number): string {
  const magnitude = (value < 0n ? -value : value).toString().padStart(fractionDigits + 1, '0')
  const whole = magnitude.slice(0, -fractionDigits)
  return `${value < 0n ? '-' : ''}${whole}.${magnitude.slice(-fractionDigits)}`
}
