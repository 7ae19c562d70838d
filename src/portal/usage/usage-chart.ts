import { NANO_PER_UNIT } from '../../money/nano.ts'
import type { AccountUsage } from '../../reports/usage/account-usage.ts'
import type { Spending } from '../../reports/usage/spending.ts'
import { METRIC_NAMES, type ViewMetric } from './usage-view.ts'

/** What the script draws: bars on top of each other, a colour a series. The table below has the exact figures. */
export interface UsageChart {
  readonly labels: readonly string[]
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
  readonly unit: 'money' | 'count'
  readonly currency: string
  /** The place of the bucket that is not over; -1 = all are. */
  readonly running: number
}

const FIGURE: Readonly<Record<ViewMetric, (of: Spending) => number>> = {
  // Only lengths of bars: what is read stands in the table, exact.
  spend: (of) => Number(of.costNano) / Number(NANO_PER_UNIT),
  savings: (of) => Number(of.savedNano) / Number(NANO_PER_UNIT),
  requests: (of) => Number(of.requests),
  tokens: (of) => Number(of.tokens),
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** The start of a bucket, as an axis has it. */
export function bucketLabel(at: number, bucket: AccountUsage['bucket']): string {
  return bucket === 'day' ? DAY.format(at) : `${DAY.format(at)}, ${new Date(at).toISOString().slice(11, 16)}`
}

/** Whether the bucket that begins then is not over yet. */
export function isRunning(at: number, bucket: AccountUsage['bucket'], now: number): boolean {
  return at <= now && now < at + (bucket === 'day' ? 86_400_000 : 3_600_000)
}

export function usageChart({ series, bucket, currency }: AccountUsage, metric: ViewMetric, now: number): UsageChart {
  const buckets = series[0]?.points.map(({ at }) => at) ?? []
  return {
    labels: buckets.map((at) => bucketLabel(at, bucket)),
    series: series.map(({ name, points }) => ({ name, values: points.map(({ figures }) => FIGURE[metric](figures)) })),
    unit: metric === 'spend' || metric === 'savings' ? 'money' : 'count',
    currency,
    running: buckets.findIndex((at) => isRunning(at, bucket, now)),
  }
}

/** The chart in a sentence, for who does not see it. */
export function chartLabel({ series, bucket }: AccountUsage, metric: ViewMetric): string {
  const by = series.length > 1 ? `, by ${series.map(({ name }) => name).join(', ')}` : ''
  return `${METRIC_NAMES[metric]} per ${bucket} in UTC${by}. The table below has the same figures.`
}
