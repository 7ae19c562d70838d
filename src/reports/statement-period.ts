import { z } from 'zod'
import type { Span } from './hours.ts'

/** No zone is further from UTC. */
const OFFSET_MAX_MS = 15 * 3_600_000

/**
 * An IANA name such as Europe/Berlin. Offsets such as +02:00 are refused: PostgreSQL reads their sign the other way round.
 */
export const timeZone = z
  .string({ error: 'must be an IANA time zone' })
  .regex(/^[A-Za-z][A-Za-z0-9_]*(\/[A-Za-z0-9_+-]+)*$/, { error: 'must be an IANA time zone such as Europe/Berlin' })
  .refine(isKnown, { error: 'must be an IANA time zone such as Europe/Berlin' })

function isKnown(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/**
 * A calendar month as it begins and ends in a zone, half-open, in milliseconds since the epoch. Months chain: one ends at
 * the instant at which the next begins.
 *
 * @param month from 1 on
 * @throws RangeError for a zone or a month that there is not
 */
export function monthPeriod(year: number, month: number, zone = 'UTC'): Span {
  if (!Number.isInteger(year) || !Number.isInteger(month) || month < 1 || month > 12) {
    throw new RangeError(`There is no month ${month} of ${year}.`)
  }
  return { from: startOfMonth(year, month, zone), to: startOfMonth(year, month + 1, zone) }
}

/** The first instant whose date in the zone lies in the month: also where clocks are put forward at midnight. */
function startOfMonth(year: number, month: number, zone: string): number {
  const dates = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: 'numeric' })
  const target = new Date(Date.UTC(year, month - 1, 1))
  const index = target.getUTCFullYear() * 12 + target.getUTCMonth() + 1
  const isReached = (at: number) => {
    const part = (type: string) => Number(dates.formatToParts(at).find((one) => one.type === type)?.value)
    return part('year') * 12 + part('month') >= index
  }
  let before = target.getTime() - OFFSET_MAX_MS
  let reached = target.getTime() + OFFSET_MAX_MS
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (isReached(middle)) reached = middle
    else before = middle
  }
  return reached
}
