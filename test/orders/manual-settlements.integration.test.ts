import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { isCreditorReference, printedReference } from '../../src/orders/creditor-reference.ts'
import { expireManualOrders } from '../../src/orders/manual/expire-manual-orders.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { CLEAN, type ManualWorld, openManualWorld, refusal } from './manual-world.ts'

const UNIT = 10n ** 9n
const DAY_MS = 86_400_000

let world: ManualWorld

beforeEach(async () => {
  world = await openManualWorld()
})
afterEach(() => world.close())

const history = (order: PaymentOrder) =>
  world.select(
    'SELECT from_state::text AS from, to_state::text AS to, cause, actor_id FROM order_transition WHERE order_id = $1 ORDER BY ordinal',
    order.id,
  )
const mails = async (order: PaymentOrder) =>
  (await world.rows())
    .filter((mail) => mail.account_id === order.accountId)
    .map(({ template, data }) => ({ template, data }))
const plan = async (slug: string, rank: number) => {
  const id = uuidV7(world.clock)
  await world.pool.query('INSERT INTO plan (id, slug, name, rank) VALUES ($1, $2, $2, $3)', [id, slug, rank])
  return id
}
const packageOf = async (planId: string | null, currency = 'USD', disabled = false) => {
  const id = uuidV7(world.clock)
  await world.pool.query(
    `INSERT INTO credit_package (id, slug, name, description, currency, price_minor, credit_nano, plan_id, disabled_at, created_at)
     VALUES ($1::uuid, 'package-' || $1::uuid, 'Growth', '', $2, 100000, 1000000000000, $3, CASE WHEN $4 THEN now() END, now())`,
    [id, currency, planId, disabled],
  )
  return id
}

describe('opening', () => {
  test('an order awaits a bank transfer under a valid reference, and its net buys as many credits', async () => {
    const order = await world.order()
    expect(order).toMatchObject({
      ...{ kind: 'MANUAL', provider: 'BANK', state: 'AWAITING_PAYMENT', livemode: true, currency: 'USD' },
      ...{ netMinor: 100_000n, taxMinor: 19_000n, totalMinor: 119_000n, creditNano: 1_000n * UNIT, bonusNano: 0n },
      ...{ receivedMinor: 0n, createdById: world.opener, settlement: null, paidAt: null },
    })
    expect(isCreditorReference(order.reference)).toBe(true)
    expect(await history(order)).toEqual([
      { from: null, to: 'AWAITING_PAYMENT', cause: 'manual order opened', actor_id: world.opener },
    ])
    expect(await world.entries(order)).toEqual([])
  })

  test('it is due at the end of the thirtieth day from today, in UTC', async () => {
    const { expiresAt } = await world.order()
    const today = new Date(world.clock.now()).toISOString().slice(0, 10)
    expect(expiresAt).toBe(Date.parse(today) + 31 * DAY_MS - 1)
  })

  test('the owner is mailed the reference, the amount and the bank details', async () => {
    const order = await world.order()
    const [mail, ...rest] = await mails(order)
    expect(rest).toEqual([])
    expect(mail).toMatchObject({
      template: 'manual-order-opened',
      data: { reference: printedReference(order.reference), amount: '$1,190.00' },
    })
    expect(mail?.data.bankDetails).toContainEqual({ label: 'IBAN', value: 'DE89 3704 0044 0532 0130 00' })
  })

  test('the same key opens one order and sends one mail; another body is a conflict', async () => {
    const first = await world.order({ idempotencyKey: 'one' })
    const { accountId } = first
    expect(await world.order({ accountId, idempotencyKey: 'one' })).toEqual(first)
    expect(await refusal(world.order({ accountId, idempotencyKey: 'one', netMinor: 1n }))).toEqual({
      ...{ code: 'idempotency_conflict', field: 'Idempotency-Key' },
    })
    expect(await world.select('SELECT 1 FROM payment_order')).toHaveLength(1)
    expect(await mails(first)).toHaveLength(1)
  })

  test('only a package that is sold in the currency, an account that is, and its own currency are taken', async () => {
    const { accountId } = await world.order()
    const nobody = uuidV7(world.clock)
    expect(await refusal(world.order({ accountId: nobody }))).toEqual({ code: 'invalid_request', field: 'accountId' })
    expect(await refusal(world.order({ accountId, currency: 'EUR' }))).toEqual({
      ...{ code: 'currency_not_supported', field: 'currency' },
    })
    const unknown = [nobody, await packageOf(null, 'EUR'), await packageOf(null, 'USD', true)]
    for (const packageId of unknown) {
      expect(await refusal(world.order({ accountId, packageId }))).toEqual({
        code: 'package_not_found',
        field: 'packageId',
      })
    }
    expect(await world.select('SELECT 1 FROM payment_order')).toHaveLength(1)
  })

  test('without a seller nothing is opened, for nobody would know where to pay', async () => {
    await world.pool.query(`UPDATE seller SET iban = NULL`)
    expect(await refusal(world.order())).toEqual({ code: 'invalid_request', field: 'seller' })
    expect(await world.select('SELECT 1 FROM payment_order')).toEqual([])
  })
})

