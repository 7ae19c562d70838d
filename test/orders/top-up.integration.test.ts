import { afterAll, beforeAll, expect, test } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { ordersToAsk, syncOrder } from '../../src/orders/stripe/sync-order.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { dueTopUps, runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { balanceCents, buy, callApi } from './money-in-calls.ts'

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox.close())

const control = () => farebox.stripe.control
const desk = () => farebox.running.desk
const HOUR_MS = 3_600_000

interface Wish {
  card?: string
  thresholdCents?: number
  amountCents?: number
  dailyCapCents?: number
  monthlyCapCents?: number
}

/** A customer with 10.00, a saved card and automatic top-up below 8.00 by 20.00, and an owner to mail to. */
async function toppedUp({ card = 'pm_card_visa', ...wish }: Wish = {}): Promise<Customer> {
  const customer = await farebox.customer({ creditNano: 0n })
  await farebox.rows(
    `WITH person AS (INSERT INTO "user" (id, email, name, created_at) VALUES (gen_random_uuid(), $2, 'Owner', now()) RETURNING id)
     INSERT INTO membership (id, user_id, account_id, role, created_at) SELECT gen_random_uuid(), id, $1, 'OWNER', now() FROM person`,
    customer.accountId,
    `${customer.accountId}@example.test`,
  )
  await buy(farebox, customer, 1_000, true)
  if (card !== 'pm_card_visa') await saveCard(customer, card)
  const answer = await setTopUp(customer, wish)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return customer
}

async function saveCard(customer: Customer, card: string): Promise<void> {
  const { body } = await callApi(farebox, customer, 'POST', '/credits/setup-session')
  await control().pay(body.id as string, { card })
  await control().idle()
}

const setTopUp = (customer: Customer, wish: Omit<Wish, 'card'> & Record<string, unknown> = {}) =>
  callApi(farebox, customer, 'PUT', '/v1/auto-top-up', {
    ...{ enabled: true, thresholdCents: 800, amountCents: 2_000, consentVersion: CONSENT_VERSION },
    ...wish,
  })

/** Spends without a request upstream. */
async function spend({ accountId }: Customer, cents: number): Promise<void> {
  const { ledger } = farebox.running.gateway
  const price = BigInt(cents) * NANO_PER_CENT
  const request = requestOf(farebox.clock, accountId, { price })
  if (!(await ledger.authorize(request)).granted) throw new Error('not affordable')
  await ledger.resolve(captureOf(request, price))
}

const run = (customer: Customer) => runTopUp(desk(), customer.accountId)
const topUps = (customer: Customer) =>
  farebox.rows(
    `SELECT state, failure_code FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP' ORDER BY id`,
    customer.accountId,
  )
/** What the payment provider was asked to charge for the account's orders. */
async function chargesOf({ accountId }: Customer) {
  const orders = await farebox.rows<{ id: string }>(
    `SELECT id FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP'`,
    accountId,
  )
  const ids = new Set(orders.map(({ id }) => id))
  const created = control()
    .events()
    .filter(({ type }) => type === 'payment_intent.created')
  return created.filter(({ object }) =>
    ids.has((object as { metadata: Record<string, string> }).metadata.farebox_order ?? ''),
  )
}
const mails = (customer: Customer) =>
  farebox.rows<{ template: string; data: { path: string; code?: string } }>(
    `SELECT template, data FROM mail WHERE account_id = $1 AND template LIKE 'top-up%' ORDER BY id`,
    customer.accountId,
  )
const settings = async (customer: Customer) => (await callApi(farebox, customer, 'GET', '/v1/auto-top-up')).body

test('fifty captures at once that cross the threshold lead to exactly one charge', async () => {
  const customer = await toppedUp()
  await Promise.all(Array.from({ length: 50 }, () => spend(customer, 10)))
  await Promise.all(Array.from({ length: 50 }, () => run(customer)))
  await control().idle()
  expect(await chargesOf(customer)).toHaveLength(1)
  expect(await topUps(customer)).toEqual([{ state: 'PAID', failure_code: null }])
  expect(await balanceCents(farebox, customer)).toBe(1_000 - 500 + 2_000)
  expect(await run(customer)).toBe('nothing')
  expect(await farebox.verify()).toBe(CLEAN)
})

