import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createNudger, type Nudger, startWorkers, type Workers } from '../../jobs/main.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type QueueServer, queueBackends, type RecordedJobs, recordJobs } from '../support/queue-backends.ts'

const BACK_WITHIN_MS = 20_000

describe.each(queueBackends)('while $name is away', (backendUnderTest) => {
  let server: QueueServer
  let jobs: RecordedJobs
  let nudgeErrors: Error[]
  let workErrors: Error[]

  beforeAll(async () => {
    server = await backendUnderTest.start()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    jobs = recordJobs()
    nudgeErrors = []
    workErrors = []
  })

  const open = () => createNudger({ ...server, report: (error) => nudgeErrors.push(error) })
  const work = (nudger: Nudger, more: object = {}) =>
    startWorkers({
      ...server,
      deps: jobs.deps,
      nudge: nudger.nudge,
      report: (error) => workErrors.push(error),
      kinds: ['mail', 'hold-reaper'],
      sweepEveryMs: 500,
      ensureSweepsEveryMs: 200,
      ...more,
    })

  /** Nudges until it gets through: while the server is away, nudges are lost. */
  async function runs(nudger: Nudger): Promise<void> {
    const mailId = uuidV7(systemClock)
    const ran = () => {
      if (!jobs.calls.includes(`mail ${mailId}`)) nudger.nudge({ job: 'mail', mailId })
      return jobs.calls.includes(`mail ${mailId}`)
    }
    await expect.poll(ran, { timeout: BACK_WITHIN_MS, interval: 50 }).toBe(true)
  }

  async function sweeps(): Promise<void> {
    const before = jobs.calls.filter((call) => call === 'reap').length
    const now = () => jobs.calls.filter((call) => call === 'reap').length
    await expect.poll(now, { timeout: BACK_WITHIN_MS }).toBeGreaterThan(before)
  }

  async function closeAll(nudger: Nudger, workers: Workers): Promise<void> {
    await Promise.all([nudger.close(), workers.close()])
  }

  test('nudges are lost with one warning, and workers recover by themselves', async () => {
    const nudger = open()
    const workers = await work(nudger)
    await runs(nudger)
    await sweeps()
    expect([...nudgeErrors, ...workErrors]).toEqual([])

    await server.goAway()
    for (let count = 0; count < 2_000; count += 1) nudger.nudge({ job: 'mail', mailId: uuidV7(systemClock) })
    await vi.waitFor(() => expect(nudgeErrors).toHaveLength(1), { timeout: 10_000 })
    for (let count = 0; count < 2_000; count += 1) nudger.nudge({ job: 'mail', mailId: uuidV7(systemClock) })
    await vi.waitFor(() => expect(workErrors.length).toBeGreaterThan(0), { timeout: 10_000 })

    await server.comeBack()
    await runs(nudger)
    await sweeps()
    expect(nudgeErrors.map(({ message }) => message)).toEqual([
      'Nudges for background jobs are lost while their queues are away; the sweeps will make up for them.',
    ])
    expect(workErrors).toHaveLength(1)
    await closeAll(nudger, workers)
  })

  test('a process that starts meanwhile works once the server is there', async () => {
    await server.goAway()
    const nudger = open()
    const workers = await work(nudger)
    nudger.nudge({ job: 'mail', mailId: uuidV7(systemClock) })
    await vi.waitFor(() => expect(nudgeErrors).toHaveLength(1), { timeout: 10_000 })
    await server.comeBack()
    await runs(nudger)
    await sweeps()
    await closeAll(nudger, workers)
  })

  test('a job that ends meanwhile is run again, not lost', async () => {
    const nudger = open()
    const release = Promise.withResolvers<void>()
    jobs.during = (call) => (call.startsWith('mail') ? release.promise : Promise.resolve())
    const workers = await work(nudger)
    const mailId = uuidV7(systemClock)
    nudger.nudge({ job: 'mail', mailId })
    await vi.waitFor(() => expect(jobs.calls).toContain(`mail ${mailId}`), { timeout: 10_000 })
    await server.goAway()
    release.resolve()
    await vi.waitFor(() => expect(workErrors.length).toBeGreaterThan(0), { timeout: 10_000 })
    await server.comeBack()
    jobs.due.mail = [mailId]
    const times = () => jobs.calls.filter((call) => call === `mail ${mailId}`).length
    await expect.poll(times, { timeout: 58_000 }).toBeGreaterThanOrEqual(2)
    await closeAll(nudger, workers)
  }, 90_000)

  test('a stop is quick', async () => {
    const nudger = open()
    const workers = await work(nudger)
    await runs(nudger)
    await server.goAway()
    nudger.nudge({ job: 'mail', mailId: uuidV7(systemClock) })
    const beganAt = performance.now()
    await closeAll(nudger, workers)
    expect(performance.now() - beganAt).toBeLessThan(8_000)
    await server.comeBack()
  })
})
