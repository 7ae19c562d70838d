export type BudgetPeriod = 'DAY' | 'WEEK' | 'MONTH' | 'TOTAL'

/** A hard spend limit, as the ledger works on it under its account's wallet lock. */
export interface Budget {
  readonly id: string
  readonly accountId: string
  readonly period: BudgetPeriod
  readonly limitNano: bigint
  /** Milliseconds since the epoch: when the running period began. */
  periodStart: number
  spentNano: bigint
  heldNano: bigint
}

/** When the period that `now` falls into began, in UTC; weeks begin on Monday (ISO 8601). `TOTAL` never begins anew. */
export function periodStartAt(period: BudgetPeriod, now: number): number {
  const date = new Date(now)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const day = date.getUTCDate()
  switch (period) {
    case 'DAY':
      return Date.UTC(year, month, day)
    case 'WEEK':
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7))
    case 'MONTH':
      return Date.UTC(year, month, 1)
    case 'TOTAL':
      return 0
  }
}

/** Begins a new period with nothing spent where the running one is over. Holds in flight stay counted. */
export function rollOver(budget: Budget, now: number): boolean {
  const start = periodStartAt(budget.period, now)
  if (start <= budget.periodStart) return false
  budget.periodStart = start
  budget.spentNano = 0n
  return true
}

/** What may still be reserved, in nano; never below zero. */
export function roomNano(budget: Budget): bigint {
  const room = budget.limitNano - budget.spentNano - budget.heldNano
  return room > 0n ? room : 0n
}
