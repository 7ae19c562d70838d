/** Buckets for each factor of e: a value is known to about 0.8 %, as good as a run repeats. */
const BUCKETS_PER_E = 64
/** Longest time told apart, 10 minutes in microseconds. */
const MICROSECONDS_MAX = 600_000_000
const BUCKET_COUNT = Math.ceil(Math.log(MICROSECONDS_MAX) * BUCKETS_PER_E) + 1

export interface Percentiles {
  p50: number
  p90: number
  p99: number
  max: number
}

/** Counts durations in logarithmic buckets, so that recording one costs nothing and a run of any length fits. */
export class Histogram {
  private readonly counts = new Uint32Array(BUCKET_COUNT)
  private total = 0
  private maxMs = 0

  record(durationMs: number): void {
    const microseconds = Math.min(Math.max(durationMs * 1000, 1), MICROSECONDS_MAX)
    const bucket = Math.floor(Math.log(microseconds) * BUCKETS_PER_E)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.total += 1
    if (durationMs > this.maxMs) this.maxMs = durationMs
  }

  /** In milliseconds; zeros when nothing was recorded. */
  percentiles(): Percentiles {
    return { p50: this.at(0.5), p90: this.at(0.9), p99: this.at(0.99), max: this.maxMs }
  }

  private at(share: number): number {
    const rank = Math.ceil(this.total * share)
    let seen = 0
    for (let bucket = 0; bucket < BUCKET_COUNT && rank > 0; bucket += 1) {
      seen += this.counts[bucket] ?? 0
      if (seen >= rank) return Math.min(Math.exp((bucket + 0.5) / BUCKETS_PER_E) / 1000, this.maxMs)
    }
    return 0
  }
}
