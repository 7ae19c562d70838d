import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { deliverWebhook, dueDeliveries } from '../../src/notifications/deliver-webhook.ts'
import { gatherEvents } from '../../src/notifications/gather-events.ts'
import { tellLowBalances } from '../../src/notifications/low-balance.ts'
import { setNotificationSetting } from '../../src/notifications/notification-setting.ts'
import { createPublicAgent, type PublicAgent } from '../../src/notifications/public-agent.ts'
import { listDeliveries, resendDelivery } from '../../src/notifications/webhook-deliveries.ts'
import { addEndpoint, removeEndpoint, sendTest } from '../../src/notifications/webhook-endpoint.ts'
import { queueExpiryNotices } from '../../src/orders/expiry-notices.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const SECRET = 'a secret to seal with'
/** An order at its end; its books are others' concern. */
const TOP_UP = `
  INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano,
    lot_id, failure_code, failure_message, created_at, paid_at)
  SELECT $1, $3, $2, 'AUTO_TOP_UP', $4::text::order_state, 'STRIPE', false, 'USD', 2000, 2000, 20000000000,
    CASE WHEN $4 = 'PAID' THEN (SELECT id FROM credit_lot WHERE account_id = $2 LIMIT 1) END, $6, $7, $5,
    CASE WHEN $4 = 'PAID' THEN $5::timestamptz END`
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const UNIT = 1_000_000_000n

let farebox: Farebox
let agent: PublicAgent
let receiver: Receiver
let customer: Customer
beforeAll(async () => {
  farebox = await startFarebox()
  agent = createPublicAgent(true)
})
afterAll(async () => {
  await agent.close()
  await farebox.close()
})
beforeEach(async () => {
  receiver = await startReceiver()
  customer = await farebox.customer({ creditNano: 10n * UNIT })
})
afterEach(() => receiver.close())

const deps = () => ({ pool: farebox.pool, clock: farebox.clock })
const sending = () => ({ ...deps(), secret: SECRET, agent })
const add = (url = receiver.url, accountId = customer.accountId) =>
  addEndpoint({ ...deps(), secret: SECRET, isSandbox: true }, { accountId, url, userId: uuidV7(farebox.clock) })
const setLow = (lowBalanceNano: bigint | null) =>
  setNotificationSetting(deps(), {
    ...{ accountId: customer.accountId, lowBalanceNano, expiryMails: true, topUpMails: true, userId: null },
  })

/** What the jobs do, for this account. */
async function deliverDue(): Promise<void> {
  for (const id of await dueDeliveries(deps(), 500)) await deliverWebhook(sending(), id)
}

const log = async () => (await listDeliveries(farebox.pool, customer.accountId, { cursor: null, limit: 50 })).deliveries
const mails = () =>
  farebox.rows<{ data: object }>(
    `SELECT data FROM mail WHERE template = 'low-balance' AND account_id = $1`,
    customer.accountId,
  )

/** Stands for requests and purchases, whose books are others' concern: the sweep looks at the wallet alone. */
const move = (nano: bigint) =>
  farebox.pool.query('UPDATE wallet SET balance_nano = balance_nano + $2 WHERE account_id = $1', [
    ...[customer.accountId, nano],
  ])
const spend = (nano: bigint) => move(-nano)
const give = (nano: bigint) => move(nano)

async function owner(): Promise<void> {
  const id = uuidV7(farebox.clock)
  await farebox.pool.query(
    `INSERT INTO "user" (id, email, name, email_verified, created_at, updated_at) VALUES ($1, $2, 'Owner', true, now(), now())`,
    [id, `${id}@example.test`],
  )
  await farebox.pool.query(
    `INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES (gen_random_uuid(), $1, $2, 'OWNER', now())`,
    [id, customer.accountId],
  )
}

