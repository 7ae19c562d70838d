import type { AccessKey } from '../accounts/keys/access-key.ts'
import { shownBalance } from './credits/shown-amount.ts'
import type { ShownTopUp } from './credits/shown-top-up.ts'
import { badge, type StatusBadge } from './status-badge.ts'

/** Something that wants to be looked at, and where. */
export interface OverviewAlert {
  badge: StatusBadge
  text: string
  /** Null = nothing that this person could do. */
  way: { path: string; label: string } | null
}

export interface AlertFacts {
  currency: string
  availableNano: bigint
  /** Null = nothing is spent. */
  daysLeft: bigint | null
  topUp: ShownTopUp
  keys: readonly AccessKey[]
  emailVerified: boolean
  /** Whether they may buy. */
  handlesMoney: boolean
}

/** Fewer days than it takes to get an invoice paid by transfer. */
const DAYS_LEFT_LOW = 5n

/** What wants attention, the most pressing first. */
export function overviewAlerts(facts: AlertFacts): OverviewAlert[] {
  return [...balanceAlerts(facts), ...topUpAlerts(facts), ...budgetAlerts(facts), ...personAlerts(facts)]
}

function balanceAlerts({ availableNano, daysLeft, topUp, handlesMoney }: AlertFacts): OverviewAlert[] {
  const way = handlesMoney ? { path: '/add-credits', label: 'Add credits' } : null
  if (availableNano <= 0n) {
    return [{ badge: badge('No credits', 'failed'), text: 'Requests are refused until credits are added.', way }]
  }
  if (daysLeft === null || daysLeft >= DAYS_LEFT_LOW || topUp.state === 'on') return []
  const time = daysLeft === 0n ? 'less than a day' : daysLeft === 1n ? 'about a day' : `about ${daysLeft} days`
  return [{ badge: badge('Low balance', 'action'), text: `At the rate of the last 7 days it lasts ${time}.`, way }]
}

function topUpAlerts({ topUp, handlesMoney }: AlertFacts): OverviewAlert[] {
  const way = handlesMoney ? { path: '/credits', label: 'See automatic top-up' } : null
  if (topUp.state === 'stopped') {
    return [{ badge: badge('Top-up stopped', 'failed'), text: topUp.text, way }]
  }
  return topUp.state === 'waiting' ? [{ badge: topUp.badge, text: topUp.text, way }] : []
}

function budgetAlerts({ keys, currency }: AlertFacts): OverviewAlert[] {
  const spent = keys.flatMap((key) =>
    key.budgets.filter((budget) => budget.spentNano >= budget.limitNano).map((budget) => ({ key, budget })),
  )
  return spent.map(({ key, budget }) => ({
    badge: badge('Budget spent', 'action'),
    text: `The key “${key.name}” has spent ${shownBalance(budget.spentNano, currency).text} of ${
      shownBalance(budget.limitNano, currency).text
    }; its requests are refused${budget.resetsAt === null ? '' : ` until ${new Date(budget.resetsAt).toISOString().slice(0, 10)} (UTC)`}.`,
    way: { path: '/keys', label: 'See keys' },
  }))
}

function personAlerts({ emailVerified }: AlertFacts): OverviewAlert[] {
  if (emailVerified) return []
  const text = 'Your e-mail address is yet to be confirmed: open the link in the mail that we have sent.'
  return [{ badge: badge('Confirm your e-mail', 'action'), text, way: null }]
}
