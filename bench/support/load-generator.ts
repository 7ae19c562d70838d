import { Histogram } from './histogram.ts'
import { LoadConnection } from './load-connection.ts'
import type { LoadJob, LoadMessage, LoadResult } from './load-job.ts'

/**
 * A process of its own that takes one `LoadJob` after another over IPC and answers each with `measuring` (the warm-up is
 * over) and `done`. One process serves the whole bench, so that each target meets the same, warmed-up generator.
 */

/** A reply that takes longer counts as a failure. */
const REPLY_MS_MAX = 30_000
const REPLY_CHECK_MS = 1_000
/** Replies still on their way when the time is over are awaited, not cut: a cut one would be work for the next round. */
const DRAIN_MS_MAX = 5_000
/** Beyond it there is nothing left to measure. */
const FAILURES_MAX = 10_000
const FAILURE_REASONS_MAX = 5

class LoadRun {
  private readonly job: LoadJob
  private readonly connections: LoadConnection[]
  private latency = new Histogram()
  private firstByte = new Histogram()
  private requests = 0
  private failures = 0
  private failureReasons = new Map<string, number>()
  private startedAt = performance.now()
  private durationMs = 0
  private isMeasuring = false
  private isOver = false
  private end: () => void = () => {}

  constructor(job: LoadJob) {
    this.job = job
    const recorder = {
      succeeded: (latencyMs: number, firstByteMs: number) => this.succeeded(latencyMs, firstByteMs),
      failed: (reason: string) => this.failed(reason),
      wantsMore: () => !this.isOver,
    }
    this.connections = Array.from({ length: job.connections }, () => new LoadConnection(job, recorder))
  }

  async run(onMeasuring: () => void): Promise<LoadResult> {
    const check = setInterval(() => this.abandonLate(), REPLY_CHECK_MS)
    await sleep(this.job.warmUpMs)
    this.beginMeasuring()
    onMeasuring()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.job.measureMs)
      this.end = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.isOver) this.end()
    })
    this.finish()
    const drainUntil = performance.now() + DRAIN_MS_MAX
    while (this.connections.some(({ isWaiting }) => isWaiting) && performance.now() < drainUntil) await sleep(5)
    clearInterval(check)
    for (const connection of this.connections) connection.stop()
    return this.result()
  }

  /** Failures of the warm-up stay: they say that something is wrong. */
  private beginMeasuring(): void {
    this.latency = new Histogram()
    this.firstByte = new Histogram()
    this.requests = 0
    this.startedAt = performance.now()
    this.isMeasuring = true
  }

  private finish(): void {
    if (this.durationMs === 0) this.durationMs = performance.now() - this.startedAt
    this.isOver = true
    this.end()
  }

  private succeeded(latencyMs: number, firstByteMs: number): void {
    if (this.isOver) return
    this.requests += 1
    this.latency.record(latencyMs)
    this.firstByte.record(firstByteMs)
    if (this.isMeasuring && this.requests >= this.job.requestsMax) this.finish()
  }

  private failed(reason: string): void {
    this.failures += 1
    if (this.failureReasons.has(reason) || this.failureReasons.size < FAILURE_REASONS_MAX) {
      this.failureReasons.set(reason, (this.failureReasons.get(reason) ?? 0) + 1)
    }
    if (this.failures >= FAILURES_MAX) this.finish()
  }

  private abandonLate(): void {
    const oldest = performance.now() - REPLY_MS_MAX
    for (const connection of this.connections) {
      if (connection.isWaiting && connection.sentAt < oldest) connection.abandon('no reply in time')
    }
  }

  private result(): LoadResult {
    return {
      requests: this.requests,
      failures: this.failures,
      failureReasons: Object.fromEntries(this.failureReasons),
      durationMs: this.durationMs,
      requestsPerSecond: this.durationMs > 0 ? (this.requests * 1000) / this.durationMs : 0,
      latencyMs: this.latency.percentiles(),
      firstByteMs: this.firstByte.percentiles(),
    }
  }
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

function tell(message: LoadMessage): void {
  process.send?.(message)
}

process.on('disconnect', () => process.exit(0))
// The bench decides when to stop; a Ctrl-C in the terminal reaches this process too.
process.on('SIGINT', () => {})
process.on('message', (job: LoadJob) => {
  new LoadRun(job)
    .run(() => tell({ kind: 'measuring' }))
    .then(
      (result) => tell({ kind: 'done', result }),
      (error: unknown) => tell({ kind: 'failed', message: String(error) }),
    )
})
tell({ kind: 'ready' })
