import { divideHalfUp } from '../money/divide.ts'
import type { SpendPeriod, SpendSummary } from '../reports/usage/account-spend-summary.ts'
import { type ShownAmount, shownSpend } from './credits/shown-amount.ts'

/** Spend of a stretch of time, against the one before. */
export interface ShownPeriod {
  name: string
  spent: ShownAmount
  before: ShownAmount
  /** Such as "+12%"; null = there was nothing before to compare with. */
  change: string | null
  requests: string
}

const COUNT = new Intl.NumberFormat('en')
/** A larger factor says no more. */
const PERCENT_MAX = 999n

export function shownPeriods({ currency, today, week, month }: SpendSummary): ShownPeriod[] {
  const shown = (name: string, { figures, before }: SpendPeriod): ShownPeriod => ({
    name,
    spent: shownSpend(figures.costNano, currency),
    before: shownSpend(before.figures.costNano, currency),
    change: changeOf(figures.costNano, before.figures.costNano),
    requests: COUNT.format(figures.requests),
  })
  return [shown('Today', today), shown('Last 7 days', week), shown('Last 30 days', month)]
}

function changeOf(now: bigint, before: bigint): string | null {
  if (before <= 0n) return null
  const percent = divideHalfUp((now - before) * 100n, before)
  if (percent > PERCENT_MAX) return `more than +${PERCENT_MAX}%`
  return percent > 0n ? `+${percent}%` : `${percent}%`
}
