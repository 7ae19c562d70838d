import type { Clock } from '../src/lib/clock.ts'

/** While a server is away, its absence is said this often. */
const REPORT_EVERY_MS = 60_000

/** Hands on the first of the errors that an outage brings by the thousand, and then at most one a minute. */
export function createOutageReporter(clock: Clock, report: (error: Error) => void): (error: Error) => void {
  let reportedAt = Number.NEGATIVE_INFINITY
  return (error) => {
    if (clock.now() - reportedAt < REPORT_EVERY_MS) return
    reportedAt = clock.now()
    report(error)
  }
}
