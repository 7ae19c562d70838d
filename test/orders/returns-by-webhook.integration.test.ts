import { afterAll, beforeAll, expect, test } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { createRefundRuns } from '../../src/orders/refunds/run-refund.ts'
import { reconcile } from '../../src/orders/stripe/reconcile.ts'
import { stripeRefunds } from '../../src/orders/stripe/refund-provider.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { balanceCents, buy, startedCheckout } from './money-in-calls.ts'

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox.close())

const control = () => farebox.stripe.control
const desk = () => farebox.running.desk
const api = () => desk().stripe.api
const customer = () => farebox.customer({ creditNano: 0n })

interface Bought {
  buyer: Customer
  orderId: string
  paymentIntentId: string
}

async function bought(amount = 1_000): Promise<Bought> {
  const buyer = await customer()
  const orderId = await buy(farebox, buyer, amount)
  const [order] = await farebox.rows<{ payment_intent_id: string }>(
    'SELECT payment_intent_id FROM payment_order WHERE id = $1',
    orderId,
  )
  return { buyer, orderId, paymentIntentId: order?.payment_intent_id as string }
}

async function spend({ accountId }: Customer, cents: number): Promise<void> {
  const { ledger } = farebox.running.gateway
  const price = BigInt(cents) * NANO_PER_CENT
  const request = requestOf(farebox.clock, accountId, { price })
  if (!(await ledger.authorize(request)).granted) throw new Error('not affordable')
  await ledger.resolve(captureOf(request, price))
}

const state = async (orderId: string) =>
  (await farebox.rows<{ state: string }>('SELECT state FROM payment_order WHERE id = $1', orderId))[0]?.state

test('a refund made at Stripe takes its credits, once, however many events tell of it', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  control().duplicate(3)
  await api().refunds.create({ payment_intent: paymentIntentId, amount: 400 })
  await control().idle()
  control().duplicate(1)
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PARTIALLY_REFUNDED', 600])
  await api().refunds.create({ payment_intent: paymentIntentId })
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['REFUNDED', 0])
  expect(
    await farebox.rows(`SELECT 1 FROM ledger_entry WHERE account_id = $1 AND kind = 'REFUND'`, buyer.accountId),
  ).toHaveLength(2)
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a refund that we asked for is booked once, whether its answer or its event comes first', async () => {
  const { buyer, orderId } = await bought()
  await spend(buyer, 250)
  const ask = {
    orderId,
    accountId: null,
    totalMinor: null,
    reason: 'Asked for',
    actorId: buyer.keyId,
    idempotencyKey: 'refund',
  }
  const refund = await requestRefund(desk(), ask)
  const runs = createRefundRuns({ ...desk(), provider: stripeRefunds(desk().stripe), report: () => undefined })
  control().deliver({ mode: 'hold' })
  await runs.run(refund.id)
  control().deliver({ mode: 'normal' })
  await control().release('reversed')
  await control().idle()
  await runs.run(refund.id)
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PARTIALLY_REFUNDED', 0])
  expect((await api().refunds.list({ limit: 1 })).data[0]).toMatchObject({ amount: 750 })
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a refund event that overtakes its payment books the payment first', async () => {
  const buyer = await customer()
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  control().deliver({ mode: 'hold' })
  await control().pay(id, { card: '4242424242424242' })
  const session = await api().checkout.sessions.retrieve(id)
  await api().refunds.create({ payment_intent: session.payment_intent as string, amount: 300 })
  control().deliver({ mode: 'normal' })
  await control().release('reversed')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PARTIALLY_REFUNDED', 700])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a dispute freezes what is unspent; lost, it is clawed back, and what was spent becomes debt', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  await spend(buyer, 400)
  const dispute = control().dispute(paymentIntentId)
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['DISPUTED', 600])
  await expect(spend(buyer, 1)).rejects.toThrow('not affordable')
  control().closeDispute(dispute.id, 'lost')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['DISPUTED', -400])
  expect(await farebox.verify()).toBe(CLEAN)
  await buy(farebox, buyer, 1_000)
  expect(await balanceCents(farebox, buyer)).toBe(600)
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a dispute that is won gives back what it froze', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  const dispute = control().dispute(paymentIntentId)
  await control().idle()
  control().closeDispute(dispute.id, 'won')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
  await spend(buyer, 1_000)
  expect(await farebox.verify()).toBe(CLEAN)
})

test('the events of a dispute in reverse end in the same', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  control().deliver({ mode: 'hold' })
  const dispute = control().dispute(paymentIntentId)
  control().closeDispute(dispute.id, 'lost')
  control().deliver({ mode: 'normal' })
  await control().release('reversed')
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['DISPUTED', 0])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('money that comes back after a lost dispute is credited again', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  const dispute = control().dispute(paymentIntentId)
  control().closeDispute(dispute.id, 'lost')
  await control().idle()
  control().reinstate(dispute.id)
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('refunds and disputes whose events were all lost are found by the reconciliation', async () => {
  const refunded = await bought()
  const disputed = await bought()
  control().drop()
  await api().refunds.create({ payment_intent: refunded.paymentIntentId, amount: 400 })
  control().closeDispute(control().dispute(disputed.paymentIntentId).id, 'lost')
  control().deliver({ mode: 'normal' })
  const { healed } = await reconcile(desk())
  expect(healed.map(({ subject }) => subject)).toEqual(expect.arrayContaining([refunded.orderId, disputed.orderId]))
  expect([await balanceCents(farebox, refunded.buyer), await balanceCents(farebox, disputed.buyer)]).toEqual([600, 0])
  expect((await reconcile(desk())).healed).toEqual([])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a refund that fails after it had succeeded gives the credits back', async () => {
  const { buyer, orderId, paymentIntentId } = await bought()
  const refund = await api().refunds.create({ payment_intent: paymentIntentId, amount: 400 })
  await control().idle()
  control().failRefund(refund.id)
  await control().idle()
  expect([await state(orderId), await balanceCents(farebox, buyer)]).toEqual(['PAID', 1_000])
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a refund in another currency than its order is refused and takes nothing', async () => {
  const { buyer, paymentIntentId } = await bought()
  const object = {
    id: 're_forged',
    object: 'refund',
    amount: 400,
    currency: 'eur',
    status: 'succeeded',
    payment_intent: paymentIntentId,
    metadata: {},
    reason: null,
  }
  expect(await control().forge({ type: 'refund.created', object })).toBe(409)
  expect(await balanceCents(farebox, buyer)).toBe(1_000)
})
