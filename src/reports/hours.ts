export const HOUR_MS = 3_600_000

/** A day of hours is summed or compared in one go: bounded work, and a bounded time under the lock. */
const HOURS_PER_STEP = 24

/** From the first instant on, up to but without the second; in milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The start of the hour (UTC) of this instant. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS
}

/** The whole hours that a span touches, a day at a time. */
export function* stepsOf({ from, to }: Span): Generator<Span> {
  const end = Math.ceil(to / HOUR_MS) * HOUR_MS
  for (let start = hourOf(from); start < end; start += HOURS_PER_STEP * HOUR_MS) {
    yield { from: start, to: Math.min(start + HOURS_PER_STEP * HOUR_MS, end) }
  }
}
