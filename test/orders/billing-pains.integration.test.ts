import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { balanceCents, buy, callApi, startedCheckout } from './money-in-calls.ts'

/** What other billing systems did to their users, once each, where it would be seen here. */
let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox.close())

const control = () => farebox.stripe.control
const desk = () => farebox.running.desk
const customer = () => farebox.customer({ creditNano: 0n })
const DAY_MS = 86_400_000

async function reserve({ accountId }: Customer, cents: number) {
  const price = BigInt(cents) * NANO_PER_CENT
  const request = requestOf(farebox.clock, accountId, { price })
  const { ledger } = farebox.running.gateway
  const { granted } = await ledger.authorize(request)
  return { granted, capture: (spent = cents) => ledger.resolve(captureOf(request, BigInt(spent) * NANO_PER_CENT)) }
}

async function spend(of: Customer, cents: number): Promise<void> {
  const reserved = await reserve(of, cents)
  if (!reserved.granted) throw new Error('not affordable')
  await reserved.capture()
}

const entries = async ({ accountId }: Customer) =>
  (
    await farebox.rows<{ kind: string; amount_nano: string }>(
      'SELECT kind, amount_nano FROM ledger_entry WHERE account_id = $1 ORDER BY seq',
      accountId,
    )
  ).map(({ kind, amount_nano }) => [kind, Number(BigInt(amount_nano) / NANO_PER_CENT)])

const chargesAtStripe = async (of: Customer) => {
  const [known] = await farebox.rows<{ customer_id: string }>(
    'SELECT customer_id FROM payment_customer WHERE account_id = $1',
    of.accountId,
  )
  const { data } = await desk().stripe.api.charges.list({ customer: known?.customer_id as string, limit: 100 })
  return data.filter(({ status }) => status === 'succeeded').map(({ amount }) => amount)
}

describe('pain 1: runaway and duplicate top-ups', () => {
  test('a balance that stays low, many workers and lost answers charge once; the card is not charged again until the first is settled', async () => {
    const buyer = await customer()
    await buy(farebox, buyer, 1_000, true)
    const wish = { enabled: true, thresholdCents: 900, amountCents: 2_000, consentVersion: CONSENT_VERSION }
    await callApi(farebox, buyer, 'PUT', '/v1/auto-top-up', wish)
    await spend(buyer, 950)
    control().deliver({ mode: 'hold' })
    control().outage({ status: 'disconnect', count: 2, path: '/v1/payment_intents', after: true })
    const run = () => runTopUp(desk(), buyer.accountId).catch(() => 'unknown')
    await Promise.all(Array.from({ length: 20 }, run))
    await run()
    for (let hours = 0; hours < 3; hours += 1) {
      await spend(buyer, 1)
      await run()
    }
    control().deliver({ mode: 'normal' })
    await control().release('reversed')
    await control().idle()
    expect(await chargesAtStripe(buyer)).toEqual([2_000, 1_000])
    expect(await balanceCents(farebox, buyer)).toBe(1_000 - 950 - 3 + 2_000)
  })
})

describe('pain 2: a forged webhook credits an order of another provider', () => {
  test('with an empty secret, and with an order that waits for a bank transfer, nothing is credited', async () => {
    const buyer = await customer()
    const { id } = await startedCheckout(farebox, buyer, { amount: 5_000 })
    const session = JSON.parse(JSON.stringify(await desk().stripe.api.checkout.sessions.retrieve(id)))
    const paid = { ...session, payment_status: 'paid', status: 'complete', payment_intent: 'pi_forged' }
    const forged = { type: 'checkout.session.completed', object: paid }
    expect(await control().forge({ ...forged, secret: '' })).toBe(400)
    expect(await control().forge({ ...forged, secret: null })).toBe(400)
    const [manual] = await farebox.rows<{ id: string }>(
      `INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano, created_at)
       VALUES (gen_random_uuid(), gen_random_uuid()::text, $1, 'MANUAL', 'AWAITING_PAYMENT', 'BANK', false, 'USD', 5000, 5000, 50000000000, now()) RETURNING id`,
      buyer.accountId,
    )
    await farebox.rows(
      `INSERT INTO order_transition VALUES ($1, 1, NULL, 'AWAITING_PAYMENT', 'test', NULL, now())`,
      manual?.id,
    )
    const elsewhere = { ...paid, client_reference_id: manual?.id, metadata: { farebox_order: manual?.id } }
    expect(await control().forge({ type: forged.type, object: elsewhere })).toBe(409)
    expect(await balanceCents(farebox, buyer)).toBe(0)
  })
})

