export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** From the first instant on, up to but without the second; in milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The start of the hour (UTC) of this instant. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS
}

/** The start of the day (UTC) of this instant. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS
}

/** The whole days (UTC) that a span touches, one by one: bounded work, and a bounded time under a lock. */
export function* daysOf({ from, to }: Span): Generator<Span> {
  for (let start = dayOf(from); start < to; start += DAY_MS) {
    yield { from: start, to: start + DAY_MS }
  }
}
