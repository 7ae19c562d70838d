import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBackend } from '../../jobs/backend.ts'
import { createNudger, type Nudger, startWorkers, type Workers } from '../../jobs/main.ts'
import { type JobKind, ROW_JOB } from '../../jobs/queues.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type QueueServer, queueBackends, type RecordedJobs, recordJobs } from '../support/queue-backends.ts'

/** Long enough for a second run to show itself where there should be none. */
const HOUR_MS = 3_600_000

describe.each(queueBackends)('on $name', (backendUnderTest) => {
  let server: QueueServer
  let jobs: RecordedJobs
  let nudger: Nudger
  let running: Workers[]
  let errors: Error[]

  beforeAll(async () => {
    server = await backendUnderTest.start()
  })
  afterAll(() => server.stop())

  beforeEach(() => {
    jobs = recordJobs()
    errors = []
    running = []
    nudger = createNudger({ ...server, report: (error) => errors.push(error) })
  })
  afterEach(async () => {
    await nudger.close()
    await Promise.all(running.map((workers) => workers.close()))
    await server.forget()
    expect(errors.map(({ message }) => message)).toEqual([])
  })

  async function work(kinds: readonly JobKind[], more: object = {}): Promise<Workers> {
    const workers = await startWorkers({
      ...server,
      deps: jobs.deps,
      nudge: nudger.nudge,
      report: (error) => errors.push(error),
      kinds,
      sweepEveryMs: HOUR_MS,
      ...more,
    })
    running.push(workers)
    return workers
  }

  /** Looks at a queue as the back office does. */
  async function look<T>(
    kind: JobKind,
    at: (queue: ReturnType<ReturnType<typeof openBackend>['openQueue']>) => Promise<T>,
  ): Promise<T> {
    const backend = openBackend({ ...server, use: 'producer', onError: (error) => errors.push(error) })
    await backend.ready()
    const queue = backend.openQueue(kind)
    try {
      return await at(queue)
    } finally {
      await queue.close()
      await backend.end()
    }
  }

  /** A job of another row that ends after everything that was enqueued before it: then nothing more is to come. */
  async function afterAllOthers(kind: 'mail' | 'auto-top-up'): Promise<void> {
    const id = uuidV7(systemClock)
    nudger.nudge(kind === 'mail' ? { job: kind, mailId: id } : { job: kind, accountId: id })
    await vi.waitFor(() => expect(jobs.calls).toContain(`${kind} ${id}`), { timeout: 10_000 })
    await vi.waitFor(async () => {
      const counts = await look(kind, (queue) => queue.getJobCounts('waiting', 'active'))
      expect(counts).toEqual({ waiting: 0, active: 0 })
    })
    jobs.calls.splice(jobs.calls.indexOf(`${kind} ${id}`), 1)
  }

  test('a nudge of each kind runs its job, once', async () => {
    await work(['auto-top-up', 'mail', 'refund', 'order'])
    const [a, b, c, d] = [1, 2, 3, 4].map(() => uuidV7(systemClock)) as [string, string, string, string]
    nudger.nudge({ job: 'auto-top-up', accountId: a })
    nudger.nudge({ job: 'mail', mailId: b })
    nudger.nudge({ job: 'refund', refundId: c })
    nudger.nudge({ job: 'order', orderId: d })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(4))
    await afterAllOthers('mail')
    await afterAllOthers('auto-top-up')
    expect([...jobs.calls].sort()).toEqual([`auto-top-up ${a}`, `mail ${b}`, `order ${d}`, `refund ${c}`].sort())
  })

  test('ten nudges for one account while its job waits run once', async () => {
    const accountId = uuidV7(systemClock)
    for (let count = 0; count < 10; count += 1) {
      nudger.nudge({ job: 'auto-top-up', accountId })
      // Each is seen by the queue's server, rather than joined with the others in this process.
      await expect.poll(() => look('auto-top-up', (queue) => queue.getWaitingCount())).toBe(1)
    }
    await work(['auto-top-up'])
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(1))
    await afterAllOthers('auto-top-up')
    expect(jobs.calls).toEqual([`auto-top-up ${accountId}`])
  })

  test('nudges of several processes for one account run once', async () => {
    const accountId = uuidV7(systemClock)
    const others = [1, 2, 3].map(() => createNudger({ ...server, report: (error) => errors.push(error) }))
    for (const each of [nudger, ...others]) each.nudge({ job: 'auto-top-up', accountId })
    await Promise.all(others.map((each) => each.close()))
    await work(['auto-top-up'])
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(1))
    await afterAllOthers('auto-top-up')
    expect(jobs.calls).toEqual([`auto-top-up ${accountId}`])
  })

  test('nudges during a run lead to exactly one more run, after it', async () => {
    const accountId = uuidV7(systemClock)
    const release = Promise.withResolvers<void>()
    const seen: string[] = []
    jobs.during = async (call) => {
      seen.push(`begin ${call}`)
      if (seen.length === 1) await release.promise
      seen.push(`end ${call}`)
    }
    await work(['auto-top-up'])
    nudger.nudge({ job: 'auto-top-up', accountId })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(1))
    for (let count = 0; count < 3; count += 1) nudger.nudge({ job: 'auto-top-up', accountId })
    // Sent by another process, and known to be with the server when it has closed.
    const other = createNudger({ ...server, report: (error) => errors.push(error) })
    other.nudge({ job: 'auto-top-up', accountId })
    await other.close()
    release.resolve()
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(2))
    await afterAllOthers('auto-top-up')
    expect(jobs.calls).toHaveLength(2)
    const mine = seen.filter((line) => line.includes(accountId)).map((line) => line.split(' ')[0])
    expect(mine).toEqual(['begin', 'end', 'begin', 'end'])
  })

  test('a job that fails is tried again later and kept as failed, and does not block the next nudge', async () => {
    const accountId = uuidV7(systemClock)
    const triedAt: number[] = []
    const outcomes: string[] = []
    jobs.during = async () => {
      triedAt.push(performance.now())
      throw new Error('the card was declined')
    }
    await work(['auto-top-up'], { onEvent: ({ outcome }: { outcome: string }) => outcomes.push(outcome) })
    nudger.nudge({ job: 'auto-top-up', accountId })
    const failures = () => look('auto-top-up', (queue) => queue.getFailed())
    await expect.poll(async () => (await failures()).length, { timeout: 30_000 }).toBe(1)
    expect(triedAt).toHaveLength(4)
    const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] as number))
    expect(waits[0]).toBeGreaterThan(900)
    expect(waits[1]).toBeGreaterThan(1_900)
    expect(waits[2]).toBeGreaterThan(3_900)
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 'failed'])
    const [failed] = await failures()
    expect(failed).toMatchObject({ data: { accountId }, failedReason: 'the card was declined', attemptsMade: 4 })

    jobs.during = () => Promise.resolve()
    nudger.nudge({ job: 'auto-top-up', accountId })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(5))
    await expect.poll(() => outcomes.at(-1)).toBe('completed')
    expect(await failures()).toHaveLength(1)
  })

  test('a nudge while a job waits for its next try joins it', async () => {
    const mailId = uuidV7(systemClock)
    let refusals = 1
    jobs.during = async () => {
      if (refusals-- > 0) throw new Error('the mail server is away')
    }
    await work(['mail'])
    nudger.nudge({ job: 'mail', mailId })
    await expect
      .poll(() =>
        look('mail', (queue) => queue.getDelayed()).then((jobs) => jobs.filter(({ name }) => name === ROW_JOB).length),
      )
      .toBe(1)
    nudger.nudge({ job: 'mail', mailId })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(2), { timeout: 10_000 })
    await afterAllOthers('mail')
    expect(jobs.calls).toEqual([`mail ${mailId}`, `mail ${mailId}`])
  })

  test('a payload that does not parse is not tried again', async () => {
    await work(['refund'])
    await look('refund', (queue) => queue.add(ROW_JOB, { refundId: 'none' }, { attempts: 4, jobId: 'one' }))
    await look('refund', (queue) => queue.add('unheard-of', {}, { attempts: 4, jobId: 'other' }))
    const failures = () => look('refund', (queue) => queue.getFailed())
    await expect.poll(async () => (await failures()).length).toBe(2)
    const failed = await failures()
    expect(failed.map(({ attemptsMade }) => attemptsMade)).toEqual([1, 1])
    expect(failed.map(({ failedReason }) => failedReason).join()).toMatch(/payload of a job of kind refund is wrong/)
    expect(jobs.calls).toEqual([])
  })

  test('close waits for the running job, and leaves the waiting ones to others', async () => {
    const release = Promise.withResolvers<void>()
    const ended: string[] = []
    jobs.during = async (call) => {
      await release.promise
      ended.push(call)
    }
    const ids = Array.from({ length: 6 }, () => uuidV7(systemClock))
    const workers = await work(['refund'])
    for (const refundId of ids) nudger.nudge({ job: 'refund', refundId })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(2))
    let closed = false
    const closing = workers.close().then(() => {
      closed = true
    })
    // Round trips to the server, in which a close that does not wait would have ended.
    for (let count = 0; count < 10; count += 1) await look('refund', (queue) => queue.getActiveCount())
    expect(closed).toBe(false)
    release.resolve()
    await closing
    expect(ended).toHaveLength(2)
    expect(jobs.calls).toHaveLength(2)
    await work(['refund'])
    await vi.waitFor(() => expect(ended).toHaveLength(6))
    expect(jobs.calls.map((call) => call.split(' ')[1]).sort()).toEqual([...ids].sort())
  })

  test('close gives up on a job that does not end', async () => {
    const never = Promise.withResolvers<void>()
    jobs.during = () => never.promise
    const workers = await work(['refund'], { closeTimeoutMs: 50 })
    nudger.nudge({ job: 'refund', refundId: uuidV7(systemClock) })
    await vi.waitFor(() => expect(jobs.calls).toHaveLength(1))
    await workers.close()
    expect(errors.splice(0).map(({ message }) => message)).toEqual(['Waiting for running jobs took longer than 50 ms.'])
    never.resolve()
  })

  test('the median nudge reaches a waiting worker in well under 100 ms', async () => {
    const startedAt = new Map<string, number>()
    jobs.during = (call) => {
      startedAt.set(call.split(' ')[1] as string, performance.now())
      return Promise.resolve()
    }
    await work(['mail'])
    await afterAllOthers('mail')
    const latencies: number[] = []
    for (let count = 0; count < 200; count += 1) {
      const mailId = uuidV7(systemClock)
      const nudgedAt = performance.now()
      nudger.nudge({ job: 'mail', mailId })
      await vi.waitFor(() => expect(startedAt.has(mailId)).toBe(true), { interval: 2 })
      latencies.push((startedAt.get(mailId) as number) - nudgedAt)
    }
    latencies.sort((a, b) => a - b)
    console.info(
      `${backendUnderTest.name}: a nudge reaches its job in ${latencies[100]?.toFixed(1)} ms (median), ${latencies[190]?.toFixed(1)} ms (95 of 100)`,
    )
    expect(latencies[100]).toBeLessThan(50)
  })
})
