import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { startCheckout } from '../../src/orders/checkout.ts'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { createRefundRuns } from '../../src/orders/refunds/run-refund.ts'
import { stripeRefunds } from '../../src/orders/stripe/refund-provider.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { balanceCents, buy, callApi, startedCheckout } from './money-in-calls.ts'
import { expectKillsHarmless, type Trial } from './try-with-doomed-process.ts'

const CARD = '4242424242424242'
const STAFF = '01900000-0000-7000-8000-0000000000aa'
const SERIES_MS_MAX = 240_000

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox.close())

const control = () => farebox.stripe.control
const desk = () => farebox.running.desk

/** Somebody to whom mails go. */
async function ownedCustomer(): Promise<Customer> {
  const customer = await farebox.customer({ creditNano: 0n })
  await farebox.rows(
    `WITH person AS (INSERT INTO "user" (id, email, name, created_at) VALUES (gen_random_uuid(), $2, 'Owner', now()) RETURNING id)
     INSERT INTO membership (id, user_id, account_id, role, created_at) SELECT gen_random_uuid(), id, $1, 'OWNER', now() FROM person`,
    customer.accountId,
    `${customer.accountId}@example.test`,
  )
  return customer
}

const transitionsTo = (orderId: string, state: string) =>
  farebox.rows('SELECT 1 FROM order_transition WHERE order_id = $1 AND to_state = $2::order_state', orderId, state)
const ordersOf = ({ accountId }: Customer, kind: string) =>
  farebox.rows<{ id: string; state: string }>(
    'SELECT id, state FROM payment_order WHERE account_id = $1 AND kind = $2::order_kind ORDER BY id',
    accountId,
    kind,
  )
const entriesOf = ({ accountId }: Customer, kind: string) =>
  farebox.rows('SELECT 1 FROM ledger_entry WHERE account_id = $1 AND kind = $2::entry_kind', accountId, kind)
const mailsOf = async ({ accountId }: Customer) =>
  (
    await farebox.rows<{ template: string }>('SELECT template FROM mail WHERE account_id = $1 ORDER BY id', accountId)
  ).map(({ template }) => template)

/** The held events about these objects of Stripe's, sent as they are sent in production. */
async function releaseAbout(ids: ReadonlySet<string>): Promise<void> {
  const held = control()
    .events()
    .filter(({ state, object }) => {
      const { id, metadata, payment_intent } = object as Record<string, string> & { metadata?: Record<string, string> }
      const about = [id, payment_intent, metadata?.farebox_order]
      return state === 'held' && about.some((one) => one !== undefined && one !== null && ids.has(one))
    })
  await control().release(held.map(({ id }) => id))
  await control().idle()
}

describe('a process that is killed while it applies a paid event', () => {
  interface Scene {
    buyer: Customer
    orderId: string
    eventId: string
    body: string
    signature: () => string
  }

  const trial: Trial<Scene> = {
    stepsMin: 18,
    passes: ['^BEGIN', 'FOR UPDATE', 'INSERT INTO mail', 'INSERT INTO webhook_event', 'UPDATE payment_order'],
    async prepare() {
      const buyer = await ownedCustomer()
      const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
      // Neither sent nor held: what follows is all that is ever heard of it.
      control().drop()
      control().pay(id, { card: CARD })
      control().deliver({ mode: 'normal' })
      const paid = control()
        .events()
        .findLast(({ type, object }) => type === 'checkout.session.completed' && (object as { id: string }).id === id)
      const { api, webhookSecrets } = desk().stripe
      const body = JSON.stringify(await api.events.retrieve(paid?.id as string))
      const signature = () =>
        api.webhooks.generateTestHeaderString({
          payload: body,
          secret: webhookSecrets[0] as string,
          timestamp: Math.floor(farebox.clock.now() / 1_000),
        })
      return { buyer, orderId, eventId: paid?.id as string, body, signature }
    },
    act: ({ body, signature }) => ({ do: 'receive webhook', body, signature: signature() }),
    async again({ body, signature }) {
      const answer = await fetch(`${farebox.url}/webhooks/stripe`, {
        method: 'POST',
        headers: { 'stripe-signature': signature(), 'content-type': 'application/json' },
        body,
      })
      expect(answer.status).toBe(200)
    },
    async expectOnce({ buyer, orderId, eventId }, step) {
      expect(await balanceCents(farebox, buyer), step).toBe(1_000)
      expect(await ordersOf(buyer, 'CHECKOUT'), step).toEqual([{ id: orderId, state: 'PAID' }])
      expect(await transitionsTo(orderId, 'PAID'), step).toHaveLength(1)
      expect(await entriesOf(buyer, 'PURCHASE'), step).toHaveLength(1)
      expect(await mailsOf(buyer), step).toEqual(['credits-added'])
      expect(await farebox.rows('SELECT state, reason FROM webhook_event WHERE id = $1', eventId), step).toEqual([
        { state: 'PROCESSED', reason: null },
      ])
      expect(
        await farebox.rows('SELECT 1 FROM billing_profile WHERE account_id = $1', buyer.accountId),
        step,
      ).toHaveLength(1)
    },
  }

  test.each(['before', 'sent', 'after'] as const)(
    '%s any of its statements: the event sent again credits once',
    (moment) => expectKillsHarmless(farebox, trial, moment),
    SERIES_MS_MAX,
  )
})

