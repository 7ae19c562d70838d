/** Long enough that turns cost nothing, short enough that no request of the same process waits for it. */
const SLICE_MS = 4

/** Lets everything else of the process have its turn. */
export interface Turns {
  /** Whether this work has had the process for long enough. */
  isDue(): boolean
  next(): Promise<void>
}

/** Real time, as it is about the machine and not about money. */
export function takeTurns(sliceMs = SLICE_MS): Turns {
  let since = performance.now()
  return {
    isDue: () => performance.now() - since >= sliceMs,
    async next() {
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
      since = performance.now()
    },
  }
}
