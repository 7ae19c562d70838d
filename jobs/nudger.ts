import { type Clock, systemClock } from '../src/lib/clock.ts'
import type { Nudge, Nudged } from '../src/lib/nudge.ts'
import { uuidV7 } from '../src/lib/uuid-v7.ts'
import { type JobBackend, type JobQueue, openBackend } from './backend.ts'
import { type JobKind, nudgedRow, ROW_JOB, rowJobOptions } from './queues.ts'
import { within } from './within.ts'

/** Nudges that wait in this process. More come only while the queues' server is away, and the sweeps will find them. */
const WAITING_MAX = 10_000
const NUDGES_PER_SEND_MAX = 200
const SEND_TIMEOUT_MS = 3_000
const CLOSE_TIMEOUT_MS = 5_000

export interface NudgerOptions {
  redisUrl: string | null
  connectionString: string
  /** Hears once of each outage. */
  report(error: Error): void
  /** For the time within the jobs' ids. */
  clock?: Clock
}

export interface Nudger {
  nudge: Nudge
  /** Sends what waits, then lets go of the connections. Nudges from then on are lost, as they may be. */
  close(): Promise<void>
}

/**
 * What enqueues: every process has one.
 *
 * Nudges that come while others are being sent wait for the next send, which takes all of them at once. The same nudge
 * twice among those that wait is sent once; one that is being sent does not count as waiting, because its job may have
 * begun already and have seen the row as it was before.
 */
export function createNudger({ redisUrl, connectionString, report, clock = systemClock }: NudgerOptions): Nudger {
  const outage = createOutage(report)
  const backend = openBackend({ redisUrl, connectionString, use: 'producer', onError: outage.seen })
  const producers = createProducers(backend, clock)
  const waiting = new Map<string, Nudged>()
  let sending: Promise<void> | null = null
  let closed: Promise<void> | null = null

  async function send(): Promise<void> {
    // The rest of what is said in this turn of the loop goes along.
    await Promise.resolve()
    while (waiting.size > 0) {
      const batch = takeFrom(waiting)
      try {
        await within(SEND_TIMEOUT_MS, 'Enqueuing background jobs', producers.add(batch))
        outage.over()
      } catch (error) {
        outage.dropped(error)
      }
    }
    // In the same breath as the look at what waits, so that no nudge comes in between and is left behind.
    sending = null
  }

  async function close(): Promise<void> {
    const farewell = async () => {
      await sending
      await producers.close()
    }
    await within(CLOSE_TIMEOUT_MS, 'Closing the queues', farewell()).catch(outage.dropped)
    await within(CLOSE_TIMEOUT_MS, 'Closing the connection to the queues', backend.end()).catch(outage.dropped)
  }

  return {
    nudge(nudged) {
      if (closed) return
      const key = `${nudged.job} ${nudgedRow(nudged).rowId}`
      if (waiting.size >= WAITING_MAX && !waiting.has(key)) return outage.dropped(null)
      waiting.set(key, nudged)
      sending ??= send()
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}

/** Tells of each outage once, when it first costs a nudge. */
function createOutage(report: (error: Error) => void) {
  let told = false
  let lastSeen: Error | null = null
  return {
    seen(error: Error): void {
      lastSeen = error
    },
    dropped(cause: unknown): void {
      if (told) return
      told = true
      const message =
        'Nudges for background jobs are lost while their queues are away; the sweeps will make up for them.'
      report(new Error(message, { cause: cause ?? lastSeen }))
    },
    over(): void {
      told = false
    },
  }
}

function takeFrom(waiting: Map<string, Nudged>): Nudged[] {
  const keys = [...waiting.keys()].slice(0, NUDGES_PER_SEND_MAX)
  return keys.map((key) => {
    const nudged = waiting.get(key) as Nudged
    waiting.delete(key)
    return nudged
  })
}

interface Producers {
  /** @throws when any of them could not be enqueued */
  add(batch: readonly Nudged[]): Promise<void>
  close(): Promise<void>
}

function createProducers(backend: JobBackend, clock: Clock): Producers {
  const queues = new Map<JobKind, JobQueue>()

  function queueOf(kind: JobKind): JobQueue {
    const queue = queues.get(kind) ?? backend.openQueue(kind)
    queues.set(kind, queue)
    return queue
  }

  async function addOf(kind: JobKind, batch: readonly Nudged[]): Promise<void> {
    const jobs = batch.map((nudged) => {
      const { rowId, payload } = nudgedRow(nudged)
      return { name: ROW_JOB, data: payload, opts: rowJobOptions(kind, rowId, uuidV7(clock)) }
    })
    try {
      await queueOf(kind).addBulk(jobs)
    } catch (error) {
      // A queue whose connection failed while it was being opened stays useless: the next nudge opens another.
      const useless = queues.get(kind)
      queues.delete(kind)
      await useless?.close().catch(() => undefined)
      throw error
    }
  }

  return {
    async add(batch) {
      await backend.ready()
      const kinds = new Set(batch.map(({ job }) => job))
      const added = [...kinds].map((kind) =>
        addOf(
          kind,
          batch.filter(({ job }) => job === kind),
        ),
      )
      const results = await Promise.allSettled(added)
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    },
  }
}
