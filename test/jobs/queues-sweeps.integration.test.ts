import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { HANDLERS } from '../../jobs/handlers.ts'
import { createNudger, type Nudger, startWorkers, type Workers } from '../../jobs/main.ts'
import { JOB_KINDS, JOBS, type JobKind } from '../../jobs/queues.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type QueueServer, queueBackends, type RecordedJobs, recordJobs } from '../support/queue-backends.ts'

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

  async function work(kinds: readonly JobKind[], sweepEveryMs: number, more: object = {}): Promise<Workers> {
    const workers = await startWorkers({
      ...server,
      deps: jobs.deps,
      nudge: nudger.nudge,
      report: (error) => errors.push(error),
      kinds,
      sweepEveryMs,
      ...more,
    })
    running.push(workers)
    return workers
  }

  test('the sweep finds what a lost queue left undone', async () => {
    const id = () => uuidV7(systemClock)
    const [accountId, mailId, refundId, orderId] = [id(), id(), id(), id()]
    const [documentId, exportId] = [id(), id()]
    const early = createNudger({ ...server, report: (error) => errors.push(error) })
    early.nudge({ job: 'auto-top-up', accountId })
    early.nudge({ job: 'mail', mailId })
    await early.close()
    await server.forget()
    jobs.due = {
      ...{ autoTopUp: [accountId], mail: [mailId], refunds: [refundId], orders: [orderId] },
      ...{ documents: [documentId], exports: [exportId], webhooks: [] },
    }
    await work(['auto-top-up', 'mail', 'refund', 'order', 'document', 'export', 'payment-reconciliation'], 500)
    const expected = [`auto-top-up ${accountId}`, `mail ${mailId}`, `refund ${refundId}`, `order ${orderId}`]
    expected.push(`document ${documentId}`, `export ${exportId}`)
    await vi.waitFor(() => expect(jobs.calls).toEqual(expect.arrayContaining(expected)), { timeout: 10_000 })
  })

  test('a sweep of hundreds of rows runs each of them once', async () => {
    jobs.due.mail = Array.from({ length: 450 }, () => uuidV7(systemClock))
    await work(['mail'], HOUR_MS)
    await HANDLERS.mail.sweep?.({}, { deps: jobs.deps, nudge: nudger.nudge })
    await vi.waitFor(() => expect(jobs.calls.filter((call) => call.startsWith('mail'))).toHaveLength(450), {
      timeout: 20_000,
    })
    const mailed = jobs.calls.filter((call) => call.startsWith('mail')).map((call) => call.split(' ')[1])
    expect(mailed.sort()).toEqual([...jobs.due.mail].sort())
  })

  test('of two workers, one runs each tick of a sweep', async () => {
    const everyMs = 500
    const beganAt = Date.now()
    const first = await work(['hold-reaper'], everyMs)
    await work(['hold-reaper'], everyMs)
    const sweeps = () => jobs.calls.filter((call) => call === 'reap').length
    await vi.waitFor(() => expect(sweeps()).toBeGreaterThanOrEqual(6), { timeout: 20_000 })
    const ticks = Math.floor(Date.now() / everyMs) - Math.floor(beganAt / everyMs)
    expect(sweeps()).toBeLessThanOrEqual(ticks)
    // And the ticks go on when one of the two is gone.
    await first.close()
    const before = sweeps()
    await vi.waitFor(() => expect(sweeps()).toBeGreaterThanOrEqual(before + 3), { timeout: 20_000 })
  })

  test('many workers that start at once plan each sweep once', async () => {
    const everyMs = 500
    const beganAt = Date.now()
    await Promise.all(Array.from({ length: 6 }, () => work(['usage-rollup'], everyMs)))
    const sweeps = () => jobs.calls.filter((call) => call === 'rollup').length
    await vi.waitFor(() => expect(sweeps()).toBeGreaterThanOrEqual(5), { timeout: 20_000 })
    expect(sweeps()).toBeLessThanOrEqual(Math.floor(Date.now() / everyMs) - Math.floor(beganAt / everyMs))
  })

  test('a schedule that was lost with its queue comes back', async () => {
    await work(['hold-reaper'], 300, { ensureSweepsEveryMs: 100 })
    await vi.waitFor(() => expect(jobs.calls.length).toBeGreaterThanOrEqual(2), { timeout: 10_000 })
    await server.forget()
    const before = jobs.calls.length
    await vi.waitFor(() => expect(jobs.calls.length).toBeGreaterThanOrEqual(before + 4), { timeout: 10_000 })
  })

  test('a sweep that fails runs again at the next tick', async () => {
    jobs.during = () => Promise.reject(new Error('the database is away'))
    const outcomes: string[] = []
    await work(['expiry-notices'], 300, { onEvent: ({ outcome }: { outcome: string }) => outcomes.push(outcome) })
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThanOrEqual(2), { timeout: 10_000 })
    jobs.during = () => Promise.resolve()
    await expect.poll(() => outcomes.at(-1), { timeout: 10_000 }).toBe('completed')
  })

  test('a worker of all kinds plans all sweeps, starts and stops', async () => {
    const workers = await work(JOB_KINDS, 400)
    const sweeps = [
      'due autoTopUp',
      'due mail',
      'due refunds',
      'due documents',
      'due exports',
      'due webhooks',
      'due orders',
      'reap',
      'sweepExpired',
    ]
    const rest = ['queueExpiryNotices', 'tell', 'reconcile', 'rollup', 'usageInvoices']
    await vi.waitFor(() => expect(new Set(jobs.calls)).toEqual(new Set([...sweeps, ...rest])), { timeout: 10_000 })
    await workers.close()
    expect(Object.keys(JOBS).sort()).toEqual([...JOB_KINDS].sort())
  })
})
