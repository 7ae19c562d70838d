import { csvChunks, fixedDecimal, neutral } from '../../reports/csv.ts'
import type { AccountUsage } from '../../reports/usage/account-usage.ts'
import type { Spending } from '../../reports/usage/spending.ts'
import { METRIC_NAMES, type UsageView } from './usage-view.ts'

const FIGURES: readonly (readonly [name: string, of: (figures: Spending) => string])[] = [
  ['requests', (of) => of.requests.toString()],
  ['errors', (of) => of.errors.toString()],
  ['prompt_tokens', (of) => (of.inputTokens + of.cacheReadTokens + of.cacheWriteTokens).toString()],
  ['cached_tokens', (of) => of.cacheReadTokens.toString()],
  ['completion_tokens', (of) => of.outputTokens.toString()],
  ['reasoning_tokens', (of) => of.reasoningTokens.toString()],
  ['cost', (of) => fixedDecimal(of.costNano)],
  ['market_cost', (of) => fixedDecimal(of.marketNano)],
  ['saved', (of) => fixedDecimal(of.savedNano)],
]
/** Counts are numbers in JSON as well; amounts are strings, for JSON knows no exact decimals. */
const COUNTS = new Set([
  'requests',
  'errors',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
])

interface Line {
  key: string
  name: string
  figures: Spending
}

function linesOf({ groups, other }: AccountUsage): Line[] {
  return other ? [...groups, { key: '', name: 'Other', figures: other }] : [...groups]
}

/** The lines of the page's table, without the totals, which whoever sums them gets. */
export function usageCsv(usage: AccountUsage, view: UsageView): AsyncGenerator<Buffer, void, undefined> {
  const header = [view.group, 'name', ...FIGURES.map(([name]) => name), 'currency']
  const rows = linesOf(usage).map(({ key, name, figures }) => [
    ...[neutral(key), neutral(name)],
    ...[...FIGURES.map(([, of]) => of(figures)), usage.currency],
  ])
  return csvChunks(header, rows)
}

/** The same view with what it is a view of, and its totals. */
export function usageJson(usage: AccountUsage, { range, group, metric, filters }: UsageView): object {
  const figuresOf = (figures: Spending) =>
    Object.fromEntries(FIGURES.map(([name, of]) => [name, COUNTS.has(name) ? Number(of(figures)) : of(figures)]))
  return {
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    ...{ groupBy: group, metric: METRIC_NAMES[metric].toLowerCase(), filters, currency: usage.currency },
    totals: figuresOf(usage.totals),
    data: linesOf(usage).map(({ key, name, figures }) => ({ key: key || null, name, ...figuresOf(figures) })),
  }
}

/** Such as `usage-by-model-2026-11-01-2026-11-30.csv`. */
export function usageFileName({ group, range }: UsageView, format: string): string {
  return `usage-by-${group}-${range.firstDay}-${range.lastDay}.${format}`
}
