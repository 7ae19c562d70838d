import type { Clock } from '../../lib/clock.ts'

/** The time in which the demo's past is played. It never goes back, and never beyond the present. */
export interface DemoClock extends Clock {
  /** Milliseconds since the epoch. */
  moveTo(time: number): void
}

export function demoClock(present: Clock, start: number): DemoClock {
  let time = start
  return {
    now: () => time,
    moveTo(next) {
      time = Math.min(Math.max(time, next), present.now())
    },
  }
}
