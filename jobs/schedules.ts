import type { JobBackend, JobQueue } from './backend.ts'
import { JOBS, type JobKind, SWEEP_JOB, SWEEP_JOB_OPTIONS, type SweepSchedule } from './queues.ts'

/** How soon a schedule that was lost with its queue comes back. */
const ENSURE_EVERY_MS = 60_000
/** How soon it is tried again when the queues could not be asked. */
const RETRY_MS = 5_000

/** The sweeps of a kind; `everyMs` puts another interval in the place of all of them. */
export function sweepsOf(kind: JobKind, everyMs: number | null): readonly SweepSchedule[] {
  const { sweeps } = JOBS[kind]
  if (everyMs === null) return sweeps
  // Not zero, with which the ticks would count from the moment of the first call instead of 1970.
  return sweeps.map((sweep) => ({ ...sweep, everyMs, offsetMs: 1 }))
}

/**
 * Sees to it that a kind's sweeps are planned. The queue keeps the schedule and makes one job of each tick, whose start
 * plans the next one; so of many processes one runs it. Safe to call again and again: a schedule that stands is left
 * alone, one that was lost comes back.
 */
async function ensureSweeps({ queue, sweeps }: PlannedSweeps): Promise<void> {
  for (const sweep of sweeps) {
    // Asked twice, because a tick may end between the two looks that one question takes.
    if ((await isPlanned(queue, sweep)) || (await isPlanned(queue, sweep))) continue
    await queue.upsertJobScheduler(
      sweep.name,
      { every: sweep.everyMs, offset: sweep.offsetMs },
      { name: SWEEP_JOB, data: sweep.payload, opts: SWEEP_JOB_OPTIONS },
    )
  }
}

async function isPlanned(queue: JobQueue, { name, everyMs, offsetMs }: SweepSchedule): Promise<boolean> {
  const standing = await queue.getJobScheduler(name)
  if (standing?.every !== everyMs || Number(standing.offset) !== offsetMs) return false
  const nextTick = await queue.getJob(`repeat:${name}:${standing.next}`)
  const state = await nextTick?.getState()
  return state === 'delayed' || state === 'waiting' || state === 'active'
}

interface PlannedSweeps {
  queue: JobQueue
  sweeps: readonly SweepSchedule[]
}

export interface KeepSweepsOptions {
  backend: JobBackend
  kinds: readonly JobKind[]
  /** Null = each sweep's own interval. */
  everyMs: number | null
  ensureEveryMs?: number | undefined
  onError(error: Error): void
}

export interface KeptSweeps {
  /** Ends once nothing is being planned any more. */
  close(): Promise<void>
}

/** Plans the sweeps now, and looks after them from then on. */
export function keepSweeps({ backend, kinds, everyMs, onError, ...options }: KeepSweepsOptions): KeptSweeps {
  const ensureEveryMs = options.ensureEveryMs ?? ENSURE_EVERY_MS
  const planned = kinds
    .map((kind) => ({ kind, sweeps: sweepsOf(kind, everyMs) }))
    .filter(({ sweeps }) => sweeps.length > 0)
    .map(({ kind, sweeps }) => ({ queue: backend.openQueue(kind), sweeps }))
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  const ensureAll = async () => {
    for (const each of planned) if (!stopped) await ensureSweeps(each)
  }
  // One after the other: while the queues' server is away its answers are waited for, or an error says so at once.
  const keep = async () => {
    const failed = await backend.alone(ensureAll).then(
      () => false,
      (error: Error) => {
        onError(error)
        return true
      },
    )
    if (stopped) return
    timer = setTimeout(start, failed ? Math.min(RETRY_MS, ensureEveryMs) : ensureEveryMs)
    timer.unref()
  }
  let round: Promise<void>
  const start = () => {
    round = keep()
  }
  start()
  return {
    async close() {
      stopped = true
      if (timer) clearTimeout(timer)
      await round
      await Promise.allSettled(planned.map(({ queue }) => queue.close()))
    },
  }
}