describe('pain 3: an event is marked as seen before its credit has committed', () => {
  test('when the credit fails, the sender hears of it, and the event that comes again is not taken for a repeat', async () => {
    const buyer = await customer()
    const { id } = await startedCheckout(farebox, buyer, { amount: 1_000 })
    await farebox.rows('ALTER TABLE ledger_entry RENAME TO ledger_entry_away')
    await control().pay(id, { card: '4242424242424242' })
    await expect
      .poll(async () => (await farebox.rows(`SELECT 1 FROM webhook_event WHERE state = 'FAILED'`)).length)
      .toBeGreaterThan(0)
    await farebox.rows('ALTER TABLE ledger_entry_away RENAME TO ledger_entry')
    await control().idle()
    expect(await entries(buyer)).toEqual([['PURCHASE', 1_000]])
    expect(await farebox.rows(`SELECT 1 FROM webhook_event WHERE state = 'FAILED'`)).toEqual([])
  })
})

describe('pain 4: refunds of part-used credits, claw-back, and both at once', () => {
  test('a refund of everything and a dispute of everything, at the same time, take back no more than was bought', async () => {
    const buyer = await customer()
    const orderId = await buy(farebox, buyer, 1_000)
    await spend(buyer, 300)
    const [order] = await farebox.rows<{ payment_intent_id: string }>(
      'SELECT payment_intent_id FROM payment_order WHERE id = $1',
      orderId,
    )
    control().deliver({ mode: 'hold' })
    const dispute = control().dispute(order?.payment_intent_id as string, { amount: 600 })
    await desk()
      .stripe.api.refunds.create({ payment_intent: order?.payment_intent_id as string, amount: 400 })
      .catch(() => null)
    control().closeDispute(dispute.id, 'lost')
    control().deliver({ mode: 'normal' })
    await Promise.all([control().release('reversed'), control().idle()])
    await control().idle()
    const taken = (await entries(buyer)).filter(([kind]) => kind === 'REFUND' || kind === 'DISPUTE')
    const sum = taken.reduce((total, [, cents]) => total + (cents as number), 0)
    expect(sum).toBeGreaterThanOrEqual(-1_000)
    const [claims] = await farebox.rows<{ refunded: string; withdrawn: string }>(
      'SELECT refunded_minor AS refunded, withdrawn_nano / 10000000 AS withdrawn FROM payment_order WHERE id = $1',
      orderId,
    )
    expect(Number(claims?.withdrawn)).toBe(-sum)
    expect(await balanceCents(farebox, buyer)).toBe(1_000 - 300 + sum)
  })
})

describe('pain 5: the edges of expiry', () => {
  test('expired credit cannot be spent, expiry takes only its own lot, and what a request has reserved outlives it', async () => {
    const buyer = await customer()
    await buy(farebox, buyer, 1_000)
    farebox.clock.advance(200 * DAY_MS)
    await buy(farebox, buyer, 500)
    const reserved = await reserve(buyer, 400)
    farebox.clock.advance(166 * DAY_MS)
    // The first lot is due: 600 of it expire at once, 400 are still reserved; the second lot is untouched.
    const refused = await reserve(buyer, 501)
    expect(refused.granted).toBe(false)
    await reserved.capture(350)
    expect(await entries(buyer)).toEqual([
      ['PURCHASE', 1_000],
      ['PURCHASE', 500],
      ['EXPIRY', -600],
      ['USAGE_DEBIT', -350],
      ['EXPIRY', -50],
    ])
    expect(await balanceCents(farebox, buyer)).toBe(500)
    await spend(buyer, 500)
    expect(await balanceCents(farebox, buyer)).toBe(0)
  })
})

test('after all of it the books are clean', async () => {
  expect(await farebox.verify()).toBe(CLEAN)
})
