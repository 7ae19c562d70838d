import type { DocumentLanguage } from '../../../src/invoicing/document-snapshot.ts'

// Written out here, as those of the runtime change with its version, and an issued document must not.

const NO_BREAK = '\u00a0'
const NARROW = '\u202f'
const MINUS = '\u2212'

interface Style {
  readonly decimal: string
  readonly group: string
  /** Fewer digits before the decimal sign are not grouped. */
  readonly groupedFrom: number
  readonly percent: string
  readonly months: readonly string[]
  readonly day: (day: number, month: string, year: string) => string
}

const STYLES: Record<DocumentLanguage, Style> = {
  en: {
    ...{ decimal: '.', group: ',', groupedFrom: 4, percent: '%' },
    months: words('January February March April May June July August September October November December'),
    day: (day, month, year) => `${day} ${month} ${year}`,
  },
  de: {
    ...{ decimal: ',', group: '.', groupedFrom: 4, percent: `${NO_BREAK}%` },
    months: words('Januar Februar März April Mai Juni Juli August September Oktober November Dezember'),
    day: (day, month, year) => `${day}. ${month} ${year}`,
  },
  fr: {
    ...{ decimal: ',', group: NARROW, groupedFrom: 4, percent: `${NARROW}%` },
    months: words('janvier février mars avril mai juin juillet août septembre octobre novembre décembre'),
    day: (day, month, year) => `${day === 1 ? '1er' : day} ${month} ${year}`,
  },
  es: {
    ...{ decimal: ',', group: '.', groupedFrom: 5, percent: `${NO_BREAK}%` },
    months: words('enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'),
    day: (day, month, year) => `${day} de ${month} de ${year}`,
  },
}

function words(text: string): string[] {
  return text.split(' ')
}

/** Signs that mean one currency only; another is written with its code. */
const SIGNS: Record<string, string> = { EUR: '€', GBP: '£' }

/** ISO 4217: how many digits the minor unit has, where it is not two. */
const DIGITS: Record<string, number> = Object.fromEntries([
  ...words('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF').map((code) => [code, 0]),
  ...words('BHD IQD JOD KWD LYD OMR TND').map((code) => [code, 3]),
])

/** Numbers, amounts and days as they are written in the language. */
export interface Formats {
  /** The bare number of an amount. */
  amount(minor: bigint): string
  /** With the currency. */
  money(minor: bigint): string
  quantity(count: bigint): string
  rate(bps: number): string
  /** A decimal as it is, with the language's decimal sign. */
  exactly(decimal: string): string
  day(isoDay: string): string
}

export function createFormats(language: DocumentLanguage, currency: string): Formats {
  const style = STYLES[language]
  const amount = (minor: bigint) => decimal(minor, DIGITS[currency] ?? 2, style)
  return {
    amount,
    money: (minor) => withCurrency(amount(minor), currency, language),
    quantity: (count) => decimal(count, 0, style),
    rate: (bps) => `${percentOf(bps, style)}${style.percent}`,
    exactly: (text) => text.replace('.', style.decimal),
    day(isoDay) {
      const [year = '', month = '', day = ''] = isoDay.split('-')
      return style.day(Number(day), style.months[Number(month) - 1] ?? month, year)
    },
  }
}

function withCurrency(amount: string, currency: string, language: DocumentLanguage): string {
  const sign = SIGNS[currency]
  if (language !== 'en') return `${amount}${NO_BREAK}${sign ?? currency}`
  if (sign === undefined) return `${currency}${NO_BREAK}${amount}`
  return amount.startsWith(MINUS) ? `${MINUS}${sign}${amount.slice(1)}` : `${sign}${amount}`
}

function decimal(minor: bigint, digits: number, style: Style): string {
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const grouped = whole.length < style.groupedFrom ? whole : whole.replace(/\B(?=(\d{3})+$)/g, style.group)
  const fraction = digits === 0 ? '' : style.decimal + text.slice(-digits)
  return (minor < 0n ? MINUS : '') + grouped + fraction
}

/** Without zeros at the end: `19`, `5.5`. */
function percentOf(bps: number, style: Style): string {
  return decimal(BigInt(bps), 2, style).replace(/[.,]?0+$/, '')
}