describe('a process that is killed while it tops up', () => {
  const trial: Trial<Customer> = {
    stepsMin: 14,
    passes: ['^BEGIN', 'INSERT INTO payment_order', '^POST /v1/payment_intents'],
    async prepare() {
      control().deliver({ mode: 'normal' })
      const customer = await ownedCustomer()
      await buy(farebox, customer, 1_000, true)
      const wish = { enabled: true, thresholdCents: 800, amountCents: 2_000, consentVersion: CONSENT_VERSION }
      const { status } = await callApi(farebox, customer, 'PUT', '/v1/auto-top-up', wish)
      expect(status).toBe(200)
      const price = 900n * NANO_PER_CENT
      const request = requestOf(farebox.clock, customer.accountId, { price })
      const { ledger } = farebox.running.gateway
      expect(await ledger.authorize(request)).toMatchObject({ granted: true })
      await ledger.resolve(captureOf(request, price))
      return customer
    },
    act: ({ accountId }) => ({ do: 'run top-up', accountId }),
    async again(customer) {
      await runTopUp(desk(), customer.accountId)
      await releaseAbout(new Set((await ordersOf(customer, 'AUTO_TOP_UP')).map(({ id }) => id)))
      expect(await runTopUp(desk(), customer.accountId)).toBe('nothing')
    },
    async expectOnce(customer, step) {
      const orders = await ordersOf(customer, 'AUTO_TOP_UP')
      expect(orders, step).toMatchObject([{ state: 'PAID' }])
      const orderId = orders[0]?.id as string
      const charged = control()
        .events()
        .filter(({ type, object }) => {
          const { metadata } = object as { metadata?: Record<string, string> }
          return type === 'payment_intent.created' && metadata?.farebox_order === orderId
        })
      expect(charged, step).toHaveLength(1)
      expect(await entriesOf(customer, 'AUTO_TOP_UP'), step).toHaveLength(1)
      expect(await transitionsTo(orderId, 'PAID'), step).toHaveLength(1)
      expect(await balanceCents(farebox, customer), step).toBe(100 + 2_000)
      expect(await mailsOf(customer), step).toEqual(['credits-added', 'credits-added'])
    },
  }

  test.each(['before', 'sent', 'after'] as const)(
    '%s any of its statements, or its call to Stripe: one charge, one order, credits once',
    (moment) => expectKillsHarmless(farebox, trial, moment),
    SERIES_MS_MAX,
  )
})

