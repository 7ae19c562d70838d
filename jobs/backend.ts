import {
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobProgress,
  Queue,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { connectToPostgres } from './postgres-backend.ts'
import type { JobKind } from './queues.ts'
import { connectToRedis } from './redis-backend.ts'

export interface BackendOptions {
  /** Null = the queues live in PostgreSQL, in a schema of their own. */
  redisUrl: string | null
  connectionString: string
  /**
   * A producer gives up soon when its server is away: a nudge may be lost, nothing may wait for one. A worker waits
   * until the server is back.
   */
  use: 'producer' | 'worker'
  /** Hears of every connection that fails, which may be many a second. */
  onError(error: Error): void
}

/** One process's way to the server where the queues live. */
export interface BackendConnection {
  /**
   * Resolves once the server can be asked.
   * @throws when it is away, or refuses.
   */
  ready(): Promise<void>
  factory: BackendFactory<IQueueBackend, unknown>
  /** Does a piece of work that consists of several questions and answers while no other process does any. */
  alone(work: () => Promise<void>): Promise<void>
  /** Before the names of all keys, where the server knows no schemas. */
  prefix?: string
  /** How long an idle worker waits before it looks for jobs unasked, in seconds. */
  lookAnywaySeconds: number
  /** Closes the connections; queues and workers are closed before. */
  end(): Promise<void>
}

export type JobQueue = Queue<object, unknown, string, object, unknown, string, IQueueBackend, unknown>
export type JobProcessor = (job: Job<object, void, string>) => Promise<void>
export type JobWorkerOptions = Pick<WorkerOptions, 'concurrency' | 'lockDuration' | 'stalledInterval' | 'runRetryDelay'>

export class JobWorker extends Worker<object, void, string, IQueueBackend, JobProgress, unknown> {
  /** Stops speaking for a job that does not end: its lock runs out, and another worker takes it up. */
  async abandon(): Promise<void> {
    await this.lockManager.close()
  }
}

/** Events are for live views of a queue; nobody reads old ones. */
const EVENTS_KEPT_MAX = 500

export interface JobBackend extends Pick<BackendConnection, 'ready' | 'alone' | 'end'> {
  openQueue(kind: JobKind): JobQueue
  openWorker(kind: JobKind, processor: JobProcessor, options: JobWorkerOptions): JobWorker
}

export function openBackend(options: BackendOptions): JobBackend {
  const { redisUrl } = options
  const server = redisUrl === null ? connectToPostgres(options) : connectToRedis({ ...options, redisUrl })
  // The factories know their connection.
  const place = { connection: {} as unknown, ...(server.prefix === undefined ? {} : { prefix: server.prefix }) }
  return {
    ready: server.ready,
    alone: server.alone,
    end: server.end,
    openQueue(kind) {
      const queueOptions = { ...place, streams: { events: { maxLen: EVENTS_KEPT_MAX } } }
      const queue: JobQueue = new Queue(kind, queueOptions, server.factory)
      queue.on('error', options.onError)
      return queue
    },
    openWorker(kind, processor, workerOptions) {
      const drainDelay = server.lookAnywaySeconds
      const worker = new JobWorker(kind, processor, { ...place, ...workerOptions, drainDelay }, server.factory)
      worker.on('error', options.onError)
      return worker
    },
  }
}
