import { divideHalfUp } from '../../money/divide.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'

/** An amount as a page shows it, and unrounded for whoever looks closer. */
export interface ShownAmount {
  text: string
  exact: string
}

/** What there is, rounded down to two digits, so that nobody sees credit that is not there. */
export function shownBalance(amountNano: bigint, currency: string): ShownAmount {
  return {
    text: formatMoney(amountNano, currency, 'balance'),
    exact: formatMoney(amountNano, currency, 'exact'),
  }
}

/** What something cost: two to six digits. */
export function shownCost(amountNano: bigint, currency: string): ShownAmount {
  return {
    text: formatMoney(amountNano, currency, 'requestCost'),
    exact: formatMoney(amountNano, currency, 'exact'),
  }
}

/** What many requests cost together: two digits, half up, and more only for what is less than a cent. */
export function shownSpend(amountNano: bigint, currency: string): ShownAmount {
  const isCents = amountNano >= NANO_PER_CENT || amountNano <= -NANO_PER_CENT
  if (!isCents) return shownCost(amountNano, currency)
  const cents = divideHalfUp(amountNano, NANO_PER_CENT)
  return { text: shownMinor(cents, currency), exact: formatMoney(amountNano, currency, 'exact') }
}

/** What moved a balance, always with its sign: "+$25.00", "-$0.0021". */
export function shownMovement(amountNano: bigint, currency: string): ShownAmount {
  const { text, exact } = shownCost(amountNano, currency)
  return amountNano > 0n ? { text: `+${text}`, exact: `+${exact}` } : { text, exact }
}

/** An amount of money in minor units, exactly. */
export function shownMinor(amountMinor: bigint, currency: string): string {
  return formatMoney(amountMinor * NANO_PER_CENT, currency, 'exact')
}

/** Minor units as a field of a form holds them: "25.00". */
export function fieldMinor(amountMinor: bigint): string {
  return `${amountMinor / 100n}.${(amountMinor % 100n).toString().padStart(2, '0')}`
}

/** More digits than any limit of a purchase has. */
const TYPED = /^[$€£]? ?(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2}))?$/

/**
 * An amount as people type it, in minor units: "25", "25.5", "$1,250.00".
 * @returns null for everything else: a comma before the cents could as well stand for thousands, and is not guessed at
 */
export function typedMinor(text: string): bigint | null {
  const [match, whole = '', fraction = ''] = TYPED.exec(text.trim()) ?? []
  if (match === undefined) return null
  return BigInt(whole.replaceAll(',', '')) * 100n + BigInt(fraction.padEnd(2, '0'))
}

export const AMOUNT_EXPECTED = 'Write the amount like 25 or 25.50.'
