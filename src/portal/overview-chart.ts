import type { AccountUsage } from '../reports/usage/account-usage.ts'
import { type ShownAmount, shownSpend } from './credits/shown-amount.ts'

/** In units of the drawing; the page scales it. */
export const CHART = { width: 600, height: 120 } as const
/** Between two bars. */
const GAP = 4
/** A day with any spend at all is seen. */
const BAR_MIN = 2

export interface ChartBar {
  x: number
  y: number
  width: number
  height: number
  day: string
  spent: ShownAmount
  requests: string
  /** The day is not over. */
  isRunning: boolean
}

/** Spend by day as bars from zero, with a sentence that says the same. */
export interface SpendChart {
  bars: ChartBar[]
  label: string
  /** What the tallest bar stands for. */
  top: string
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** @param usage by date; its last day is the one that runs */
export function spendChart({ currency, totals, groups }: AccountUsage): SpendChart {
  const most = groups.reduce((max, { figures }) => (figures.costNano > max ? figures.costNano : max), 0n)
  const step = CHART.width / Math.max(groups.length, 1)
  const bars = groups.map(({ key, figures: { costNano, requests } }, index) => {
    // To a thousandth of the height: a drawing, whose exact figures stand in the table.
    const share = most > 0n ? Number((costNano * 1_000n) / most) / 1_000 : 0
    const height = costNano > 0n ? Math.max(share * CHART.height, BAR_MIN) : 0
    return {
      ...{ x: round(index * step + GAP / 2), y: round(CHART.height - height), width: round(step - GAP) },
      ...{ height: round(height), day: key.slice(0, 10), isRunning: index === groups.length - 1 },
      ...{ spent: shownSpend(costNano, currency), requests: requests.toString() },
    }
  })
  return {
    bars,
    label: labelOf(groups, totals.costNano, most, currency),
    top: shownSpend(most, currency).text,
  }
}

function labelOf(groups: AccountUsage['groups'], total: bigint, most: bigint, currency: string): string {
  const [first, last] = [groups[0], groups.at(-1)]
  if (!first || !last) return 'Nothing was spent.'
  const range = `${DAY.format(new Date(first.key))} to ${DAY.format(new Date(last.key))} (UTC)`
  if (total === 0n) return `Spend by day, ${range}: nothing was spent.`
  const peak = groups.find(({ figures }) => figures.costNano === most)
  const on = peak ? `, most on ${DAY.format(new Date(peak.key))} with ${shownSpend(most, currency).text}` : ''
  return `Spend by day, ${range}: ${shownSpend(total, currency).text} in all${on}.`
}

const round = (value: number): number => Math.round(value * 10) / 10
