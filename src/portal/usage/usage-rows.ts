import type { AccountUsage, UsageGroup } from '../../reports/usage/account-usage.ts'
import type { Spending } from '../../reports/usage/spending.ts'
import { type ShownFigures, shownFigures } from './shown-figures.ts'
import { bucketLabel, isRunning } from './usage-chart.ts'
import { addressOf } from './usage-filter.ts'
import { type UsageView, viewQuery } from './usage-view.ts'

const FILTER_OF: Readonly<Record<Exclude<UsageGroup, 'date'>, string>> = {
  key: 'accessKeyId',
  project: 'projectId',
  provider: 'providerId',
  model: 'model',
}

/** A line of the table: a date, a key, a model. */
export interface UsageRow {
  readonly name: string
  readonly figures: ShownFigures
  /** Its requests; null = there are none to be listed. */
  readonly path: string | null
  /** ISO 8601, where it is a time. */
  readonly time: string | null
  /** The bucket is not over yet. */
  readonly isRunning: boolean
}

export function usageRows(usage: AccountUsage, view: UsageView, now: number): UsageRow[] {
  const { bucket, currency } = usage
  const rows = usage.groups.map(({ key, name, figures }): UsageRow => {
    const shown = shownFigures(figures, currency)
    if (view.group !== 'date') {
      return {
        name,
        figures: shown,
        path: requestsPath(view, figures, { [FILTER_OF[view.group]]: key }),
        time: null,
        isRunning: false,
      }
    }
    const at = Date.parse(key)
    const day = key.slice(0, 10)
    const path = requestsPath(view, figures, { range: 'custom', from: day, to: day })
    return { name: bucketLabel(at, bucket), figures: shown, path, time: key, isRunning: isRunning(at, bucket, now) }
  })
  const { other } = usage
  if (!other) return rows
  return [...rows, { name: 'Other', figures: shownFigures(other, currency), path: null, time: null, isRunning: false }]
}

function requestsPath(view: UsageView, { requests }: Spending, narrower: Record<string, string>): string | null {
  if (requests === 0n) return null
  const { group: _, metric: __, ...query } = viewQuery(view)
  return addressOf('/requests', { ...query, ...narrower })
}
