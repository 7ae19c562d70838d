import { UnrecoverableError } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { HANDLERS } from '../../jobs/handlers.ts'
import type { JobDeps } from '../../jobs/job-deps.ts'
import { createOutageReporter } from '../../jobs/outage-reporter.ts'
import { JOB_KINDS, JOBS, rowJobOptions } from '../../jobs/queues.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLogger } from '../../src/lib/logger.ts'
import type { Nudged } from '../../src/lib/nudge.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'

const id = uuidV7(systemClock)

/** What the use cases leave behind: each does its work once, whoever asks and however often. */
function createWorld() {
  const world = { done: [] as string[], expiredWallets: 2_500 }
  const nudges: Nudged[] = []
  const once = (work: string) => {
    if (!world.done.includes(work)) world.done.push(work)
    return Promise.resolve(0)
  }
  const due = () => Promise.resolve([id])
  const deps: JobDeps = {
    clock: systemClock,
    logger: createLogger('silent'),
    ledger: {
      reap: () => once('reap'),
      sweepExpired() {
        const booked = Math.min(world.expiredWallets, 1_000)
        world.expiredWallets -= booked
        return Promise.resolve(booked)
      },
    },
    autoTopUp: { run: (accountId) => once(`top-up ${accountId}`), due },
    mail: { send: (mailId) => once(`mail ${mailId}`), due },
    refunds: { run: (refundId) => once(`refund ${refundId}`), due },
    orders: { sync: (orderId) => once(`order ${orderId}`), due },
    documents: { render: (documentId) => once(`document ${documentId}`), due, issueMissing: () => once('issue') },
    exports: { run: (exportId) => once(`export ${exportId}`), due },
    notices: { queueExpiryNotices: () => once('notices') },
    notifications: {
      tell: async () => {
        await once('notifications')
        return [id]
      },
    },
    webhooks: { deliver: (deliveryId) => once(`webhook ${deliveryId}`), due },
    payments: { reconcile: () => once('reconcile') },
    rollup: { run: () => once('rollup') },
    usageInvoices: { issue: () => once('usage invoices') },
  }
  return { world, nudges, context: { deps, nudge: (nudged: Nudged) => nudges.push(nudged) } }
}

const PAYLOADS: Record<string, object> = {
  'auto-top-up': { accountId: id },
  mail: { mailId: id },
  refund: { refundId: id },
  order: { orderId: id },
  document: { documentId: id },
  export: { exportId: id },
  'webhook-delivery': { deliveryId: id },
}

describe.each(JOB_KINDS)('a job of kind %s', (kind) => {
  const { row, sweep } = HANDLERS[kind]

  test('leaves the same state when it runs twice', async () => {
    const { world, context } = createWorld()
    const run = async () => {
      await row?.(PAYLOADS[kind], context)
      for (const { payload } of JOBS[kind].sweeps) await sweep?.(payload, context)
    }
    await run()
    const after = structuredClone(world)
    await run()
    expect(world).toEqual(after)
    expect(after).not.toEqual(createWorld().world)
  })

  test('refuses a payload that is not as it should be for good', async () => {
    const { world, nudges, context } = createWorld()
    for (const payload of [{ accountId: 'x' }, { ...PAYLOADS[kind], more: 1 }, null, 'text']) {
      if (row) await expect(row(payload, context)).rejects.toBeInstanceOf(UnrecoverableError)
      if (sweep) await expect(sweep(payload, context)).rejects.toBeInstanceOf(UnrecoverableError)
    }
    expect(world).toEqual(createWorld().world)
    expect(nudges).toEqual([])
  })

  test('has payloads of its own shape, sweeps at fixed instants and a bounded number of tries', () => {
    const { payload, sweepPayload, sweeps, attempts, concurrency } = JOBS[kind]
    if (payload) expect(payload.safeParse(PAYLOADS[kind]).success).toBe(true)
    for (const sweep of sweeps) {
      expect(sweepPayload.safeParse(sweep.payload).success).toBe(true)
      expect(sweep.offsetMs).toBeGreaterThan(0)
      expect(sweep.offsetMs).toBeLessThan(sweep.everyMs)
    }
    expect(payload !== null).toBe(row !== undefined)
    expect(attempts).toBeGreaterThan(0)
    expect(attempts).toBeLessThan(10)
    expect(concurrency).toBeGreaterThan(0)
  })
})

test('no two sweeps of one minute share their second', () => {
  const offsets = JOB_KINDS.flatMap((kind) => JOBS[kind].sweeps).filter(({ everyMs }) => everyMs === 60_000)
  expect(new Set(offsets.map(({ offsetMs }) => offsetMs)).size).toBe(offsets.length)
})

test('a sweep nudges every due row, and does not do its work itself', async () => {
  const { world, nudges, context } = createWorld()
  await HANDLERS['auto-top-up'].sweep?.({}, context)
  await HANDLERS.mail.sweep?.({}, context)
  await HANDLERS.refund.sweep?.({}, context)
  await HANDLERS.export.sweep?.({}, context)
  await HANDLERS['payment-reconciliation'].sweep?.({ scope: 'open' }, context)
  expect(nudges).toEqual([
    { job: 'auto-top-up', accountId: id },
    { job: 'mail', mailId: id },
    { job: 'refund', refundId: id },
    { job: 'export', exportId: id },
    { job: 'order', orderId: id },
  ])
  expect(world.done).toEqual([])
})

test('the sweep of expired credits goes on until nothing is left', async () => {
  const { world, context } = createWorld()
  await HANDLERS['expiry-sweep'].sweep?.({}, context)
  expect(world.expiredWallets).toBe(0)
})

test('the jobs of one row are one at a time, and failed ones are kept up to a bound', () => {
  expect(rowJobOptions('mail', id, 'a job')).toMatchObject({
    jobId: 'a job',
    deduplication: { id, keepLastIfActive: true },
    removeOnFail: { count: 500 },
  })
})

test('of an outage, one error a minute is reported', () => {
  let now = 1_000_000
  const reported: string[] = []
  const report = createOutageReporter({ now: () => now }, (error) => reported.push(error.message))
  for (let count = 0; count < 1_000; count += 1) report(new Error(`error ${count}`))
  expect(reported).toEqual(['error 0'])
  now += 60_000
  report(new Error('still away'))
  expect(reported).toEqual(['error 0', 'still away'])
})
