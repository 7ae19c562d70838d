import { UnrecoverableError } from 'bullmq'
import { createInFlight, type InFlight } from '../src/lib/in-flight.ts'
import type { Nudge } from '../src/lib/nudge.ts'
import { type JobBackend, type JobProcessor, type JobWorker, openBackend } from './backend.ts'
import { HANDLERS } from './handlers.ts'
import type { JobContext, JobDeps } from './job-deps.ts'
import { createOutageReporter } from './outage-reporter.ts'
import { JOB_KINDS, JOBS, type JobKind, ROW_JOB, SWEEP_JOB } from './queues.ts'
import { keepSweeps } from './schedules.ts'
import { within } from './within.ts'

export { createNudger, type Nudger, type NudgerOptions } from './nudger.ts'

/** A job whose worker says nothing for so long is given to another one; a running worker says so twice in that time. */
const LOCK_MS = 20_000
const LOOK_FOR_STALLED_EVERY_MS = 10_000
/** Between two tries to reach a server that is away. */
const RETRY_MS = 1_000
/** How long a stop waits for running jobs; what still runs then is taken up by another process. */
const CLOSE_TIMEOUT_MS = 20_000
/** How long it waits for the queues' server to be told. */
const END_TIMEOUT_MS = 2_000

export interface JobEvent {
  kind: JobKind
  /** How one try ended; a job may fail several times before it completes. */
  outcome: 'completed' | 'failed'
}

export interface WorkersOptions {
  redisUrl: string | null
  connectionString: string
  deps: JobDeps
  /** What the sweeps nudge with. */
  nudge: Nudge
  /** Hears of queues that cannot be reached, at most once a minute. */
  report(error: Error): void
  /** All, if not said. */
  kinds?: readonly JobKind[]
  onEvent?(event: JobEvent): void
  /** Null or not said = each sweep's own interval. */
  sweepEveryMs?: number | null
  ensureSweepsEveryMs?: number
  closeTimeoutMs?: number
}

export interface Workers {
  /** Takes no more jobs, waits for the running ones (20 s if not said otherwise), and lets go of the connections. */
  close(): Promise<void>
}

/**
 * What works: processes with the worker role. Also keeps the schedules.
 * @throws the database's error when the queues' tables are missing and may not be created. A server that is away is
 *   reported and waited for in the background instead.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { redisUrl, connectionString, deps, report, kinds = JOB_KINDS } = options
  let closing = false
  const reportOutage = createOutageReporter(deps.clock, report)
  const onError = (error: Error) => {
    if (!closing) reportOutage(error)
  }
  const backend = openBackend({ redisUrl, connectionString, use: 'worker', onError })
  await backend.ready().catch(async (error: Error) => {
    if (!isRefusal(error)) return onError(error)
    await backend.end()
    throw error
  })
  const inFlight = createInFlight()
  const workers = kinds.map((kind) => openKind(backend, kind, options, inFlight))
  const sweeps = keepSweeps({
    backend,
    kinds,
    everyMs: options.sweepEveryMs ?? null,
    ensureEveryMs: options.ensureSweepsEveryMs,
    onError,
  })

  const close = async () => {
    closing = true
    const closed = Promise.allSettled([...workers, sweeps].map((each) => each.close()))
    await within(options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS, 'Waiting for running jobs', inFlight.idle()).catch(report)
    // Longer only while the server is away, or for a job that was reported just now.
    await within(END_TIMEOUT_MS, 'Closing the queues', closed).catch(() =>
      Promise.all(workers.map((worker) => worker.abandon())),
    )
    await within(END_TIMEOUT_MS, 'Closing the connection to the queues', backend.end()).catch(report)
  }
  let closed: Promise<void> | null = null
  return {
    close() {
      closed ??= close()
      return closed
    },
  }
}

/** Wrong password, no such database, no such right and the like (SQLSTATE classes): waiting will not help. */
function isRefusal(error: unknown): boolean {
  return /^(28|3D|3F|42)/.test((error as { code?: string }).code ?? '')
}

function openKind(
  backend: JobBackend,
  kind: JobKind,
  { deps, nudge, onEvent }: WorkersOptions,
  inFlight: InFlight,
): JobWorker {
  const worker = backend.openWorker(kind, processorOf(kind, { deps, nudge }, inFlight), {
    concurrency: JOBS[kind].concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOOK_FOR_STALLED_EVERY_MS,
    runRetryDelay: RETRY_MS,
  })
  worker.on('completed', () => onEvent?.({ kind, outcome: 'completed' }))
  worker.on('failed', (job, error) => {
    onEvent?.({ kind, outcome: 'failed' })
    deps.logger.warn({ err: error, kind, job: job?.data, attempt: job?.attemptsMade }, 'a background job failed')
  })
  return worker
}

function processorOf(kind: JobKind, context: JobContext, inFlight: InFlight): JobProcessor {
  const { row, sweep } = HANDLERS[kind]
  const byName: Record<string, typeof row> = { [ROW_JOB]: row, [SWEEP_JOB]: sweep }
  return async (job) => {
    const handle = byName[job.name]
    if (!handle) throw new UnrecoverableError(`There is no job '${job.name}' of kind ${kind}.`)
    inFlight.enter()
    try {
      await handle(job.data, context)
    } finally {
      inFlight.leave()
    }
  }
}
