import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reconcile } from '../../src/orders/stripe/reconcile.ts'
import { verifySignature } from '../../src/orders/stripe/verify-signature.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { balanceCents, buy, startedCheckout } from './money-in-calls.ts'

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox.close())

const control = () => farebox.stripe.control
const CARD = '4242424242424242'
const secretOfWebhooks = () => farebox.running.desk.stripe.webhookSecrets[0] as string

interface Awaiting {
  buyer: Customer
  orderId: string
  session: Record<string, unknown>
}

/** A paid session whose confirmation is still under way, as Stripe has it. */
async function awaitingConfirmation(amount = 1_000): Promise<Awaiting> {
  const buyer = await farebox.customer({ creditNano: 0n })
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount })
  control().deliver({ mode: 'hold' })
  await control().pay(id, { card: CARD })
  const session = await farebox.running.desk.stripe.api.checkout.sessions.retrieve(id)
  return { buyer, orderId, session: JSON.parse(JSON.stringify(session)) }
}

const state = async (orderId: string) =>
  (await farebox.rows<{ state: string }>('SELECT state FROM payment_order WHERE id = $1', orderId))[0]?.state
const inbox = (id: string) => farebox.rows('SELECT state, reason FROM webhook_event WHERE id = $1', id)
const counted = async (outcome: string): Promise<number> => {
  const metrics = await (await fetch(`${farebox.url}/metrics`)).text()
  return Number(new RegExp(`farebox_webhooks_total\\{outcome="${outcome}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0)
}

const COMPLETED = 'checkout.session.completed'

test.each([
  ['without a signature', { secret: null }, 'no_signature'],
  ['signed with another secret', { secret: 'whsec_of_somebody_else' }, 'bad_signature'],
  ['with a stamp older than five minutes', { timestampOffsetSeconds: -301 }, 'bad_signature'],
  ['with a stamp more than five minutes ahead', { timestampOffsetSeconds: 302 }, 'stamp_in_future'],
])('a webhook %s is refused, logged, counted and never credited', async (_what, forged, reason) => {
  const { buyer, orderId, session } = await awaitingConfirmation()
  const before = { books: await farebox.books(), count: await counted(reason), log: farebox.log.length }
  expect(await control().forge({ type: COMPLETED, object: session, ...forged })).toBe(400)
  expect(await farebox.books()).toEqual(before.books)
  expect(await counted(reason)).toBe(before.count + 1)
  expect(farebox.log.slice(before.log).join()).toContain(reason)
  expect(await state(orderId)).toBe('AWAITING_PAYMENT')
  expect(await balanceCents(farebox, buyer)).toBe(0)
})

test('stamps up to five minutes off, on either side, are believed', async () => {
  for (const timestampOffsetSeconds of [-295, 295]) {
    const { buyer, session } = await awaitingConfirmation()
    expect(await control().forge({ type: COMPLETED, object: session, timestampOffsetSeconds })).toBe(200)
    expect(await balanceCents(farebox, buyer)).toBe(1_000)
  }
})

test.each([
  ['another amount', { amount_total: 100_000 }, 'amount_mismatch'],
  ['another currency', { currency: 'eur' }, 'currency_mismatch'],
  ['another customer', { customer: 'cus_of_somebody_else' }, 'customer_mismatch'],
])('a signed webhook with %s is refused, remembered and never credited', async (_what, change, reason) => {
  const { buyer, orderId, session } = await awaitingConfirmation()
  const before = await counted('refused')
  const id = `evt_${reason}`
  expect(await control().forge({ id, type: COMPLETED, object: { ...session, ...change } })).toBe(409)
  expect(await inbox(id)).toEqual([{ state: 'REFUSED', reason }])
  expect(await counted('refused')).toBe(before + 1)
  expect(await state(orderId)).toBe('AWAITING_PAYMENT')
  expect(await balanceCents(farebox, buyer)).toBe(0)
})

test('a signed event of the other mode is refused, whether the event or its object says so', async () => {
  const { buyer, session } = await awaitingConfirmation()
  expect(await control().forge({ type: COMPLETED, object: { ...session, livemode: true }, livemode: true })).toBe(409)
  expect(await control().forge({ type: COMPLETED, object: { ...session, livemode: true } })).toBe(409)
  expect(await balanceCents(farebox, buyer)).toBe(0)
})

test('a payment does not credit an order that is bound to another provider', async () => {
  const { buyer, session } = await awaitingConfirmation()
  const [manual] = await farebox.rows<{ id: string }>(
    `INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano, created_at)
     VALUES (gen_random_uuid(), gen_random_uuid()::text, $1, 'MANUAL', 'AWAITING_PAYMENT', 'BANK', false, 'USD', 1000, 1000, 10000000000, now()) RETURNING id`,
    buyer.accountId,
  )
  const metadata = { farebox_order: manual?.id }
  const id = 'evt_other_provider'
  expect(
    await control().forge({ id, type: COMPLETED, object: { ...session, metadata, client_reference_id: manual?.id } }),
  ).toBe(409)
  expect(await inbox(id)).toEqual([{ state: 'REFUSED', reason: 'provider_mismatch' }])
  expect(await balanceCents(farebox, buyer)).toBe(0)
  await farebox.rows(
    `INSERT INTO order_transition VALUES ($1, 1, NULL, 'AWAITING_PAYMENT', 'test', NULL, now())`,
    manual?.id,
  )
})

test('an event about an order that is not ours is acknowledged and ignored', async () => {
  const { session } = await awaitingConfirmation()
  for (const orderId of ['019aa000-0000-7000-8000-00000000dead', 'not-an-id', "'; DROP TABLE wallet; --"]) {
    const id = `evt_${orderId.length}_${orderId.charCodeAt(0)}`
    const object = { ...session, client_reference_id: orderId, metadata: { farebox_order: orderId } }
    expect(await control().forge({ id, type: COMPLETED, object })).toBe(200)
    expect(await inbox(id)).toEqual([{ state: 'IGNORED', reason: 'unknown_order' }])
  }
})

test('an event of an unknown type, and one with an odd object, are acknowledged and ignored', async () => {
  expect(await control().forge({ type: 'customer.subscription.created', object: { id: 'sub_1' } })).toBe(200)
  expect(await control().forge({ type: 'price.updated', object: {} })).toBe(200)
})

test('a completed session whose money has not come yet credits nothing; its arrival does', async () => {
  const buyer = await farebox.customer({ creditNano: 0n })
  control().deliver({ mode: 'normal' })
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  expect(await control().pay(id, { card: 'bank_debit' })).toMatchObject({ status: 'under_way' })
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['AWAITING_PAYMENT', 0])
  control().settleDelayed(id, 'succeeded')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
})

test('a delayed payment that does not arrive fails its order', async () => {
  const buyer = await farebox.customer({ creditNano: 0n })
  control().deliver({ mode: 'normal' })
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  await control().pay(id, { card: 'bank_debit' })
  control().settleDelayed(id, 'failed')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['FAILED', 0])
})

test('the same event, twenty times at once and again later, credits once', async () => {
  const { buyer, session } = await awaitingConfirmation()
  const id = 'evt_twenty_times'
  const send = () => control().forge({ id, type: COMPLETED, object: session })
  expect(new Set(await Promise.all(Array.from({ length: 20 }, send)))).toEqual(new Set([200]))
  expect(await send()).toBe(200)
  expect(await balanceCents(farebox, buyer)).toBe(1_000)
  expect(await farebox.rows('SELECT 1 FROM ledger_entry WHERE account_id = $1', buyer.accountId)).toHaveLength(1)
})

test('different events about one payment, all at once and in any order, credit once', async () => {
  const { buyer } = await awaitingConfirmation()
  await control().release('reversed')
  control().deliver({ mode: 'normal' })
  await control().idle()
  expect(await balanceCents(farebox, buyer)).toBe(1_000)
  expect(await farebox.verify()).toBe(CLEAN)
})

test('an event that fails is answered 500, is not marked as done, and is applied when it comes again', async () => {
  const { buyer, session } = await awaitingConfirmation()
  const id = 'evt_fails_first'
  await farebox.rows('ALTER TABLE credit_lot RENAME TO credit_lot_away')
  try {
    expect(await control().forge({ id, type: COMPLETED, object: session })).toBe(500)
  } finally {
    await farebox.rows('ALTER TABLE credit_lot_away RENAME TO credit_lot')
  }
  expect(await inbox(id)).toMatchObject([{ state: 'FAILED' }])
  expect(await balanceCents(farebox, buyer)).toBe(0)
  expect(await control().forge({ id, type: COMPLETED, object: session })).toBe(200)
  expect(await inbox(id)).toEqual([{ state: 'PROCESSED', reason: null }])
  expect(await balanceCents(farebox, buyer)).toBe(1_000)
})

test('money that arrives for an order that was given up is credited all the same', async () => {
  const { buyer, orderId, session } = await awaitingConfirmation()
  await farebox.rows(`UPDATE payment_order SET state = 'EXPIRED' WHERE id = $1`, orderId)
  await farebox.rows(
    `INSERT INTO order_transition VALUES ($1, 3, 'AWAITING_PAYMENT', 'EXPIRED', 'test', NULL, now())`,
    orderId,
  )
  expect(await control().forge({ type: COMPLETED, object: session })).toBe(200)
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
})

test('a confirmation that overtakes our own note of the page is credited', async () => {
  const { buyer, orderId, session } = await awaitingConfirmation()
  // As after a crash between Stripe's answer and our writing it down.
  await farebox.rows('ALTER TABLE payment_order DISABLE TRIGGER payment_order_guard')
  await farebox.rows(
    `UPDATE payment_order SET state = 'DRAFT', checkout_session_id = NULL, checkout_url = NULL WHERE id = $1`,
    orderId,
  )
  await farebox.rows('ALTER TABLE payment_order ENABLE TRIGGER payment_order_guard')
  expect(await control().forge({ type: COMPLETED, object: session })).toBe(200)
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
})

test('a second payment for one order is not swallowed: it is refused and named', async () => {
  const { buyer, session } = await awaitingConfirmation()
  await control().forge({ type: COMPLETED, object: session })
  const id = 'evt_second_payment'
  expect(await control().forge({ id, type: COMPLETED, object: { ...session, payment_intent: 'pi_another' } })).toBe(409)
  expect(await inbox(id)).toEqual([{ state: 'REFUSED', reason: 'paid_twice' }])
  expect(await balanceCents(farebox, buyer)).toBe(1_000)
})

test('what a dropped webhook would have told is found by the reconciliation, and credited once', async () => {
  const buyer = await farebox.customer({ creditNano: 0n })
  control().deliver({ mode: 'normal' })
  control().drop()
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  await control().pay(id, { card: CARD })
  control().deliver({ mode: 'normal' })
  expect(await state(orderId)).toBe('AWAITING_PAYMENT')
  const found = await reconcile(farebox.running.desk)
  expect(found.healed.map(({ subject }) => subject)).toContain(orderId)
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
  const again = await reconcile(farebox.running.desk)
  expect(again.healed.map(({ subject }) => subject)).not.toContain(orderId)
})

test('a payment at Stripe that names an order we do not have is named by the reconciliation', async () => {
  const { api } = farebox.running.desk.stripe
  const customer = await api.customers.create({ name: 'Nobody of ours' })
  const intent = await api.paymentIntents.create({
    amount: 4_200,
    currency: 'usd',
    customer: customer.id,
    payment_method: 'pm_card_visa',
    confirm: true,
    off_session: true,
    metadata: { farebox_order: '019aa000-0000-7000-8000-00000000beef' },
  })
  const { unresolved } = await reconcile(farebox.running.desk)
  expect(unresolved).toContainEqual({
    subject: intent.id,
    message: expect.stringContaining('names an order that does not exist here'),
  })
})

test('a paid order whose payment Stripe does not know is named by the reconciliation', async () => {
  const buyer = await farebox.customer({ creditNano: 0n })
  control().deliver({ mode: 'normal' })
  const orderId = await buy(farebox, buyer, 1_000)
  await farebox.rows(
    `UPDATE payment_order SET checkout_session_id = 'cs_gone', payment_intent_id = 'pi_gone' WHERE id = $1`,
    orderId,
  )
  const { unresolved } = await reconcile(farebox.running.desk)
  expect(unresolved).toContainEqual({
    subject: orderId,
    message: expect.stringContaining('Stripe does not know its payment'),
  })
})

test('without a secret every webhook is refused, also one that is signed with an empty one', () => {
  const body = Buffer.from(
    JSON.stringify({ id: 'evt_1', type: COMPLETED, livemode: false, created: 1, data: { object: {} } }),
  )
  const now = farebox.clock.now()
  const stamp = Math.floor(now / 1000)
  const header = (secret: string) =>
    `t=${stamp},v1=${createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')}`
  for (const webhookSecrets of [[], [''], ['  ']]) {
    const account = { ...farebox.running.desk.stripe, webhookSecrets }
    expect(verifySignature(account, body, header(''), now)).toEqual({ ok: false, reason: 'no_secret' })
    expect(verifySignature(account, body, header(secretOfWebhooks()), now)).toEqual({ ok: false, reason: 'no_secret' })
  }
})

test('while secrets are rotated, each of them is believed, and no other', () => {
  const body = Buffer.from(
    JSON.stringify({ id: 'evt_1', type: COMPLETED, livemode: false, created: 1, data: { object: {} } }),
  )
  const now = farebox.clock.now()
  const stamp = Math.floor(now / 1000)
  const header = (secret: string) =>
    `t=${stamp},v1=${createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')}`
  const account = { ...farebox.running.desk.stripe, webhookSecrets: ['whsec_new', 'whsec_old'] }
  expect(verifySignature(account, body, header('whsec_old'), now)).toMatchObject({ ok: true })
  expect(verifySignature(account, body, header('whsec_new'), now)).toMatchObject({ ok: true })
  expect(verifySignature(account, body, header('whsec_older'), now)).toEqual({ ok: false, reason: 'bad_signature' })
})

test('a signed body that is no event is refused, and an empty one as well', async () => {
  const now = farebox.clock.now()
  const stamp = Math.floor(now / 1000)
  for (const body of ['', '{"id":', '[]', '"text"', '{"id":"evt_1"}', 'null']) {
    const signature = `t=${stamp},v1=${createHmac('sha256', secretOfWebhooks()).update(`${stamp}.${body}`).digest('hex')}`
    const answer = await fetch(`${farebox.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'stripe-signature': signature, 'content-type': 'application/json' },
      body,
    })
    expect([body, answer.status]).toEqual([body, 400])
  }
})

test('a webhook above the limit is refused without being read to its end', async () => {
  const answer = await fetch(`${farebox.url}/webhooks/stripe`, { method: 'POST', body: 'x'.repeat(2_000_000) })
  expect([answer.status, await answer.json()]).toMatchObject([413, { received: false }])
})

test('after everything that was tried above, the books are clean', async () => {
  control().deliver({ mode: 'normal' })
  await expect.poll(() => farebox.verify(), PATIENCE).toBe(CLEAN)
})
