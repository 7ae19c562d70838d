import type { TopUpSettings } from './top-up-settings.ts'

/** What is known when a top-up is considered. Amounts in minor units, times in milliseconds since the epoch. */
export interface TopUpSituation {
  /** Null = the account has no automatic top-up. */
  settings: TopUpSettings | null
  /** Since when the balance has been under the threshold; null = it is not. */
  dueSince: number | null
  /** Automatic charges of the running day and month (UTC) that are paid or may still be. */
  chargedTodayMinor: bigint
  chargedThisMonthMinor: bigint
  /** What the card would be charged, tax included. */
  chargeMinor: bigint
  now: number
}

export type TopUpPlan =
  | { do: 'charge'; settings: TopUpSettings }
  /** Nothing now; `tryAgainAt` = when a limit lets go, null = when something else happens. */
  | { do: 'nothing'; reason: TopUpRefusal; tryAgainAt: number | null }

export type TopUpRefusal = 'not_enabled' | 'suspended' | 'not_due' | 'backing_off' | 'daily_cap' | 'monthly_cap'

/** Whether to charge now. Pure: the same situation gives the same plan. */
export function planTopUp(situation: TopUpSituation): TopUpPlan {
  const { settings, dueSince, chargedTodayMinor, chargedThisMonthMinor, chargeMinor, now } = situation
  const nothing = (reason: TopUpRefusal, tryAgainAt: number | null = null): TopUpPlan => ({
    do: 'nothing',
    reason,
    tryAgainAt,
  })

  if (!settings?.enabled) return nothing('not_enabled')
  // Asked before anything about time, so that no clock can bring back a card that keeps declining.
  if (settings.suspendedAt !== null) return nothing('suspended')
  if (dueSince === null) return nothing('not_due')
  if (settings.nextAttemptAt !== null && settings.nextAttemptAt > now) {
    return nothing('backing_off', settings.nextAttemptAt)
  }
  const { dailyCapMinor, monthlyCapMinor } = settings
  if (monthlyCapMinor !== null && chargedThisMonthMinor + chargeMinor > monthlyCapMinor) {
    return nothing('monthly_cap', startOfNextMonth(now))
  }
  if (dailyCapMinor !== null && chargedTodayMinor + chargeMinor > dailyCapMinor) {
    return nothing('daily_cap', startOfNextDay(now))
  }
  return { do: 'charge', settings }
}

function startOfNextDay(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
}

function startOfNextMonth(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}