describe('a low balance', () => {
  test('is told once a crossing, by mail and webhook, and again after the balance was back', async () => {
    await owner()
    const { secret } = await add()
    await setLow(5n * UNIT)
    await tellLowBalances(deps())
    expect(await mails()).toEqual([])

    await spend(6n * UNIT)
    await Promise.all([tellLowBalances(deps()), tellLowBalances(deps()), tellLowBalances(deps())])
    await spend(1n * UNIT)
    await tellLowBalances(deps())
    await deliverDue()
    expect(await mails()).toMatchObject([{ data: { balance: '$4.00', threshold: '$5.00', path: '/credits' } }])
    expect(receiver.received).toHaveLength(1)
    const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: string }]
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'credits.low_balance',
      id: headers['webhook-id'],
      data: { balance: '4', threshold: '5', currency: 'USD' },
    })
    expect(() => new Webhook(secret).verify(body.replace('"4"', '"400"'), headers)).toThrow('No matching signature')

    await give(2n * UNIT)
    await tellLowBalances(deps())
    expect(await mails()).toHaveLength(1)
    await spend(1n)
    await tellLowBalances(deps())
    await deliverDue()
    expect(await mails()).toHaveLength(2)
    expect(receiver.received).toHaveLength(2)
    expect(receiver.received[0]?.headers['webhook-id']).not.toBe(receiver.received[1]?.headers['webhook-id'])
  })

  test('is not told where nobody asked, and another threshold is armed anew', async () => {
    await owner()
    await spend(9n * UNIT)
    await tellLowBalances(deps())
    expect(await mails()).toEqual([])
    await setLow(2n * UNIT)
    await tellLowBalances(deps())
    await setLow(2n * UNIT)
    await tellLowBalances(deps())
    expect(await mails()).toHaveLength(1)
    await setLow(3n * UNIT)
    await tellLowBalances(deps())
    expect(await mails()).toHaveLength(2)
    await setLow(null)
    await tellLowBalances(deps())
    expect(await mails()).toHaveLength(2)
  })
})

