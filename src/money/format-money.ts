import { divideHalfUp } from './divide.ts'
import { centsFloor, formatDecimalNano, NANO_PER_CENT, type Nano } from './nano.ts'

/**
 * How an amount is shown to a person:
 * - `balance`: two digits, rounded down, so that nobody sees credit that is not there;
 * - `requestCost`: two to six digits, half up; a smaller amount that is not zero reads `<$0.000001`, never free;
 * - `exact`: two to nine digits, unrounded. For the value on hover.
 */
export type MoneyMode = 'balance' | 'requestCost' | 'exact'

/** Only symbols that name one currency where we use them; all other currencies show their ISO 4217 code. */
const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£' }

const CURRENCY_CODE = /^[A-Z]{3}$/

/** The smallest cost that six digits can show: 0.000001 of a unit. */
const MICRO_NANO = 1_000n

/** Formats an amount with its currency: "$1,250.00", "-$3.50", "CHF 0.00015". A machine wants `formatDecimalNano`. */
export function formatMoney(amountNano: Nano, currency: string, mode: MoneyMode): string {
  const symbol = symbolOf(currency)
  const magnitude = amountNano < 0n ? -amountNano : amountNano
  if (mode === 'requestCost' && magnitude > 0n && magnitude < MICRO_NANO) {
    return amountNano < 0n ? `>-${symbol}0.000001` : `<${symbol}0.000001`
  }
  const shown = roundFor(mode, amountNano)
  // A hyphen-minus rather than U+2212: it survives a copy into a spreadsheet and every invoice font has it.
  return shown < 0n ? `-${symbol}${grouped(-shown)}` : `${symbol}${grouped(shown)}`
}

function symbolOf(currency: string): string {
  if (!CURRENCY_CODE.test(currency)) {
    throw new RangeError(`Expected an ISO 4217 currency code such as "USD", but got ${JSON.stringify(currency)}.`)
  }
  // A no-break space, so that a code is never parted from its amount at the end of a line.
  return SYMBOLS[currency] ?? `${currency}\u00a0`
}

function roundFor(mode: MoneyMode, amountNano: Nano): Nano {
  if (mode === 'balance') return centsFloor(amountNano) * NANO_PER_CENT
  if (mode === 'requestCost') return divideHalfUp(amountNano, MICRO_NANO) * MICRO_NANO
  return amountNano
}

/** A nonnegative amount with at least two fraction digits and a comma between thousands. */
function grouped(nano: Nano): string {
  const [whole = '0', fraction = ''] = formatDecimalNano(nano).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.padEnd(2, '0')}`
}