test('nothing is charged above the threshold, nor at it', async () => {
  const customer = await toppedUp()
  await spend(customer, 200)
  expect(await run(customer)).toBe('nothing')
  await spend(customer, 1)
  expect(await dueTopUps(desk(), 100)).toContain(customer.accountId)
  expect(await run(customer)).toBe('charged')
})

test('the credits come with the signed confirmation, not with the answer to the charge', async () => {
  const customer = await toppedUp()
  await spend(customer, 900)
  control().deliver({ mode: 'hold' })
  expect(await run(customer)).toBe('charged')
  expect(await balanceCents(farebox, customer)).toBe(100)
  expect(await run(customer)).toBe('nothing')
  control().deliver({ mode: 'normal' })
  await control().release('reversed')
  await control().idle()
  expect(await balanceCents(farebox, customer)).toBe(2_100)
})

test('a charge whose confirmation is lost is found by asking, and not charged again', async () => {
  const customer = await toppedUp()
  await spend(customer, 900)
  control().drop()
  await run(customer)
  control().deliver({ mode: 'normal' })
  farebox.clock.advance(3 * 60_000)
  const [asked] = await farebox.rows<{ id: string }>(
    `SELECT id FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP'`,
    customer.accountId,
  )
  expect(await ordersToAsk(desk(), 100)).toContain(asked?.id)
  await syncOrder(desk(), asked?.id as string)
  expect(await balanceCents(farebox, customer)).toBe(2_100)
  expect(await chargesOf(customer)).toHaveLength(1)
})

test('a charge whose answer is lost is asked for again with the same key: one charge', async () => {
  const customer = await toppedUp()
  await spend(customer, 900)
  control().deliver({ mode: 'hold' })
  control().outage({ status: 'disconnect', count: 3, path: '/v1/payment_intents', after: true })
  await expect(run(customer)).rejects.toThrow()
  expect(await dueTopUps(desk(), 100)).toContain(customer.accountId)
  expect(await run(customer)).toBe('charged')
  control().deliver({ mode: 'normal' })
  await control().release()
  await control().idle()
  expect(await chargesOf(customer)).toHaveLength(1)
  expect(await topUps(customer)).toEqual([{ state: 'PAID', failure_code: null }])
})

