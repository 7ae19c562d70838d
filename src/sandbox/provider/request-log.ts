/** Facts of one request; never what was said in it. */
export interface RequestFacts {
  path: string
  model: string | null
  isStream: boolean
  outputCap: number | null
  hasAuthorization: boolean
  /** Null while it runs, and when no status was sent. */
  status: number | null
}

export interface RequestCounters {
  started: number
  /** Replies sent to the end, refusals included. */
  completed: number
  /** Of the completed ones, those with a status of 400 or above. */
  refused: number
  abortedByClient: number
  /** Replies whose socket the sandbox destroyed on purpose. */
  disconnected: number
  /** The newest last. */
  recent: RequestFacts[]
}

/** Enough to see what a test or a try from curl just did. */
const RECENT_MAX = 20

/** Counts the requests to the simulated endpoints. */
export class RequestLog {
  private started = 0
  private completed = 0
  private refused = 0
  private abortedByClient = 0
  private disconnected = 0
  private recent: RequestFacts[] = []

  start(path: string, hasAuthorization: boolean): RequestFacts {
    this.started += 1
    const facts = { path, model: null, isStream: false, outputCap: null, hasAuthorization, status: null }
    // Trimmed in bulk: shifting an array on each request would show in a benchmark.
    if (this.recent.length >= RECENT_MAX * 8) this.recent = this.recent.slice(-RECENT_MAX)
    this.recent.push(facts)
    return facts
  }

  finish(facts: RequestFacts, outcome: 'completed' | 'abortedByClient' | 'disconnected'): void {
    this[outcome] += 1
    if (outcome === 'completed' && (facts.status ?? 0) >= 400) this.refused += 1
  }

  counters(): RequestCounters {
    const { started, completed, refused, abortedByClient, disconnected } = this
    const recent = this.recent.slice(-RECENT_MAX).map((facts) => ({ ...facts }))
    return { started, completed, refused, abortedByClient, disconnected, recent }
  }
}
