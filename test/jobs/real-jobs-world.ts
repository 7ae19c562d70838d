import pg from 'pg'
import { expect, vi } from 'vitest'
import { type JobQueue, openBackend } from '../../jobs/backend.ts'
import {
  JOB_KINDS,
  JOBS,
  type JobKind,
  ROW_JOB,
  rowJobOptions,
  SWEEP_JOB,
  SWEEP_JOB_OPTIONS,
} from '../../jobs/queues.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { Running } from '../../src/serve.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import type { QueueBackendUnderTest, QueueServer } from '../support/queue-backends.ts'

/** A Farebox whose workers do the real use cases, and a hand on the queues that it shares with other processes. */
export interface JobsWorld {
  readonly farebox: Farebox
  /** Null = the queues live in Farebox's own database. */
  readonly redisUrl: string | null
  readonly queues: Readonly<Record<JobKind, JobQueue>>
  /** Runs a sweep as its tick would, in one of the processes, and waits for its end. */
  sweep(kind: JobKind, payload?: object): Promise<void>
  /** Puts a sweep into its queue. */
  addSweep(kind: JobKind, payload?: object): Promise<string>
  /** Runs the job of one row, and waits for its end. */
  run(kind: JobKind, payload: Record<string, string>): Promise<void>
  /** Waits until a job has completed; throws when it failed. */
  completed(kind: JobKind, jobId: string): Promise<void>
  /** Waits until nothing that these processes have nudged is left to do, the payment provider's webhooks included. */
  settled(...others: Running[]): Promise<void>
  /** No worker takes up another job of a row. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** How many jobs of rows wait. */
  waiting(kind: JobKind): Promise<number>
  /** Ends all ticks, so that what happens in the next minute was not a sweep's work. */
  stopTicks(): Promise<void>
  /** All that the queues hold is gone. */
  forget(): Promise<void>
  /** The queues' server is away, while the ledger's database is there. */
  queuesAway(): Promise<void>
  queuesBack(): Promise<void>
  close(): Promise<void>
}

/** The kinds that a nudge may be for. */
const NUDGED_KINDS = ['auto-top-up', 'mail', 'refund', 'order'] as const
const WAITING_STATES = ['waiting', 'active', 'prioritized'] as const
const RECENT = 50

