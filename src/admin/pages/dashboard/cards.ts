import { divideHalfUp } from '../../../money/divide.ts'
import type { BusinessFigures } from '../../../reports/dashboard/business-figures.ts'
import type { Dashboard } from '../../../reports/dashboard/operator-dashboard.ts'
import type { Side } from '../../definitions-for.ts'

export interface Card {
  readonly id: 'revenue' | 'cost' | 'margin' | 'resellerMargin' | 'requests' | 'tokens'
  readonly label: string
  readonly unit: 'nano' | 'count'
  readonly value: bigint
  /** Of the period before. */
  readonly before: bigint
  /** The change against the period before in 1/10,000 of it, half up; null = there was nothing. */
  readonly changeBps: bigint | null
  /** The share of the revenue, in 1/10,000; only of the margin. */
  readonly shareBps: bigint | null
}

type Shown = Pick<Card, 'id' | 'label' | 'unit'> & { read: (figures: BusinessFigures) => bigint }

/** What a side calls its figures: the operator pays providers, a reseller the operator. */
const SHOWN: Readonly<Record<Side, readonly Shown[]>> = {
  OPERATOR: [
    { id: 'revenue', label: 'Revenue', unit: 'nano', read: ({ revenueNano }) => revenueNano },
    { id: 'cost', label: 'Provider cost', unit: 'nano', read: ({ costNano }) => costNano },
    { id: 'margin', label: 'Operator margin', unit: 'nano', read: ({ marginNano }) => marginNano },
    {
      ...{ id: 'resellerMargin', label: 'Reseller margin', unit: 'nano' },
      read: ({ resellerMarginNano }) => resellerMarginNano ?? 0n,
    },
    { id: 'requests', label: 'Requests', unit: 'count', read: ({ requests }) => requests },
    { id: 'tokens', label: 'Tokens', unit: 'count', read: ({ tokens }) => tokens },
  ],
  RESELLER: [
    { id: 'revenue', label: 'Revenue', unit: 'nano', read: ({ revenueNano }) => revenueNano },
    { id: 'cost', label: 'Wholesale cost', unit: 'nano', read: ({ costNano }) => costNano },
    { id: 'margin', label: 'Your margin', unit: 'nano', read: ({ marginNano }) => marginNano },
    { id: 'requests', label: 'Requests', unit: 'count', read: ({ requests }) => requests },
    { id: 'tokens', label: 'Tokens', unit: 'count', read: ({ tokens }) => tokens },
  ],
}

/** The headline figures of a period, each against the period before. */
export function cardsOf({ totals, before }: Pick<Dashboard, 'totals' | 'before'>, side: Side): Card[] {
  return SHOWN[side].map(({ read, ...card }) => {
    const [value, was] = [read(totals), read(before.totals)]
    return {
      ...{ ...card, value, before: was, changeBps: changeBps(value, was) },
      shareBps: card.id === 'margin' ? totals.marginBps : null,
    }
  })
}

function changeBps(value: bigint, before: bigint): bigint | null {
  if (before === 0n) return null
  return divideHalfUp((value - before) * 10_000n, before < 0n ? -before : before)
}
