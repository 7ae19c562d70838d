import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { type AccessDeps, type AccessWrite, accountIdField, readAsked } from './access-write.ts'
import { budgetLimits, lockWallet, readBudgets, type SpendBudget, setBudgets } from './spend-budgets.ts'

const budgetChange = z.strictObject({ accountId: accountIdField, budgets: budgetLimits })

/** What all of an account's requests together may spend. */
export async function readAccountBudgets(
  client: ClientBase | Pool,
  clock: Clock,
  accountId: string,
): Promise<readonly SpendBudget[]> {
  const found = await readBudgets(client, clock, accountId, [accountId])
  return found.get(accountId) ?? []
}

/**
 * Makes these the budgets of a whole account: a period that is not named loses its budget.
 * @throws AccessError `invalid_request`
 */
export async function setAccountBudgets(
  { pool, clock }: AccessDeps,
  input: z.input<typeof budgetChange>,
  { record }: AccessWrite<readonly SpendBudget[]>,
): Promise<readonly SpendBudget[]> {
  const { accountId, budgets } = readAsked(budgetChange, input)
  return inTransaction(pool, async (client) => {
    await lockWallet(client, accountId)
    const before = await readAccountBudgets(client, clock, accountId)
    await setBudgets(client, clock, { accountId, whole: true }, budgets)
    const after = await readAccountBudgets(client, clock, accountId)
    await record?.(client, { before, after })
    return after
  })
}
