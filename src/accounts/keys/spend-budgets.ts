import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { type BudgetPeriod, periodStartAt } from '../../ledger/budget.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'

export const BUDGET_PERIODS = ['DAY', 'WEEK', 'MONTH', 'TOTAL'] as const satisfies readonly BudgetPeriod[]

/** A billion units: beyond it a limit limits nothing. */
export const BUDGET_NANO_MAX = 1_000_000_000_000_000_000n

/** What may be spent within a period, in nano. */
export interface BudgetLimit {
  readonly period: BudgetPeriod
  readonly limitNano: bigint
}

/** A hard spend limit as it stands. Times in milliseconds since the epoch. */
export interface SpendBudget extends BudgetLimit {
  readonly id: string
  /** Of the running period, since the limit was set. */
  readonly spentNano: bigint
  /** Reserved by requests in flight. */
  readonly heldNano: bigint
  readonly periodStart: number
  /** When the next period begins; null = never. */
  readonly resetsAt: number | null
}

/** Whose budget: a key's, a project's, or the whole account's. */
export type BudgetSubject = {
  readonly accountId: string
} & ({ readonly accessKeyId: string } | { readonly projectId: string } | { readonly whole: true })

/** At most one limit a period. */
export const budgetLimits = z
  .array(
    z.strictObject({
      period: z.enum(BUDGET_PERIODS, { error: `expected ${BUDGET_PERIODS.join(', ')}` }),
      limitNano: z
        .bigint({ error: 'expected an amount' })
        .min(0n, { error: 'expected at least 0' })
        .max(BUDGET_NANO_MAX, { error: 'expected at most a billion' }),
    }),
    { error: 'expected a list of budgets' },
  )
  .max(BUDGET_PERIODS.length, { error: 'expected one budget a period at most' })
  .refine((limits) => new Set(limits.map(({ period }) => period)).size === limits.length, {
    error: 'expected one budget a period at most',
  })

interface BudgetRow {
  id: string
  subject_id: string
  period: BudgetPeriod
  limit_nano: string
  spent_nano: string
  held_nano: string
  period_start: Date
}

const SELECTED = `id, coalesce(access_key_id, project_id, account_id) AS subject_id, period, limit_nano, spent_nano, held_nano,
  period_start`

/** The budgets of some keys, projects or the account itself, by the id of whose they are; the shortest period first. */
export async function readBudgets(
  client: ClientBase | Pool,
  clock: Clock,
  accountId: string,
  subjectIds: readonly string[],
): Promise<Map<string, SpendBudget[]>> {
  const { rows } = await client.query<BudgetRow>(
    `SELECT ${SELECTED} FROM budget
     WHERE account_id = $1 AND coalesce(access_key_id, project_id, account_id) = ANY ($2::uuid[]) ORDER BY period, id`,
    [accountId, subjectIds],
  )
  const found = new Map<string, SpendBudget[]>()
  for (const row of rows) {
    const known = found.get(row.subject_id)
    if (known) known.push(budgetOf(row, clock.now()))
    else found.set(row.subject_id, [budgetOf(row, clock.now())])
  }
  return found
}

/**
 * Makes `limits` the budgets of a key, a project or an account, in the caller's transaction: other periods lose theirs. A
 * changed limit keeps what was spent in its period; a new one counts from now on.
 *
 * The ledger reads and writes budgets under their account's wallet lock, so this takes it first: what a batch in flight
 * has spent is written before, and no batch decides on a limit that changes under it.
 */
export async function setBudgets(
  client: ClientBase,
  clock: Clock,
  subject: BudgetSubject,
  limits: readonly BudgetLimit[],
): Promise<void> {
  const { accountId } = subject
  const keyId = 'accessKeyId' in subject ? subject.accessKeyId : null
  const projectId = 'projectId' in subject ? subject.projectId : null
  await lockWallet(client, accountId)
  await client.query(
    `DELETE FROM budget WHERE account_id = $1 AND access_key_id IS NOT DISTINCT FROM $2 AND project_id IS NOT DISTINCT FROM $3
       AND period <> ALL ($4::budget_period[])`,
    [accountId, keyId, projectId, limits.map(({ period }) => period)],
  )
  const now = clock.now()
  for (const { period, limitNano } of limits) {
    await client.query(
      `INSERT INTO budget (id, account_id, access_key_id, project_id, period, limit_nano, period_start, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (account_id, project_id, access_key_id, period) DO UPDATE SET limit_nano = excluded.limit_nano`,
      [
        ...[uuidV7(clock), accountId, keyId, projectId, period, limitNano],
        ...[new Date(periodStartAt(period, now)), new Date(now)],
      ],
    )
  }
}

/** Before anything else that is locked: the ledger takes wallets first as well. */
export async function lockWallet(client: ClientBase, accountId: string): Promise<void> {
  await client.query('SELECT FROM wallet WHERE account_id = $1 FOR UPDATE', [accountId])
}

function budgetOf(row: BudgetRow, now: number): SpendBudget {
  const { id, period } = row
  const periodStart = Math.max(row.period_start.getTime(), periodStartAt(period, now))
  // The ledger begins a new period with its first request; until then the row tells of the last one.
  const isOver = periodStart > row.period_start.getTime()
  return {
    ...{ id, period, limitNano: BigInt(row.limit_nano), heldNano: BigInt(row.held_nano), periodStart },
    spentNano: isOver ? 0n : BigInt(row.spent_nano),
    resetsAt: nextPeriodAt(period, periodStart),
  }
}

function nextPeriodAt(period: BudgetPeriod, start: number): number | null {
  const date = new Date(start)
  const day = (days: number) => date.setUTCDate(date.getUTCDate() + days)
  switch (period) {
    case 'DAY':
      return day(1)
    case 'WEEK':
      return day(7)
    case 'MONTH':
      return date.setUTCMonth(date.getUTCMonth() + 1)
    case 'TOTAL':
      return null
  }
}