test('three declines switch automatic top-up off and mail once; the waits between them are kept', async () => {
  const customer = await toppedUp({ card: '4000000000000341' })
  await spend(customer, 900)
  expect(await run(customer)).toBe('declined')
  expect(await settings(customer)).toMatchObject({ failures: 1, lastResult: 'generic_decline', suspendedReason: null })
  expect(await dueTopUps(desk(), 100)).not.toContain(customer.accountId)
  expect(await run(customer)).toBe('nothing')
  farebox.clock.advance(HOUR_MS)
  expect(await run(customer)).toBe('declined')
  farebox.clock.advance(5 * HOUR_MS)
  expect(await run(customer)).toBe('nothing')
  farebox.clock.advance(HOUR_MS)
  expect(await run(customer)).toBe('declined')
  await control().idle()
  expect(await settings(customer)).toMatchObject({ failures: 3, suspendedReason: 'three_failures' })
  farebox.clock.advance(365 * 24 * HOUR_MS)
  expect(await run(customer)).toBe('nothing')
  expect(await dueTopUps(desk(), 100)).not.toContain(customer.accountId)
  expect(await topUps(customer)).toHaveLength(3)
  expect(await mails(customer)).toMatchObject([{ template: 'top-up-suspended', data: { code: 'generic_decline' } }])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('the link in the mail leads to a page on which a new card resumes it, and the top-up that was missed is made', async () => {
  const customer = await toppedUp({ card: '4000000000000341' })
  await spend(customer, 900)
  for (const hours of [0, 1, 6]) {
    farebox.clock.advance(hours * HOUR_MS)
    await run(customer)
  }
  const [mail] = await mails(customer)
  const link = `${farebox.url}${mail?.data.path}`
  expect(await (await fetch(link)).text()).toContain('Automatic top-up has stopped')
  const leads = await fetch(link, { method: 'POST', redirect: 'manual' })
  expect(leads.status).toBe(303)
  const sessionId = /cs_[^/?#]+/.exec(leads.headers.get('location') as string)?.[0] as string
  await control().pay(sessionId, { card: '4242424242424242' })
  await control().idle()
  expect(await settings(customer)).toMatchObject({ suspendedReason: null, failures: 0, lastResult: 'resumed' })
  expect(await run(customer)).toBe('charged')
  await control().idle()
  expect(await balanceCents(farebox, customer)).toBe(2_100)
  expect((await fetch(link)).status).toBe(404)
  const consents = await farebox.rows(
    `SELECT actor_kind FROM top_up_consent WHERE account_id = $1 ORDER BY id`,
    customer.accountId,
  )
  expect(consents).toEqual([{ actor_kind: 'access_key' }, { actor_kind: 'recovery_link' }])
})

test('a charge that the bank wants confirmed mails a link once, and is paid there with one charge in all', async () => {
  const customer = await toppedUp({ card: '4000002760003184' })
  await spend(customer, 900)
  expect(await run(customer)).toBe('action_needed')
  await control().idle()
  expect(await run(customer)).toBe('nothing')
  expect(await topUps(customer)).toEqual([{ state: 'REQUIRES_ACTION', failure_code: 'authentication_required' }])
  const [mail] = await mails(customer)
  expect(mail).toMatchObject({ template: 'top-up-action-needed' })
  const follow = () => fetch(`${farebox.url}${mail?.data.path}`, { redirect: 'manual' })
  const [first, second] = [await follow(), await follow()]
  expect([first.status, second.headers.get('location')]).toEqual([303, first.headers.get('location')])
  const sessionId = /cs_[^/?#]+/.exec(first.headers.get('location') as string)?.[0] as string
  await control().pay(sessionId, { card: '4000002760003184', authenticate: 'complete' })
  await control().idle()
  expect(await topUps(customer)).toEqual([{ state: 'PAID', failure_code: null }])
  expect(await balanceCents(farebox, customer)).toBe(2_100)
  expect(await mails(customer)).toHaveLength(1)
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a confirmation that does not come within a day counts as a failure and can no longer be paid', async () => {
  const customer = await toppedUp({ card: '4000002760003184' })
  await spend(customer, 900)
  await run(customer)
  await control().idle()
  farebox.clock.advance(25 * HOUR_MS)
  const [order] = await farebox.rows<{ id: string; payment_intent_id: string }>(
    `SELECT id, payment_intent_id FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP'`,
    customer.accountId,
  )
  await syncOrder(desk(), order?.id as string)
  expect(await topUps(customer)).toEqual([{ state: 'FAILED', failure_code: 'authentication_required' }])
  const intent = await desk().stripe.api.paymentIntents.retrieve(order?.payment_intent_id as string)
  expect(intent.status).toBe('canceled')
  expect(await settings(customer)).toMatchObject({ failures: 1 })
})

test('a hard decline switches it off at once', async () => {
  const customer = await toppedUp({ card: '4000000000000341' })
  await farebox.rows(`UPDATE auto_top_up SET payment_method_id = 'pm_gone' WHERE account_id = $1`, customer.accountId)
  await spend(customer, 900)
  expect(await run(customer)).toBe('declined')
  expect(await settings(customer)).toMatchObject({
    suspendedReason: 'hard_decline',
    lastResult: 'payment_method_unusable',
  })
  expect(await mails(customer)).toHaveLength(1)
})

test('the daily and the monthly cap are never passed, and let go when their period ends (UTC)', async () => {
  const customer = await toppedUp({ dailyCapCents: 3_000, monthlyCapCents: 5_000 })
  const cycle = async () => {
    await spend(customer, (await balanceCents(farebox, customer)) - 100)
    const outcome = await run(customer)
    await control().idle()
    return outcome
  }
  expect(await cycle()).toBe('charged')
  expect(await cycle()).toBe('nothing')
  expect(await settings(customer)).toMatchObject({ lastResult: 'daily_cap' })
  farebox.clock.advance(24 * HOUR_MS)
  expect(await run(customer)).toBe('charged')
  await control().idle()
  await spend(customer, 1_900)
  farebox.clock.advance(24 * HOUR_MS)
  expect(await run(customer)).toBe('nothing')
  expect(await settings(customer)).toMatchObject({ lastResult: 'monthly_cap' })
  farebox.clock.advance(31 * 24 * HOUR_MS)
  expect(await run(customer)).toBe('charged')
  await control().idle()
  expect(await farebox.verify()).toBe(CLEAN)
})

test('what was agreed to is recorded: who, when, which text, from where, to what', async () => {
  const customer = await toppedUp({ dailyCapCents: 4_000 })
  const [consent] = await farebox.rows('SELECT * FROM top_up_consent WHERE account_id = $1', customer.accountId)
  expect(consent).toMatchObject({
    ...{ actor_id: customer.keyId, actor_kind: 'access_key', text_version: CONSENT_VERSION, client_ip: '127.0.0.1' },
    ...{ threshold_nano: '8000000000', amount_minor: '2000', daily_cap_minor: '4000', monthly_cap_minor: null },
  })
  await expect(farebox.rows(`UPDATE top_up_consent SET text_version = 'x'`)).rejects.toThrow('append-only')
})

test('switched off, it charges nothing', async () => {
  const customer = await toppedUp()
  expect((await callApi(farebox, customer, 'PUT', '/v1/auto-top-up', { enabled: false })).body).toMatchObject({
    enabled: false,
  })
  await spend(customer, 900)
  expect(await run(customer)).toBe('nothing')
  expect(await farebox.verify()).toBe(CLEAN)
})

test('switched on while the balance is below the threshold, it is due at once', async () => {
  const customer = await toppedUp({ thresholdCents: 1_500, amountCents: 2_000 })
  expect(await dueTopUps(desk(), 100)).toContain(customer.accountId)
})

test.each([
  [{ thresholdCents: 0 }, 'thresholdCents'],
  [{ thresholdCents: -1 }, 'thresholdCents'],
  [{ thresholdCents: 1.5 }, 'thresholdCents'],
  [{ amountCents: 499, thresholdCents: 100 }, 'amountCents'],
  [{ amountCents: 1_000_001 }, 'amountCents'],
  [{ amountCents: 500, thresholdCents: 800 }, 'amountCents'],
  [{ dailyCapCents: 1_999 }, 'dailyCapCents'],
  [{ monthlyCapCents: 1 }, 'monthlyCapCents'],
  [{ consentVersion: undefined }, 'consentVersion'],
  [{ consentVersion: '2001-01-1' }, 'consentVersion'],
  [{ paymentMethodId: 'pm_of_somebody_else' }, 'paymentMethodId'],
  [{ enabled: 'yes' }, 'enabled'],
  [{ surprise: 1 }, 'surprise'],
])('settings of %j are refused, naming %s, and change nothing', async (wish, field) => {
  const customer = await toppedUp()
  const before = await settings(customer)
  const { status, body } = await setTopUp(customer, wish)
  expect([status >= 400 && status < 500, body.details]).toEqual([true, { field }])
  expect(await settings(customer)).toEqual(before)
})

test("another account's card cannot be charged, seen or removed", async () => {
  const [owner, stranger] = [await toppedUp(), await farebox.customer({ creditNano: 0n })]
  const { body } = await callApi(farebox, owner, 'GET', '/credits/payment-methods')
  const [card] = body.paymentMethods as { id: string; last4: string }[]
  expect(card?.last4).toBe('4242')
  expect((await callApi(farebox, stranger, 'GET', '/credits/payment-methods')).body).toEqual({ paymentMethods: [] })
  expect((await setTopUp(stranger, { paymentMethodId: card?.id })).status).toBe(404)
  expect((await callApi(farebox, stranger, 'DELETE', `/credits/payment-methods/${card?.id}`)).status).toBe(404)
  expect((await callApi(farebox, owner, 'DELETE', `/credits/payment-methods/${card?.id}`)).status).toBe(409)
  await callApi(farebox, owner, 'PUT', '/v1/auto-top-up', { enabled: false })
  expect((await callApi(farebox, owner, 'DELETE', `/credits/payment-methods/${card?.id}`)).status).toBe(204)
  expect((await callApi(farebox, owner, 'GET', '/credits/payment-methods')).body).toEqual({ paymentMethods: [] })
})

test('what a request really costs crosses the threshold as well, and the nudge reaches the queue', async () => {
  const customer = await toppedUp({ thresholdCents: 1_000, amountCents: 2_000 })
  await customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
  await expect.poll(() => dueTopUps(desk(), 100), PATIENCE).toContain(customer.accountId)
})
