import { z } from 'zod'
import { USAGE_GROUPS, type UsageGroup } from '../../reports/usage/account-usage.ts'
import type { SpendingMetric } from '../../reports/usage/spending.ts'
import { rangeQuery, readTimeRange, type TimeRange } from './time-range.ts'
import { readUsageFilter, type UsageFilterFields } from './usage-filter.ts'

export const GROUP_NAMES: Readonly<Record<UsageGroup, string>> = {
  date: 'Date',
  key: 'Key',
  project: 'Project',
  provider: 'Provider',
  model: 'Model',
}

export const VIEW_METRICS = ['spend', 'requests', 'tokens', 'savings'] as const
export type ViewMetric = (typeof VIEW_METRICS)[number]
export const METRIC_NAMES: Readonly<Record<ViewMetric, string>> = {
  spend: 'Spend',
  requests: 'Requests',
  tokens: 'Tokens',
  savings: 'Savings',
}
export const METRIC_OF: Readonly<Record<ViewMetric, SpendingMetric>> = {
  spend: 'cost',
  requests: 'requests',
  tokens: 'tokens',
  savings: 'saved',
}

/** What the page of usage shows: all of it stands in its address. */
export interface UsageView {
  readonly range: TimeRange
  readonly group: UsageGroup
  readonly metric: ViewMetric
  readonly filters: UsageFilterFields
}

export type ReadView = { ok: true; view: UsageView } | { ok: false; problems: Record<string, string> }

const groups = z.enum(USAGE_GROUPS)
const metrics = z.enum(VIEW_METRICS)

export function readUsageView(query: Readonly<Record<string, unknown>>, now: number): ReadView {
  const range = readTimeRange(query, now, '30d')
  const filter = readUsageFilter(query)
  const group = groups.safeParse(query.group ?? 'date')
  const metric = metrics.safeParse(query.metric ?? 'spend')
  if (range.ok && filter.ok && group.success && metric.success) {
    const view = { range: range.range, filters: filter.filters, group: group.data, metric: metric.data }
    return { ok: true, view }
  }
  return {
    ok: false,
    problems: {
      ...(!range.ok && range.problems),
      ...(!group.success && { group: `Group by one of ${Object.values(GROUP_NAMES).join(', ')}.` }),
      ...(!metric.success && { metric: `Choose one of ${Object.values(METRIC_NAMES).join(', ')}.` }),
      ...(!filter.ok && filter.problems),
    },
  }
}

/** The same view in an address. */
export function viewQuery({ range, group, metric, filters }: UsageView): Record<string, string | undefined> {
  return { ...rangeQuery(range), group, metric, ...filters }
}
