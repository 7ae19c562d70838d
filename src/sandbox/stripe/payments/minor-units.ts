/** Stripe's smallest charges in minor units; the others are taken to be like the dollar's. */
const AMOUNT_MIN: Readonly<Record<string, number>> = {
  gbp: 30,
  sek: 300,
  nok: 300,
  dkk: 250,
  pln: 200,
  czk: 1_500,
  huf: 17_500,
  mxn: 1_000,
  hkd: 400,
}
const AMOUNT_MIN_DEFAULT = 50

export function amountMinimum(currency: string): number {
  return AMOUNT_MIN[currency] ?? AMOUNT_MIN_DEFAULT
}

/** `1250` and `usd` give `$12.50`. Exact: the point is set in the digits, nothing is divided. */
export function formatMinor(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency: currency.toUpperCase() })
  const places = format.resolvedOptions().maximumFractionDigits ?? 2
  const digits = String(Math.abs(amountMinor)).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`
  return format.format((amountMinor < 0 ? `-${text}` : text) as Intl.StringNumericLiteral)
}
