import type { Clock } from '../lib/clock.ts'

const MINUTE_MS = 60_000

/** When something is let again, as one says it: "in 15 minutes". */
export function tryAgainIn(retryAt: number, clock: Clock): string {
  const minutes = Math.max(1, Math.ceil((retryAt - clock.now()) / MINUTE_MS))
  return minutes === 1 ? 'in a minute' : `in ${minutes} minutes`
}