export async function openJobsWorld(backendUnderTest: QueueBackendUnderTest): Promise<JobsWorld> {
  const server = await backendUnderTest.start()
  const { redisUrl } = server
  const farebox = await startFarebox({
    stripe: true,
    workers: redisUrl === null ? true : { redisUrl },
    ...(redisUrl === null && { database: { connectionString: server.connectionString, drop: server.stop } }),
  })
  const { connectionString } = farebox.database
  const backend = openBackend({ redisUrl, connectionString, use: 'worker', onError: () => undefined })
  await backend.ready()
  const queues = Object.fromEntries(JOB_KINDS.map((kind) => [kind, backend.openQueue(kind)])) as Record<
    JobKind,
    JobQueue
  >
  const outage = outageOf(server)
  // Ids are unique in real time too: a moved clock never gives one twice.
  const jobId = () => uuidV7(systemClock)

  const world: JobsWorld = {
    ...{ farebox, redisUrl, queues, ...outage },
    async sweep(kind, payload = {}) {
      await world.completed(kind, await world.addSweep(kind, payload))
    },
    async addSweep(kind, payload = {}) {
      const id = jobId()
      await queues[kind].add(SWEEP_JOB, payload, { ...SWEEP_JOB_OPTIONS, jobId: id })
      return id
    },
    async run(kind, payload) {
      const id = jobId()
      await queues[kind].add(ROW_JOB, payload, rowJobOptions(kind, Object.values(payload)[0] as string, id))
      await world.completed(kind, id)
    },
    async completed(kind, id) {
      const end = async () => {
        const job = await queues[kind].getJob(id)
        if (job) return job.failedReason ?? (await job.getState())
        // It joined a job of the same row, or will be the one after it: done once nothing of the kind is left.
        const left = await queues[kind].getJobCounts('active', 'waiting', 'prioritized')
        return Object.values(left).every((count) => count === 0) ? 'completed' : 'joined another'
      }
      await vi.waitFor(async () => expect(await end()).toBe('completed'), PATIENCE)
    },
    async settled(...others) {
      await farebox.stripe.control.idle()
      await Promise.all([farebox.running, ...others].map((process) => nudgesArrived(process, queues)))
      await vi.waitFor(async () => expect(await leftToDo(queues)).toEqual([]), PATIENCE)
      await farebox.stripe.control.idle()
    },
    async pause() {
      await Promise.all(NUDGED_KINDS.map((kind) => queues[kind].pause()))
    },
    async resume() {
      await Promise.all(NUDGED_KINDS.map((kind) => queues[kind].resume()))
    },
    async waiting(kind) {
      const jobs = await queues[kind].getJobs(['waiting'])
      return jobs.filter(({ name }) => name === ROW_JOB).length
    },
    async stopTicks() {
      const planned = async () => {
        const counts = JOB_KINDS.map((kind) => queues[kind].getJobSchedulersCount())
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
      }
      // From then on they are looked after once a minute.
      const sweeps = JOB_KINDS.flatMap((kind) => JOBS[kind].sweeps)
      await vi.waitFor(async () => expect(await planned()).toBe(sweeps.length), PATIENCE)
      for (const kind of JOB_KINDS) {
        const schedulers = await queues[kind].getJobSchedulers()
        for (const { key } of schedulers) await queues[kind].removeJobScheduler(key)
      }
    },
    forget: server.forget,
    async close() {
      await Promise.all(JOB_KINDS.map((kind) => queues[kind].close()))
      await backend.end()
      await farebox.close()
      // On PostgreSQL the queues went with Farebox's database.
      if (redisUrl !== null) await server.stop()
    },
  }
  return world
}

/** Nudges of one process arrive in their order: once a last one was worked off, those before it are in their queues. */
async function nudgesArrived({ desk }: Running, queues: JobsWorld['queues']): Promise<void> {
  const orderId = uuidV7(systemClock)
  const done = async () => {
    // Said again, for it is lost as well while the queues' server comes back.
    desk.nudge({ job: 'order', orderId })
    const jobs = await queues.order.getJobs(['completed'], 0, RECENT)
    return jobs.some(({ data }) => (data as { orderId?: string }).orderId === orderId)
  }
  await vi.waitFor(async () => expect(await done()).toBe(true), PATIENCE)
}

/** What waits, runs, or waits for another try, but for the ticks to come. */
async function leftToDo(queues: JobsWorld['queues']): Promise<string[]> {
  const found = JOB_KINDS.map(async (kind) => {
    const [now, later] = await Promise.all([
      queues[kind].getJobs([...WAITING_STATES]),
      queues[kind].getJobs(['delayed']),
    ])
    return [...now, ...later.filter(({ name }) => name === ROW_JOB)].map((job) => `${kind} ${job.name}`)
  })
  return (await Promise.all(found)).flat()
}

/** With Redis, its server; with PostgreSQL the queues' schema alone, because the ledger shares the server. */
function outageOf(server: QueueServer): Pick<JobsWorld, 'queuesAway' | 'queuesBack'> {
  if (server.redisUrl !== null) return { queuesAway: server.goAway, queuesBack: server.comeBack }
  const rename = (from: string, to: string) => async () => {
    const client = new pg.Client({ connectionString: server.connectionString })
    await client.connect()
    try {
      await client.query(`ALTER SCHEMA ${from} RENAME TO ${to}`)
    } finally {
      await client.end()
    }
  }
  return { queuesAway: rename('jobs', 'jobs_away'), queuesBack: rename('jobs_away', 'jobs') }
}
