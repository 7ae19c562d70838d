import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balanceCents } from '../orders/money-in-calls.ts'
import { CLEAN, type Customer, PATIENCE } from '../support/farebox.ts'
import { queueBackends } from '../support/queue-backends.ts'
import {
  BOUGHT_CENTS,
  cents,
  chargesOf,
  DECLINING_CARD,
  entriesOf,
  mailsOf,
  spend,
  THRESHOLD_CENTS,
  TOP_UP_CENTS,
  toppedUpCustomer,
  topUpsOf,
} from './paying-customer-world.ts'
import { type JobsWorld, openJobsWorld } from './real-jobs-world.ts'

const HOUR_MS = 3_600_000
const CAPTURES = 50

describe.each(queueBackends)('automatic top-up with its queue on $name', (backendUnderTest) => {
  let world: JobsWorld

  beforeAll(async () => {
    world = await openJobsWorld(backendUnderTest)
    await world.stopTicks()
  })
  afterAll(() => world.close())

  const farebox = () => world.farebox
  const balance = (customer: Customer) => balanceCents(farebox(), customer)
  const ask = (client: OpenAI) =>
    client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
  /** What one request of `ask` is charged, in nano. */
  async function priceOfOne(customer: Customer): Promise<bigint> {
    await ask(customer.client)
    const prices = () =>
      farebox().rows<{ price_nano: string }>(
        'SELECT price_nano FROM usage_event WHERE account_id = $1',
        customer.accountId,
      )
    await expect.poll(prices, PATIENCE).toHaveLength(1)
    return BigInt((await prices())[0]?.price_nano as string)
  }

  test('one capture that crosses the threshold is answered with a charge at once, without any sweep', async () => {
    const customer = await toppedUpCustomer(farebox())
    await spend(farebox(), customer, cents(BOUGHT_CENTS - THRESHOLD_CENTS))
    await world.settled()
    expect(await topUpsOf(farebox(), customer)).toEqual([])
    await ask(customer.client)
    await expect.poll(() => topUpsOf(farebox(), customer), PATIENCE).toEqual(['PAID'])
    const jobs = await world.queues['auto-top-up'].getJobs(['completed', 'failed', 'active'])
    expect(jobs.map(({ name }) => name)).not.toContain('sweep')
    expect(await chargesOf(farebox(), customer)).toBe(1)
  })

  test('fifty requests at once in two processes that cross the threshold make one charge and one credit', async () => {
    const other = await farebox().another()
    const customer = await toppedUpCustomer(farebox())
    const price = await priceOfOne(customer)
    // The threshold is crossed by the twenty-fifth of them, whichever it is.
    await spend(farebox(), customer, cents(BOUGHT_CENTS - THRESHOLD_CENTS) - 25n * price)
    const elsewhere = new OpenAI({
      apiKey: customer.secret,
      baseURL: `http://127.0.0.1:${other.port}/v1`,
      maxRetries: 0,
    })
    await Promise.all(Array.from({ length: CAPTURES }, (_, index) => ask(index % 2 ? elsewhere : customer.client)))
    await expect.poll(() => topUpsOf(farebox(), customer), PATIENCE).toEqual(['PAID'])
    await world.settled(other)
    // And again, by all that could: a sweep, and a job for the row.
    await world.sweep('auto-top-up')
    await world.run('auto-top-up', { accountId: customer.accountId })
    await world.settled(other)
    expect(await topUpsOf(farebox(), customer)).toEqual(['PAID'])
    expect(await chargesOf(farebox(), customer)).toBe(1)
    expect(await entriesOf(farebox(), customer)).toEqual([`PURCHASE ${BOUGHT_CENTS}`, `AUTO_TOP_UP ${TOP_UP_CENTS}`])
    const [sum] = await farebox().rows<{ balance_nano: string }>(
      'SELECT balance_nano FROM wallet WHERE account_id = $1',
      customer.accountId,
    )
    expect(BigInt(sum?.balance_nano as string)).toBe(cents(THRESHOLD_CENTS + TOP_UP_CENTS) - 26n * price)
    await other.stop()
    expect(await farebox().verify()).toBe(CLEAN)
  })

  test('a nudge that is lost with its queue is made up for by the sweep', async () => {
    const customer = await toppedUpCustomer(farebox())
    await world.settled()
    await world.pause()
    await spend(farebox(), customer, cents(900))
    await expect.poll(() => world.waiting('auto-top-up'), PATIENCE).toBe(1)
    await world.forget()
    expect(await world.waiting('auto-top-up')).toBe(0)
    await world.settled()
    expect(await topUpsOf(farebox(), customer)).toEqual([])
    await world.sweep('auto-top-up')
    await expect.poll(() => topUpsOf(farebox(), customer), PATIENCE).toEqual(['PAID'])
    await world.settled()
    expect(await chargesOf(farebox(), customer)).toBe(1)
    expect(await balance(customer)).toBe(BOUGHT_CENTS - 900 + TOP_UP_CENTS)
  })

  test('a nudge while the queues are away is lost without harm to its request; the sweep makes up for it', async () => {
    const customer = await toppedUpCustomer(farebox())
    await world.settled()
    const lost = () => farebox().log.filter((line) => line.includes('the queues cannot be reached')).length
    const lostBefore = lost()
    await world.queuesAway()
    await spend(farebox(), customer, cents(900))
    expect((await ask(customer.client)).choices).toHaveLength(1)
    await expect.poll(lost, PATIENCE).toBe(lostBefore + 1)
    await world.queuesBack()
    await world.settled()
    expect(await topUpsOf(farebox(), customer)).toEqual([])
    await world.sweep('auto-top-up')
    await expect.poll(() => topUpsOf(farebox(), customer), PATIENCE).toEqual(['PAID'])
    await world.settled()
    expect(await chargesOf(farebox(), customer)).toBe(1)
  })

  test('three declines switch it off and mail once, by the jobs and the clock alone', async () => {
    const customer = await toppedUpCustomer(farebox(), DECLINING_CARD)
    const hoursLater = async (hours: number) => {
      farebox().clock.advance(hours * HOUR_MS)
      await world.sweep('auto-top-up')
      // And a nudge, which asks nobody whether it is time.
      await world.run('auto-top-up', { accountId: customer.accountId })
      await world.settled()
      return topUpsOf(farebox(), customer)
    }
    await spend(farebox(), customer, cents(900))
    await expect.poll(() => topUpsOf(farebox(), customer), PATIENCE).toEqual(['FAILED'])
    expect(await hoursLater(0)).toHaveLength(1)
    expect(await hoursLater(1)).toEqual(['FAILED', 'FAILED'])
    expect(await hoursLater(5)).toHaveLength(2)
    expect(await hoursLater(1)).toEqual(['FAILED', 'FAILED', 'FAILED'])
    expect(await hoursLater(24)).toHaveLength(3)
    expect(await hoursLater(24 * 40)).toHaveLength(3)
    await world.sweep('mail')
    await world.settled()
    const mails = (await mailsOf(farebox(), customer)).filter(({ template }) => template.startsWith('top-up'))
    expect(mails).toMatchObject([{ template: 'top-up-suspended', state: 'SENT', attempts: 1 }])
    expect(await chargesOf(farebox(), customer)).toBe(0)
    expect(await balance(customer)).toBe(BOUGHT_CENTS - 900)
    expect(await farebox().verify()).toBe(CLEAN)
  })
})
