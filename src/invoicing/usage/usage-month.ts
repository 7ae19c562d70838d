import { dayIn } from '../issue-document.ts'

/** A calendar month, named by its first day: `2026-11-01`. */
export type UsageMonth = string

/** No zone is further from UTC than fourteen hours; one more, so that the search begins outside. */
const OFFSET_MS_MAX = 15 * 3_600_000

/** The month of an instant in a time zone. */
export function monthIn(timeZone: string, time: number): UsageMonth {
  return `${dayIn(timeZone, time).slice(0, 7)}-01`
}

export function nextMonth(month: UsageMonth): UsageMonth {
  const [year, number] = partsOf(month)
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10)
}

export function lastDayOf(month: UsageMonth): string {
  const [year, number] = partsOf(month)
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10)
}

/** The first instant of a month in a time zone: milliseconds since the epoch. */
export function startOf(timeZone: string, month: UsageMonth): number {
  const utc = Date.parse(`${month}T00:00:00Z`)
  let before = utc - OFFSET_MS_MAX
  let within = utc + OFFSET_MS_MAX
  // Days only go forward, so halving finds the instant whatever the zone did with its clocks.
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (dayIn(timeZone, middle) < month) before = middle
    else within = middle
  }
  return within
}

function partsOf(month: UsageMonth): [year: number, number: number] {
  return [Number(month.slice(0, 4)), Number(month.slice(5, 7))]
}
