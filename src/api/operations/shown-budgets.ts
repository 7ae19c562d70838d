import { z } from 'zod'
import {
  BUDGET_NANO_MAX,
  BUDGET_PERIODS,
  type BudgetLimit,
  type SpendBudget,
} from '../../accounts/keys/spend-budgets.ts'
import { formatDecimalNano, NANO_PER_CENT } from '../../money/nano.ts'
import { cents, decimal, isoOrNull, isoTime, time, uuid } from '../fields.ts'

const CENTS_MAX = Number(BUDGET_NANO_MAX / NANO_PER_CENT)

/** Budgets as they are sent: at most one a period. */
export const budgetsBody = z
  .array(
    z.strictObject({
      period: z.enum(BUDGET_PERIODS, { error: `expected ${BUDGET_PERIODS.join(', ')}` }),
      limitCents: z
        .int({ error: 'expected a whole number of cents, such as 5000' })
        .min(0, { error: 'expected at least 0' })
        .max(CENTS_MAX, { error: `expected at most ${CENTS_MAX}` }),
    }),
    { error: 'expected a list of budgets' },
  )
  .max(BUDGET_PERIODS.length, { error: 'expected one budget a period at most' })
  .describe(
    'Hard limits of spending. All of them: a period that is not named loses its budget. A changed limit keeps what was ' +
      'spent in its period; a new one counts from now on. Days, weeks (from Monday) and months are of UTC.',
  )

export const shownBudget = z
  .object({
    id: uuid,
    period: z.enum(BUDGET_PERIODS),
    limitCents: cents,
    spent: decimal,
    held: decimal.describe('Reserved by requests in flight.'),
    periodStart: time,
    resetsAt: time.nullable().describe('When the next period begins; null = never.'),
  })
  .meta({ id: 'Budget' })

export function budgetLimitsOf(sent: z.output<typeof budgetsBody>): BudgetLimit[] {
  return sent.map(({ period, limitCents }) => ({ period, limitNano: BigInt(limitCents) * NANO_PER_CENT }))
}

export function budgetAsShown({ id, period, limitNano, spentNano, heldNano, periodStart, resetsAt }: SpendBudget) {
  return {
    ...{ id, period, limitCents: Number(limitNano / NANO_PER_CENT) },
    ...{ spent: formatDecimalNano(spentNano), held: formatDecimalNano(heldNano) },
    ...{ periodStart: isoTime(periodStart), resetsAt: isoOrNull(resetsAt) },
  }
}
