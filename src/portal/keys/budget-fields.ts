import type { BudgetLimit, SpendBudget } from '../../accounts/keys/spend-budgets.ts'
import type { BudgetPeriod } from '../../ledger/budget.ts'
import { formatDecimalNano } from '../../money/nano.ts'
import { amountNanoOf, textOf } from './form-text.ts'

/** One field a period: '' = no budget for it. */
export const BUDGET_FIELDS: readonly { readonly id: string; readonly period: BudgetPeriod; readonly label: string }[] =
  [
    { id: 'budgetDay', period: 'DAY', label: 'A day' },
    { id: 'budgetWeek', period: 'WEEK', label: 'A week' },
    { id: 'budgetMonth', period: 'MONTH', label: 'A month' },
    { id: 'budgetTotal', period: 'TOTAL', label: 'In all' },
  ]

export type BudgetValues = Record<string, string>

/** What is filled in to begin with. */
export function budgetValues(budgets: readonly SpendBudget[]): BudgetValues {
  return Object.fromEntries(
    BUDGET_FIELDS.map(({ id, period }) => {
      const limit = budgets.find((budget) => budget.period === period)?.limitNano
      return [id, limit === undefined ? '' : formatDecimalNano(limit)]
    }),
  )
}

export function readBudgetFields(body: unknown): {
  values: BudgetValues
  budgets: BudgetLimit[]
  problems: Record<string, string>
} {
  const values: BudgetValues = {}
  const budgets: BudgetLimit[] = []
  const problems: Record<string, string> = {}
  for (const { id, period } of BUDGET_FIELDS) {
    const text = textOf(body, id)
    values[id] = text
    if (text === '') continue
    const limitNano = amountNanoOf(text)
    if (limitNano === null) problems[id] = 'Enter an amount such as 50 or 1,250.00.'
    else budgets.push({ period, limitNano })
  }
  return { values, budgets, problems }
}
