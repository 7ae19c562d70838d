import { z } from 'zod'
import { DAY_MS, dayOf, type Span } from '../../../reports/hours.ts'

export const RANGES = ['today', '7d', '30d', '90d', 'month', 'last-month', 'custom'] as const
export type Range = (typeof RANGES)[number]

const DAYS: Readonly<Partial<Record<Range, number>>> = { today: 1, '7d': 7, '30d': 30, '90d': 90 }

const day = z.iso.date({ error: 'must be a day such as 2026-11-21' })

/** A period as the page's address says it: a word, or the first and the last day of one's own choice. */
export const periodFields = {
  range: z.enum(RANGES, { error: `must be one of ${RANGES.join(', ')}` }).default('30d'),
  from: day.optional(),
  to: day.optional(),
}

export type AskedPeriod = z.output<z.ZodObject<typeof periodFields>>

/**
 * The half-open span of a period (milliseconds since the epoch; days are of UTC). One that is still running ends now, so
 * that the lists behind its figures hold exactly what was added up. A custom one without its days is null.
 */
export function spanOf({ range, from, to }: AskedPeriod, now: number): Span | null {
  // What came in this very millisecond is in it.
  const end = now + 1
  const days = DAYS[range]
  if (days !== undefined) return { from: dayOf(now) - (days - 1) * DAY_MS, to: end }
  const date = new Date(now)
  const monthStart = (ago: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - ago, 1)
  if (range === 'month') return { from: monthStart(0), to: end }
  if (range === 'last-month') return { from: monthStart(1), to: monthStart(0) }
  if (from === undefined || to === undefined) return null
  return { from: Date.parse(from), to: Date.parse(to) + DAY_MS }
}