describe('a delivery', () => {
  test('is tried again, later each time, under one id, until it is taken', async () => {
    const { endpoint, secret } = await add()
    await sendTest(deps(), customer.accountId, endpoint.id)
    const waits: number[] = []
    for (const answer of [500, null, 302, 404]) {
      receiver.answer = answer
      const before = receiver.received.length
      await deliverDue()
      expect(receiver.received).toHaveLength(before + 1)
      const [one] = await log()
      expect(one).toMatchObject({ state: 'PENDING', lastStatus: answer })
      expect(one?.lastError).not.toBeNull()
      waits.push(Math.round(((one?.nextAttemptAt ?? 0) - farebox.clock.now()) / SECOND_MS))
      await deliverDue()
      expect(receiver.received).toHaveLength(before + 1)
      farebox.clock.advance((one?.nextAttemptAt ?? 0) - farebox.clock.now() + 1)
    }
    expect(waits).toEqual([5, 300, 1_800, 7_200])
    receiver.answer = 200
    await deliverDue()
    expect(await log()).toMatchObject([
      { state: 'DELIVERED', attempts: 5, lastStatus: 200, lastError: null, nextAttemptAt: null },
    ])
    const { received } = receiver
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    for (const { headers, body } of received) {
      const at = new Date(Number(headers['webhook-timestamp']) * SECOND_MS)
      const expected = new Webhook(secret).sign(String(headers['webhook-id']), at, body)
      expect(headers['webhook-signature']).toBe(expected)
    }
  })

  test('is given up after eight tries, and sent again by hand', async () => {
    const { endpoint } = await add()
    const id = await sendTest(deps(), customer.accountId, endpoint.id)
    receiver.answer = 503
    for (let count = 0; count < 10; count += 1) {
      await deliverDue()
      farebox.clock.advance(11 * HOUR_MS)
    }
    expect(await log()).toMatchObject([{ state: 'FAILED', attempts: 8, lastError: 'The receiver answered 503.' }])
    receiver.answer = 204
    await resendDelivery(farebox.pool, customer.accountId, id)
    await deliverDue()
    expect(await log()).toMatchObject([{ state: 'DELIVERED', attempts: 9 }])
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test('is made by one of many who try at once', async () => {
    const { endpoint } = await add()
    const id = await sendTest(deps(), customer.accountId, endpoint.id)
    await Promise.all([1, 2, 3, 4].map(() => deliverWebhook(sending(), id)))
    expect(receiver.received).toHaveLength(1)
  })

  test('goes nowhere once its address is removed, and follows nothing elsewhere', async () => {
    const { endpoint } = await add()
    await sendTest(deps(), customer.accountId, endpoint.id)
    await removeEndpoint(deps(), customer.accountId, endpoint.id)
    await deliverDue()
    expect(receiver.received).toEqual([])
    expect(await log()).toMatchObject([{ state: 'CANCELED' }])
    await expect(resendDelivery(farebox.pool, customer.accountId, (await log())[0]?.id ?? '')).rejects.toThrow(
      'was removed',
    )
  })
})

describe('an address', () => {
  test('is somebody’s own: others find none', async () => {
    const { endpoint } = await add()
    const other = await farebox.customer()
    await expect(removeEndpoint(deps(), other.accountId, endpoint.id)).rejects.toThrow('There is no such endpoint')
    await expect(sendTest(deps(), other.accountId, endpoint.id)).rejects.toThrow('There is no such endpoint')
    const id = await sendTest(deps(), customer.accountId, endpoint.id)
    await expect(resendDelivery(farebox.pool, other.accountId, id)).rejects.toThrow('There is no such delivery')
  })

  test('is one of at most five, each once, with a secret that lies sealed', async () => {
    const { secret } = await add()
    await expect(add()).rejects.toThrow('told already')
    await Promise.allSettled([1, 2, 3, 4, 5, 6].map((number) => add(`${receiver.url}/${number}`)))
    expect(
      await farebox.rows('SELECT id FROM webhook_endpoint WHERE account_id = $1', customer.accountId),
    ).toHaveLength(5)
    const [row] = await farebox.rows<{ sealed: Buffer }>(
      'SELECT secret_sealed AS sealed FROM webhook_endpoint WHERE account_id = $1',
      customer.accountId,
    )
    expect(row?.sealed.includes(Buffer.from(secret))).toBe(false)
  })
})

describe('what happened', () => {
  test('to credits that expire is told once a notice', async () => {
    await add()
    await farebox.credit(customer.accountId, 3n * UNIT, farebox.clock.now() + 6 * DAY_MS)
    await queueExpiryNotices(deps())
    await gatherEvents(deps())
    await gatherEvents(deps())
    await deliverDue()
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'credits.expiring', data: { amount: '3', currency: 'USD', daysBefore: 7 } },
    ])
  })

  test('to automatic top-ups is told once an end, and not what was before the address', async () => {
    await topUp('PAID')
    farebox.clock.advance(10)
    await add()
    farebox.clock.advance(10)
    const failed = await topUp('FAILED')
    const paid = await topUp('PAID')
    await Promise.all([gatherEvents(deps()), gatherEvents(deps())])
    await gatherEvents(deps())
    await deliverDue()
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'top_up.failed', data: { orderId: failed, amount: '20', code: 'card_declined', reason: 'Declined.' } },
      { type: 'top_up.succeeded', data: { orderId: paid, amount: '20', credits: '20', currency: 'USD' } },
    ])
  })

  async function topUp(state: 'PAID' | 'FAILED'): Promise<string> {
    const id = uuidV7(farebox.clock)
    const at = new Date(farebox.clock.now())
    const [code, message] = state === 'FAILED' ? ['card_declined', 'Declined.'] : [null, null]
    await farebox.pool.query(TOP_UP, [id, customer.accountId, `RF${id.slice(-18)}`, state, at, code, message])
    await farebox.pool.query(
      `INSERT INTO order_transition (order_id, ordinal, from_state, to_state, cause, created_at) VALUES ($1, 1, NULL, $2, 'test', $3)`,
      [id, state, at],
    )
    farebox.clock.advance(5)
    return id
  }
})
