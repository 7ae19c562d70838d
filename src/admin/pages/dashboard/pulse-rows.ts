import type { Actor } from '../../../accounts/actor.ts'
import type { Pulse, PulseFigure } from '../../../reports/dashboard/operator-pulse.ts'
import { listHref } from './list-href.ts'

export interface PulseRow {
  readonly id: string
  readonly label: string
  readonly count: bigint
  /** What the rows come to, and what that is; null where only their number says something. */
  readonly amount: bigint | null
  readonly amountOf: string | null
  readonly unit: PulseFigure['unit']
  /** A share in 1/10,000 beside the number, such as of errors. */
  readonly shareBps: bigint | null
  /** Whether somebody has something to do where there are any. */
  readonly isAlarming: boolean
  readonly href: string
}

interface LosingRow {
  readonly model: string
  readonly marginNano: bigint
  readonly requests: bigint
  readonly href: string
}

type Words = Pick<PulseRow, 'id' | 'label' | 'amountOf' | 'isAlarming'>

/** What wants attention now, each figure with the address of the rows behind it. */
export function pulseRows(pulse: Pulse, actor: Actor): { rows: PulseRow[]; losing: LosingRow[] } {
  const row = (figure: PulseFigure | null, words: Words, shareBps: bigint | null = null): PulseRow[] => {
    if (figure === null) return []
    const { count, amount, unit, list } = figure
    return [
      {
        ...{ ...words, count, unit, shareBps, href: listHref(list, actor) },
        amount: words.amountOf === null ? null : amount,
      },
    ]
  }
  const quiet = (id: string, label: string, amountOf: string | null): Words => ({
    ...{ id, label, amountOf, isAlarming: false },
  })
  const alarm = (id: string, label: string, amountOf: string | null): Words => ({
    ...{ id, label, amountOf, isAlarming: true },
  })
  const rows = [
    ...row(pulse.requests, quiet('requests', 'Requests today', 'revenue')),
    ...row(pulse.errors, alarm('errors', 'Errors today', null), pulse.errorRateBps),
    ...row(pulse.ordersToApprove, alarm('ordersToApprove', 'Orders to approve', 'received')),
    ...row(pulse.adjustmentsToApprove, alarm('adjustmentsToApprove', 'Adjustments to approve', 'asked for')),
    ...row(pulse.failingTopUps, alarm('failingTopUps', 'Failing top-ups', 'a top-up')),
    ...row(pulse.suspendedTopUps, alarm('suspendedTopUps', 'Suspended top-ups', 'a top-up')),
    ...row(pulse.openDisputes, alarm('openDisputes', 'Open disputes', 'disputed')),
    ...row(pulse.failedAttempts, quiet('failedAttempts', 'Failed attempts, 7 days', 'may have cost')),
    ...row(pulse.deferredRevenue, quiet('deferredRevenue', 'Deferred revenue', 'of paid credit is left')),
    ...row(pulse.promotionalCredit, quiet('promotionalCredit', 'Promotional credit', 'is left')),
    ...row(pulse.expiringCredit, quiet('expiringCredit', 'Credit ending in 30 days', 'of credit')),
  ]
  const losing = pulse.losing.map(({ model, figures, list }) => ({
    ...{ model, marginNano: figures.marginNano, requests: figures.requests, href: listHref(list, actor) },
  }))
  return { rows, losing }
}
