import type { SpendBudget } from '../../accounts/keys/spend-budgets.ts'
import type { BudgetPeriod } from '../../ledger/budget.ts'
import { formatMoney } from '../../money/format-money.ts'

const PERIODS: Readonly<Record<BudgetPeriod, string>> = {
  DAY: 'a day',
  WEEK: 'a week',
  MONTH: 'a month',
  TOTAL: 'in all',
}
const PERCENT = 100n
/** From here on a budget is shown as running out. */
const NEAR_PERCENT = 80n

/** A budget as a bar with its words: "$42.10 of $50.00 a month". */
export interface ShownBudget {
  readonly text: string
  readonly exact: string
  /** Of a hundred, at most a hundred. */
  readonly percent: number
  readonly tone: 'ample' | 'near' | 'over'
  /** When the next period begins; null = never. */
  readonly resetsAt: number | null
}

export function shownBudget({ period, limitNano, spentNano, resetsAt }: SpendBudget, currency: string): ShownBudget {
  const percent = limitNano === 0n ? PERCENT : (spentNano * PERCENT) / limitNano
  const amount = (nano: bigint) => formatMoney(nano, currency, 'balance')
  return {
    text: `${amount(spentNano)} of ${amount(limitNano)} ${PERIODS[period]}`,
    exact: `${formatMoney(spentNano, currency, 'exact')} of ${formatMoney(limitNano, currency, 'exact')}`,
    percent: Number(percent > PERCENT ? PERCENT : percent),
    tone: percent >= PERCENT ? 'over' : percent >= NEAR_PERCENT ? 'near' : 'ample',
    resetsAt,
  }
}
