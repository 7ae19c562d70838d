import { z } from 'zod'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A leap year: what usage and exports are made for. */
export const RANGE_DAYS_MAX = 366

export const RANGES = ['24h', '7d', '30d', 'month', 'custom'] as const
export type RangeName = (typeof RANGES)[number]

export const RANGE_NAMES: Readonly<Record<RangeName, string>> = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  month: 'This month',
  custom: 'Between two days',
}

/** A time to look at, in whole hours or days of UTC. */
export interface TimeRange {
  readonly name: RangeName
  /** Half-open, in milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** The first and the last day (UTC), both within: 2026-11-30. */
  readonly firstDay: string
  readonly lastDay: string
}

export type ReadRange = { ok: true; range: TimeRange } | { ok: false; problems: Record<string, string> }

const day = z.iso.date()
const rangeName = z.enum(RANGES)

/**
 * Reads a time from an address or a form: `range`, and with `custom` the days `from` and `to`, both included.
 * @param fallback where nothing is said
 */
export function readTimeRange(query: Readonly<Record<string, unknown>>, now: number, fallback: RangeName): ReadRange {
  const name = rangeName.safeParse(query.range ?? fallback)
  if (!name.success) return problem('range', `Choose one of these times: ${Object.values(RANGE_NAMES).join(', ')}.`)
  const tomorrow = Math.floor(now / DAY_MS) * DAY_MS + DAY_MS
  switch (name.data) {
    case '24h': {
      const to = Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS
      return ranged('24h', to - DAY_MS, to)
    }
    case '7d':
      return ranged('7d', tomorrow - 7 * DAY_MS, tomorrow)
    case '30d':
      return ranged('30d', tomorrow - 30 * DAY_MS, tomorrow)
    case 'month': {
      const today = new Date(now)
      return ranged('month', Date.UTC(today.getUTCFullYear(), today.getUTCMonth()), tomorrow)
    }
    case 'custom':
      return readDays(query)
  }
}

/** The years that a date field may name: others are typing errors. */
const YEARS = { min: 2000, max: 2199 }

function readDays(query: Readonly<Record<string, unknown>>): ReadRange {
  const [first, last] = [day.safeParse(query.from), day.safeParse(query.to)]
  if (!first.success || !isInYears(first.data)) return problem('from', 'Enter the first day, such as 2026-11-01.')
  if (!last.success || !isInYears(last.data)) return problem('to', 'Enter the last day, such as 2026-11-30.')
  const [from, to] = [Date.parse(first.data), Date.parse(last.data) + DAY_MS]
  if (from >= to) return problem('to', 'The last day is before the first. Swap them.')
  if (to - from > RANGE_DAYS_MAX * DAY_MS) return problem('to', `Choose at most ${RANGE_DAYS_MAX} days.`)
  return ranged('custom', from, to)
}

function isInYears(date: string): boolean {
  const year = Number(date.slice(0, 4))
  return year >= YEARS.min && year <= YEARS.max
}

function ranged(name: RangeName, from: number, to: number): ReadRange {
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
  return { ok: true, range: { name, from, to, firstDay: dayOf(from), lastDay: dayOf(to - 1) } }
}

const problem = (field: string, text: string): ReadRange => ({ ok: false, problems: { [field]: text } })

/** The same time in an address. */
export function rangeQuery({ name, firstDay, lastDay }: TimeRange): Record<string, string> {
  return name === 'custom' ? { range: name, from: firstDay, to: lastDay } : { range: name }
}
