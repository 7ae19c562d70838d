import type { SavedPaymentMethod } from '../../orders/stripe/payment-methods.ts'
import type { TopUpSettings } from '../../orders/top-up/top-up-settings.ts'
import { WHY_SUSPENDED } from '../order-pages.ts'
import { badge, type StatusBadge } from '../status-badge.ts'
import { type ShownAmount, shownBalance, shownMinor } from './shown-amount.ts'
import { shownCard } from './shown-card.ts'

/** Automatic top-up as pages show it. */
export interface ShownTopUp {
  state: 'off' | 'on' | 'waiting' | 'stopped'
  badge: StatusBadge
  /** One sentence: what it does now. */
  text: string
  /** Null while it is off. */
  agreed: {
    threshold: ShownAmount
    amount: string
    dailyCap: string | null
    monthlyCap: string | null
    /** Null where it was removed meanwhile. */
    card: string | null
  } | null
  lastAttempt: { at: Date; result: string } | null
  /** When it is tried again; null = when something else happens. */
  nextAttemptAt: Date | null
}

const RESULTS: Readonly<Record<string, string>> = {
  paid: 'Paid, and the credits are added.',
  resumed: 'Resumed with a new card.',
  authentication_required: 'The bank asks for a confirmation: see the mail about it.',
  daily_cap: 'Not charged: the daily limit is reached.',
  monthly_cap: 'Not charged: the monthly limit is reached.',
  insufficient_funds: 'Declined: there was not enough money on the account of the card.',
  expired_card: 'Declined: the card has expired.',
}
const CAPS = new Set(['daily_cap', 'monthly_cap'])

/** @param cards the account's saved cards; empty for somebody who may not see them */
export function shownTopUp(
  settings: TopUpSettings | null,
  cards: readonly SavedPaymentMethod[],
  now: number,
): ShownTopUp {
  if (!settings?.enabled) {
    const text = 'Nothing is charged by itself. Once the credits are spent, requests are refused until you add some.'
    return {
      ...{ state: 'off', badge: badge('Off', 'over'), text, agreed: null },
      ...{ lastAttempt: null, nextAttemptAt: null },
    }
  }
  const { currency, thresholdNano, amountMinor, dailyCapMinor, monthlyCapMinor } = settings
  const capOf = (minor: bigint | null) => (minor === null ? null : shownMinor(minor, currency))
  const card = cards.find(({ id }) => id === settings.paymentMethodId)
  const { nextAttemptAt } = settings
  return {
    ...standing(settings, now),
    agreed: {
      ...{ threshold: shownBalance(thresholdNano, currency), amount: shownMinor(amountMinor, currency) },
      ...{ dailyCap: capOf(dailyCapMinor), monthlyCap: capOf(monthlyCapMinor), card: card ? shownCard(card) : null },
    },
    lastAttempt: lastAttemptOf(settings),
    nextAttemptAt: nextAttemptAt !== null && nextAttemptAt > now ? new Date(nextAttemptAt) : null,
  }
}

function standing(settings: TopUpSettings, now: number): Pick<ShownTopUp, 'state' | 'badge' | 'text'> {
  const { suspendedAt, suspendedReason, nextAttemptAt, lastResult, failures } = settings
  if (suspendedAt !== null) {
    const text = WHY_SUSPENDED[suspendedReason ?? ''] ?? 'The saved card could not be charged.'
    return { state: 'stopped', badge: badge('Stopped', 'failed'), text }
  }
  const isLater = nextAttemptAt !== null && nextAttemptAt > now
  if (isLater && CAPS.has(lastResult ?? '')) {
    return { state: 'waiting', badge: badge('Limit reached', 'waiting'), text: RESULTS[lastResult ?? ''] ?? '' }
  }
  if (failures > 0) {
    const times = failures === 1 ? 'once' : `${failures} times in a row`
    const text = `The card was declined ${times}. It is tried again by itself, and left alone after the third time.`
    return { state: 'waiting', badge: badge('Retrying', 'waiting'), text }
  }
  const text = 'The saved card is charged as soon as the balance falls below the threshold.'
  return { state: 'on', badge: badge('On', 'done'), text }
}

function lastAttemptOf({ lastAttemptAt, lastResult }: TopUpSettings): ShownTopUp['lastAttempt'] {
  if (lastAttemptAt === null) return null
  const at = new Date(lastAttemptAt)
  if (lastResult === null) return { at, result: 'Under way: the payment provider is yet to confirm it.' }
  return { at, result: RESULTS[lastResult] ?? `Declined (${lastResult.replaceAll('_', ' ')}).` }
}
