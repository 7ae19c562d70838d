import { divideHalfUp } from '../../money/divide.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT, NANO_PER_UNIT } from '../../money/nano.ts'
import type { Spending } from '../../reports/usage/spending.ts'

/** An amount as it is read, and exactly. */
export interface ShownMoney {
  readonly text: string
  readonly exact: string
}

/** An amount of usage: up to six digits, for requests cost fractions of a cent; from a whole unit on cents, half up. */
export function shownCost(nano: bigint, currency: string): ShownMoney {
  const isWhole = nano >= NANO_PER_UNIT || nano <= -NANO_PER_UNIT
  const shown = isWhole ? divideHalfUp(nano, NANO_PER_CENT) * NANO_PER_CENT : nano
  return { text: formatMoney(shown, currency, 'requestCost'), exact: formatMoney(nano, currency, 'exact') }
}

/** With commas between thousands. */
export function shownCount(count: bigint | number): string {
  return count.toLocaleString('en-US')
}

export interface ShownFigures {
  readonly spend: ShownMoney
  readonly market: ShownMoney
  readonly saved: ShownMoney
  /** "12.5%"; null = there is no market rate. */
  readonly savedPercent: string | null
  readonly requests: string
  readonly errors: string
  readonly tokens: string
  readonly inputTokens: string
  readonly cachedTokens: string
  readonly outputTokens: string
}

export function shownFigures(of: Spending, currency: string): ShownFigures {
  return {
    spend: shownCost(of.costNano, currency),
    market: shownCost(of.marketNano, currency),
    saved: shownCost(of.savedNano, currency),
    savedPercent: of.savedBps === null ? null : shownPercent(of.savedBps),
    requests: shownCount(of.requests),
    errors: shownCount(of.errors),
    tokens: shownCount(of.tokens),
    inputTokens: shownCount(of.inputTokens + of.cacheReadTokens + of.cacheWriteTokens),
    cachedTokens: shownCount(of.cacheReadTokens),
    outputTokens: shownCount(of.outputTokens),
  }
}

/** With one digit, half up: 1234 bps are "12.3%". */
function shownPercent(bps: bigint): string {
  const tenths = divideHalfUp(bps, 10n)
  const magnitude = tenths < 0n ? -tenths : tenths
  return `${tenths < 0n ? '-' : ''}${magnitude / 10n}.${magnitude % 10n}%`
}
