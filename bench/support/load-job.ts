import type { Percentiles } from './histogram.ts'

/** One run of load against one target. */
export interface LoadJob {
  host: string
  port: number
  /** The whole HTTP request, head and body, sent again and again. */
  request: string
  connections: number
  warmUpMs: number
  /** Longest measured time. */
  measureMs: number
  /** The measured time ends early after so many replies. */
  requestsMax: number
}

export interface LoadResult {
  /** Complete replies with a 2xx status within the measured time. */
  requests: number
  failures: number
  /** The first few kinds of failure with their number. */
  failureReasons: Record<string, number>
  durationMs: number
  requestsPerSecond: number
  latencyMs: Percentiles
  firstByteMs: Percentiles
}

/** What the load generator's process tells its parent. */
export type LoadMessage =
  | { kind: 'ready' }
  | { kind: 'measuring' }
  | { kind: 'done'; result: LoadResult }
  | { kind: 'failed'; message: string }
