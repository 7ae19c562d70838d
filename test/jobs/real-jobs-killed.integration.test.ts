import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { JOBS, type JobKind } from '../../jobs/queues.ts'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { buy } from '../orders/money-in-calls.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE } from '../support/farebox.ts'
import { type QueueBackendUnderTest, queueBackends } from '../support/queue-backends.ts'
import { startOtherProcess } from './other-process-world.ts'
import {
  BOUGHT_CENTS,
  cents,
  chargesOf,
  customerWithOwner,
  entriesOf,
  spend,
  TOP_UP_CENTS,
  toppedUpCustomer,
  topUpsOf,
} from './paying-customer-world.ts'
import { type JobsWorld, openJobsWorld } from './real-jobs-world.ts'

/** As many as keep two processes busy, so that each has half of them in hand. */
const TOP_UPS = 2 * JOBS['auto-top-up'].concurrency
const REFUNDS = 2 * JOBS.refund.concurrency
/** Less than half, so that a second refund would be possible. */
const REFUNDED_CENTS = 400n
const MINUTE_MS = 60_000
const STAFF = '01900000-0000-7000-8000-0000000000aa'
/** A dead process's jobs are given to another one within 30 s. */
const TAKEN_UP = { timeout: 50_000, interval: 100 }
const TEST_TIMEOUT_MS = 85_000

test.concurrent.each(queueBackends)(
  'what a process had in hand when it was killed (kill -9) another one finishes, once, with the queues on $name',
  (backendUnderTest) => withWorld(backendUnderTest, killOneOfTwo),
  TEST_TIMEOUT_MS,
)

async function withWorld(backendUnderTest: QueueBackendUnderTest, body: (world: JobsWorld) => Promise<void>) {
  const world = await openJobsWorld(backendUnderTest)
  try {
    await body(world)
  } finally {
    world.farebox.stripe.control.endOutages()
    await world.close()
  }
}

async function killOneOfTwo(world: JobsWorld): Promise<void> {
  const { farebox, redisUrl, queues } = world
  const { control, url: stripeUrl } = farebox.stripe
  await world.settled()
  await world.pause()
  const customers = await dueCustomers(farebox)
  const refunded = await refundedCustomers(farebox)
  const other = await startOtherProcess({ connectionString: farebox.database.connectionString, redisUrl, stripeUrl })
  // Half of the jobs wait for the database before they have written anything, half for the provider's answer.
  const unlock = await lockTopUps(farebox)
  const allAsked = control.holdCalls({ count: REFUNDS, path: '/v1/refunds' })
  await world.resume()
  await allAsked
  await vi.waitFor(async () => expect(await queues['auto-top-up'].getActiveCount()).toBe(TOP_UPS), PATIENCE)
  await other.kill()
  // The provider made the refunds that it was asked for, and nobody is told of them.
  control.drop()
  control.releaseCalls()
  await vi.waitFor(() => expect(refundsMade(farebox)).toBe(REFUNDS), PATIENCE)
  control.deliver({ mode: 'normal' })
  farebox.clock.advance(2 * MINUTE_MS)
  await unlock()

  await vi.waitFor(async () => expect(await idle(world, ['auto-top-up', 'refund'])).toBe(true), TAKEN_UP)
  await world.settled()
  expect(await takenOver(world, 'auto-top-up')).toBe(TOP_UPS / 2)
  expect(await takenOver(world, 'refund')).toBe(REFUNDS / 2)
  for (const customer of customers) {
    expect(await topUpsOf(farebox, customer)).toEqual(['PAID'])
    expect(await chargesOf(farebox, customer)).toBe(1)
    expect(await entriesOf(farebox, customer)).toEqual([`PURCHASE ${BOUGHT_CENTS}`, `AUTO_TOP_UP ${TOP_UP_CENTS}`])
  }
  for (const customer of refunded) {
    expect(await entriesOf(farebox, customer)).toEqual([`PURCHASE ${BOUGHT_CENTS}`, `REFUND -${REFUNDED_CENTS}`])
  }
  expect(refundsMade(farebox)).toBe(REFUNDS)
  expect(await farebox.verify()).toBe(CLEAN)
}

/** Customers whose automatic top-up is due, each with a nudge in the queue. */
async function dueCustomers(farebox: Farebox): Promise<Customer[]> {
  const customers = await Promise.all(Array.from({ length: TOP_UPS }, () => toppedUpCustomer(farebox)))
  for (const customer of customers) await spend(farebox, customer, cents(900))
  return customers
}

/** Customers who asked for a part of their money back, likewise. */
async function refundedCustomers(farebox: Farebox): Promise<Customer[]> {
  const customers = await Promise.all(Array.from({ length: REFUNDS }, () => customerWithOwner(farebox)))
  for (const customer of customers) {
    const orderId = await buy(farebox, customer, BOUGHT_CENTS)
    const asked = { orderId, accountId: null, totalMinor: REFUNDED_CENTS, reason: 'A customer asked', actorId: STAFF }
    await requestRefund(farebox.running.desk, { ...asked, idempotencyKey: null })
  }
  return customers
}

/** Keeps every automatic top-up from being begun. */
async function lockTopUps({ database }: Farebox): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.connectionString })
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT FROM auto_top_up FOR UPDATE')
  return async () => {
    await client.query('COMMIT')
    await client.end()
  }
}

const refundsMade = ({ stripe }: Farebox): number =>
  stripe.control.events().filter(({ type }) => type === 'refund.created').length

async function idle({ queues }: JobsWorld, kinds: JobKind[]): Promise<boolean> {
  const counts = kinds.map((kind) => queues[kind].getJobCountByTypes('active', 'waiting', 'delayed'))
  const schedulers = kinds.map((kind) => queues[kind].getJobSchedulersCount())
  const sum = (numbers: number[]) => numbers.reduce((left, right) => left + right, 0)
  // Each schedule's next tick is a job that waits.
  return sum(await Promise.all(counts)) === sum(await Promise.all(schedulers))
}

/** How many jobs a worker has taken up that another one had let go without a word. */
async function takenOver({ queues }: JobsWorld, kind: JobKind): Promise<number> {
  const jobs = await queues[kind].getJobs(['completed'])
  return jobs.filter(({ stalledCounter }) => stalledCounter > 0).length
}