describe('the whole way', () => {
  test('EXACT: two receipts add up to the total, and credits and bonus are booked', async () => {
    const order = await world.order({ bonusNano: 50n * UNIT })
    await world.receive(order, 100_000n)
    await world.receive(order, 19_000n)
    const paid = await world.approve(order, 'EXACT')
    expect(paid).toMatchObject({
      ...{ state: 'PAID', settlement: 'EXACT', receivedMinor: 119_000n, totalMinor: 119_000n },
      ...{ approvedById: world.approver, approvedAt: world.clock.now(), paidAt: world.clock.now() },
    })
    expect(await world.entries(order)).toEqual([
      { kind: 'MANUAL_SETTLEMENT', source_id: order.id, amount: (1_000n * UNIT).toString() },
      { kind: 'GRANT', source_id: order.id, amount: (50n * UNIT).toString() },
    ])
    expect(await history(order)).toEqual([
      { from: null, to: 'AWAITING_PAYMENT', cause: 'manual order opened', actor_id: world.opener },
      { from: 'AWAITING_PAYMENT', to: 'PAID', cause: 'approved: EXACT', actor_id: world.approver },
    ])
    const told = (await mails(order)).map(({ template }) => template).sort()
    expect(told).toEqual(['manual-order-opened', 'manual-order-paid'])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('REDUCE: half the money buys half the credits, with no bonus and no plan', async () => {
    const packageId = await packageOf(await plan('growth', 2))
    const order = await world.order({ bonusNano: 50n * UNIT, packageId })
    await world.receive(order, 59_500n)
    expect(await world.approve(order, 'REDUCE')).toMatchObject({
      ...{
        state: 'PAID',
        netMinor: 50_000n,
        taxMinor: 9_500n,
        totalMinor: 59_500n,
        creditNano: 500n * UNIT,
        bonusNano: 0n,
      },
      ...{ settlement: 'REDUCE', packageId, planId: null, bonusLotId: null },
    })
    expect(await world.entries(order)).toEqual([
      { kind: 'MANUAL_SETTLEMENT', source_id: order.id, amount: (500n * UNIT).toString() },
    ])
    expect(await world.select('SELECT plan_id FROM account WHERE id = $1', order.accountId)).toEqual([
      { plan_id: null },
    ])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('CREDIT_EXCESS: what came above the total buys credits at the same price', async () => {
    const planId = await plan('growth', 2)
    const order = await world.order({ bonusNano: 50n * UNIT, packageId: await packageOf(planId) })
    await world.receive(order, 238_000n)
    expect(await world.approve(order, 'CREDIT_EXCESS')).toMatchObject({
      ...{ state: 'PAID', netMinor: 200_000n, taxMinor: 38_000n, totalMinor: 238_000n, creditNano: 2_000n * UNIT },
      ...{ settlement: 'CREDIT_EXCESS', bonusNano: 50n * UNIT },
    })
    expect((await world.entries(order)).map(({ amount }) => BigInt(amount))).toEqual([2_000n * UNIT, 50n * UNIT])
    expect(await world.select('SELECT plan_id FROM account WHERE id = $1', order.accountId)).toEqual([
      { plan_id: planId },
    ])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('RETURN_EXCESS: the order stays as it was, and what came above it is noted as owed back', async () => {
    const order = await world.order({ note: 'Called on Monday' })
    await world.receive(order, 119_250n)
    expect(await world.approve(order, 'RETURN_EXCESS')).toMatchObject({
      ...{ state: 'PAID', totalMinor: 119_000n, receivedMinor: 119_250n, settlement: 'RETURN_EXCESS' },
      note: 'Called on Monday\n$2.50 was received above the total and is owed back.',
    })
    expect((await world.entries(order)).map(({ amount }) => BigInt(amount))).toEqual([1_000n * UNIT])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('credits other than the net are booked as agreed', async () => {
    const order = await world.order({ creditNano: 1_234n * UNIT })
    await world.receive(order, 119_000n)
    await world.approve(order, 'EXACT')
    expect((await world.entries(order)).map(({ amount }) => BigInt(amount))).toEqual([1_234n * UNIT])
  })

  test.each([
    ['nothing', 0n, 'EXACT'],
    ['too little', 118_999n, 'EXACT'],
    ['too much', 119_001n, 'EXACT'],
    ['the total', 119_000n, 'REDUCE'],
    ['the total', 119_000n, 'CREDIT_EXCESS'],
    ['too little', 1n, 'RETURN_EXCESS'],
  ] as const)('when %s arrived (%d), %s is refused and nothing is booked', async (_what, receivedMinor, settlement) => {
    const order = await world.order()
    if (receivedMinor > 0n) await world.receive(order, receivedMinor)
    expect(await refusal(world.approve(order, settlement))).toEqual({ code: 'receipt_mismatch', field: 'settlement' })
    expect(await world.entries(order)).toEqual([])
    expect(await world.select('SELECT state::text, settlement FROM payment_order')).toEqual([
      { state: 'AWAITING_PAYMENT', settlement: null },
    ])
  })
})

describe('expiry', () => {
  test('an order expires after its last day, not on it, and only when nothing arrived', async () => {
    const unpaid = await world.order()
    const partlyPaid = await world.order()
    await world.receive(partlyPaid, 1n)
    world.clock.advance((unpaid.expiresAt as number) - world.clock.now())
    expect(await expireManualOrders(world)).toBe(0)
    world.clock.advance(1)
    expect(await expireManualOrders(world)).toBe(1)
    expect(await expireManualOrders(world)).toBe(0)
    const states = await world.select('SELECT id, state::text FROM payment_order ORDER BY number')
    expect(states).toEqual([
      { id: unpaid.id, state: 'EXPIRED' },
      { id: partlyPaid.id, state: 'AWAITING_PAYMENT' },
    ])
    expect(await history(unpaid)).toContainEqual({
      ...{ from: 'AWAITING_PAYMENT', to: 'EXPIRED', cause: 'not paid in time', actor_id: null },
    })
  })

  test('an expired order that is paid late is received, approved and credited', async () => {
    const order = await world.order({ dueDays: 1 })
    world.clock.advance(3 * DAY_MS)
    await expireManualOrders(world)
    expect((await world.receive(order, 119_000n)).order.state).toBe('EXPIRED')
    expect((await world.approve(order, 'EXACT')).state).toBe('PAID')
    expect((await world.entries(order)).map(({ kind }) => kind)).toEqual(['MANUAL_SETTLEMENT'])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('an order that somebody has in hand is left to them, and expires in the next run', async () => {
    const order = await world.order()
    world.clock.advance(32 * DAY_MS)
    const client = await world.pool.connect()
    await client.query('BEGIN')
    await client.query('SELECT FROM payment_order WHERE id = $1 FOR UPDATE', [order.id])
    expect(await expireManualOrders(world)).toBe(0)
    await client.query('ROLLBACK')
    client.release()
    expect(await expireManualOrders(world)).toBe(1)
  })
})
