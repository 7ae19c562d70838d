import { z } from 'zod'
import { formatDecimalNano } from '../../money/nano.ts'
import { type AccountUsage, USAGE_GROUPS } from '../../reports/usage/account-usage.ts'
import { SPENDING_METRICS, type Spending } from '../../reports/usage/spending.ts'
import { count, currency, decimal, instant, isoTime, time } from '../fields.ts'

const figures = z
  .object({
    requests: count,
    errors: count.describe('Of them, those that failed, that the provider broke off, or that were abandoned.'),
    tokens: count,
    inputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    outputTokens: count,
    reasoningTokens: count.describe('A part of the output.'),
    cost: decimal.describe('What was charged.'),
    market: decimal.describe("What providers' public prices would have come to."),
    saved: decimal,
    savedBps: z.int().nullable().describe('In 1/10,000 of the market rate; null = there is none.'),
  })
  .meta({ id: 'UsageFigures' })

const group = z.object({
  key: z.string().describe("A model's name, an id, or the start of a bucket; all zeroes = no provider was reached."),
  name: z.string(),
  figures,
})
const series = z.object({
  key: z.string().nullable().describe('Null = all others together.'),
  name: z.string(),
  points: z.array(z.object({ at: time, figures })),
})
export const usageReply = z
  .object({
    from: time,
    to: time,
    currency,
    bucket: z.enum(['hour', 'day']).describe('Of the points of a series, in UTC.'),
    totals: figures,
    groups: z.array(group).describe('Those with the most of the metric first; by date, the earliest first.'),
    other: figures.nullable().describe('All other groups together; null = there are no others.'),
    series: z.array(series).describe('At most eight, and one of all others.'),
  })
  .meta({ id: 'Usage' })

const period = z.object({
  from: time,
  to: time,
  figures,
  before: z.object({ from: time, to: time, figures }).describe('The same stretch of time before.'),
})
export const summaryReply = z
  .object({
    at: time,
    currency,
    balance: decimal,
    held: decimal.describe('Reserved by requests in flight.'),
    available: decimal,
    today: period,
    week: period,
    month: period,
    dailySpend: decimal.describe('Of the last seven days.'),
    daysLeft: count.nullable().describe('How long the credit lasts at that rate; null = nothing is spent.'),
    nextExpiry: z.object({ at: time, amount: decimal }).nullable(),
  })
  .meta({ id: 'UsageSummary' })

/** What every report of usage is asked with. Without a range, the last 30 days. */
export const usageQuery = {
  from: instant.optional().describe('The first instant. Without it, 30 days before `to`.'),
  to: instant
    .optional()
    .describe('The first instant that is not in it. Without it, now. At most 366 days after `from`.'),
  groupBy: z
    .enum(USAGE_GROUPS, { error: `expected ${USAGE_GROUPS.join(', ')}` })
    .default('date')
    .describe('What the groups are.'),
  metric: z
    .enum(SPENDING_METRICS, { error: `expected ${SPENDING_METRICS.join(', ')}` })
    .default('cost')
    .describe('What the groups are ordered by.'),
}

const DAYS_SHOWN = 30
const DAY_MS = 86_400_000

export function rangeOf({ from, to }: { from?: number | undefined; to?: number | undefined }, now: number) {
  // What came at this very millisecond belongs to it.
  const end = to ?? now + 1
  return { from: from ?? end - DAYS_SHOWN * DAY_MS, to: end }
}

export function usageAsShown(usage: AccountUsage, { from, to }: { from: number; to: number }) {
  const { currency, bucket, totals, groups, other, series } = usage
  return {
    ...{ from: isoTime(from), to: isoTime(to), currency, bucket, totals: figuresOf(totals) },
    groups: groups.map(({ key, name, figures }) => ({ key, name, figures: figuresOf(figures) })),
    other: other && figuresOf(other),
    series: series.map(({ key, name, points }) => ({
      ...{ key, name },
      points: points.map(({ at, figures }) => ({ at: isoTime(at), figures: figuresOf(figures) })),
    })),
  }
}

export function figuresOf(of: Spending): z.output<typeof figures> {
  return {
    ...{ requests: Number(of.requests), errors: Number(of.errors), tokens: Number(of.tokens) },
    ...{ inputTokens: Number(of.inputTokens), cacheReadTokens: Number(of.cacheReadTokens) },
    ...{ cacheWriteTokens: Number(of.cacheWriteTokens), outputTokens: Number(of.outputTokens) },
    ...{ reasoningTokens: Number(of.reasoningTokens), cost: formatDecimalNano(of.costNano) },
    ...{ market: formatDecimalNano(of.marketNano), saved: formatDecimalNano(of.savedNano) },
    savedBps: of.savedBps === null ? null : Number(of.savedBps),
  }
}