describe('a process that is killed while it opens a payment page', () => {
  interface Scene {
    buyer: Customer
    key: string
  }
  const amountMinor = 1_500n

  const trial: Trial<Scene> = {
    stepsMin: 18,
    passes: ['^BEGIN', 'INSERT INTO idempotency_key', '^POST /v1/customers', '^POST /v1/checkout/sessions'],
    async prepare() {
      const buyer = await ownedCustomer()
      return { buyer, key: `key of ${buyer.accountId}` }
    },
    act: ({ buyer: { accountId }, key: idempotencyKey }) => ({
      ...{ do: 'start checkout', accountId, idempotencyKey },
      ...{ amountMinor: String(amountMinor), publicUrl: desk().publicUrl },
    }),
    async again({ buyer: { accountId }, key: idempotencyKey }) {
      const request = { accountId, idempotencyKey, amountMinor, packageSlug: null, currency: null }
      const start = () => startCheckout(desk(), { ...request, saveCard: false, actorId: accountId })
      const session = await start()
      expect(await start()).toEqual(session)
    },
    async expectOnce({ buyer }, step) {
      const orders = await ordersOf(buyer, 'CHECKOUT')
      expect(orders, step).toMatchObject([{ state: 'AWAITING_PAYMENT' }])
      const { api } = desk().stripe
      const customers = await api.customers
        .list({ limit: 100 })
        .autoPagingToArray({ limit: 10_000 })
        .then((all) => all.filter(({ metadata }) => metadata.farebox_account === buyer.accountId))
      expect(customers, step).toHaveLength(1)
      const sessions = await api.checkout.sessions.list({ customer: customers[0]?.id as string, limit: 100 })
      expect(
        sessions.data.map(({ client_reference_id }) => client_reference_id),
        step,
      ).toEqual([orders[0]?.id])
      expect(await balanceCents(farebox, buyer), step).toBe(0)
    },
  }

  test.each(['before', 'sent', 'after'] as const)(
    '%s any of its statements, or its calls to Stripe: one order and one page',
    (moment) => expectKillsHarmless(farebox, trial, moment),
    SERIES_MS_MAX,
  )
})

describe('a process that is killed while it refunds', () => {
  interface Scene {
    buyer: Customer
    orderId: string
    key: string
  }

  const trial: Trial<Scene> = {
    stepsMin: 34,
    passes: ['INSERT INTO refund', '^POST /v1/refunds', 'INSERT INTO mail'],
    async prepare() {
      control().deliver({ mode: 'normal' })
      const buyer = await ownedCustomer()
      return { buyer, orderId: await buy(farebox, buyer, 1_000), key: `key of ${buyer.accountId}` }
    },
    act: ({ orderId, key }) => ({ do: 'refund', orderId, actorId: STAFF, idempotencyKey: key }),
    async again({ orderId, key }) {
      const asked = { orderId, accountId: null, totalMinor: null, reason: 'Asked for', actorId: STAFF }
      const { id } = await requestRefund(desk(), { ...asked, idempotencyKey: key })
      const runs = createRefundRuns({ ...desk(), provider: stripeRefunds(desk().stripe), report: () => undefined })
      expect(['succeeded', 'idle']).toContain(await runs.run(id))
      expect(await runs.run(id)).toBe('idle')
      const [order] = await farebox.rows<{ payment_intent_id: string }>(
        'SELECT payment_intent_id FROM payment_order WHERE id = $1',
        orderId,
      )
      await releaseAbout(new Set([order?.payment_intent_id as string]))
    },
    async expectOnce({ buyer, orderId }, step) {
      expect(await ordersOf(buyer, 'CHECKOUT'), step).toEqual([{ id: orderId, state: 'REFUNDED' }])
      expect(await transitionsTo(orderId, 'REFUNDED'), step).toHaveLength(1)
      expect(await farebox.rows('SELECT state, total_minor FROM refund WHERE order_id = $1', orderId), step).toEqual([
        { state: 'SUCCEEDED', total_minor: '1000' },
      ])
      const [order] = await farebox.rows<{ payment_intent_id: string }>(
        'SELECT payment_intent_id FROM payment_order WHERE id = $1',
        orderId,
      )
      const made = await desk().stripe.api.refunds.list({ payment_intent: order?.payment_intent_id as string })
      expect(
        made.data.map(({ amount }) => amount),
        step,
      ).toEqual([1_000])
      expect(await entriesOf(buyer, 'REFUND'), step).toHaveLength(1)
      expect(await balanceCents(farebox, buyer), step).toBe(0)
      expect(await mailsOf(buyer), step).toEqual(['credits-added', 'refund-made'])
    },
  }

  test.each(['before', 'sent', 'after'] as const)(
    '%s any of its statements, or its call to Stripe: refunded once, withdrawn once',
    (moment) => expectKillsHarmless(farebox, trial, moment),
    SERIES_MS_MAX,
  )
})
