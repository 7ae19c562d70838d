/** Counts work that has begun and not ended, so that a stop can wait for it. */
export interface InFlight {
  enter(): void
  leave(): void
  /** Resolves as soon as nothing is in flight. */
  idle(): Promise<void>
}

export function createInFlight(): InFlight {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    enter() {
      count += 1
    },
    leave() {
      count -= 1
      if (count > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
