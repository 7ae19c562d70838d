import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor, OperatorActor } from '../../src/accounts/actor.ts'
import {
  approveOrderFor,
  cancelOrderFor,
  createOrderFor,
  recordReceiptFor,
} from '../../src/back-office/manual-orders.ts'
import { orderTrail } from '../../src/back-office/order-trail.ts'
import { cancelBankRefundFor, requestRefundFor, settleBankRefundFor } from '../../src/back-office/refund-orders.ts'
import { writeSellerFor } from '../../src/back-office/sellers.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { expireManualOrders } from '../../src/orders/manual/expire-manual-orders.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import {
  CLEAN,
  DAY_MS,
  type OfficeWorld,
  openOfficeWorld,
  RESELLER_SELLER,
  refusal,
  sentence,
  UNIT,
} from './office-world.ts'

let world: OfficeWorld
let finance: OperatorActor
let colleague: OperatorActor

beforeAll(async () => {
  world = await openOfficeWorld()
  finance = await world.operator('FINANCE', 'Fay')
  colleague = await world.operator('FINANCE', 'Cole')
})
afterAll(() => world.close())

const idempotencyKey = null
const create = (actor: Actor, accountId: string, netMinor = 10_000n, more = {}) =>
  createOrderFor(world.deps, actor, { accountId, netMinor, taxMinor: 0n, currency: 'USD', idempotencyKey, ...more })
/** As a reseller orders for itself: without terms. */
const ask = (actor: Actor, accountId: string, more = {}) =>
  createOrderFor(world.deps, actor, { accountId, netMinor: 10_000n, currency: 'USD', idempotencyKey, ...more })
const receive = (actor: Actor, { id: orderId, totalMinor }: PaymentOrder, more = {}) =>
  recordReceiptFor(world.deps, actor, {
    ...{ orderId, bankReference: `statement ${uuidV7(world.clock)}`, amountMinor: totalMinor, currency: 'USD' },
    ...{ receivedOn: new Date(world.clock.now()).toISOString().slice(0, 10), idempotencyKey, ...more },
  })
const approve = (actor: Actor, { id: orderId }: PaymentOrder, more = {}) =>
  approveOrderFor(world.deps, actor, { orderId, settlement: 'EXACT', idempotencyKey, ...more })
const cancel = (actor: Actor, { id: orderId }: PaymentOrder, more = {}) =>
  cancelOrderFor(world.deps, actor, { orderId, reason: 'Not wanted any more', idempotencyKey, ...more })
const actsOn = async (id: string) =>
  (await world.audit())
    .filter(({ subject_id }) => subject_id === id)
    .map(({ action, outcome }) => `${action} ${outcome}`)

describe('each step leaves its audit row with before and after', () => {
  test('once, however often it is asked for', async () => {
    const accountId = await world.customer()
    const key = { idempotencyKey: `key ${accountId}` }
    const order = await create(finance, accountId, 10_000n, key)
    expect(await create(finance, accountId, 10_000n, key)).toMatchObject({ id: order.id })
    const bankReference = `line ${order.id}`
    await receive(finance, order, { bankReference })
    await receive(finance, order, { bankReference })
    await approve(finance, order)
    await approve(colleague, order)
    expect(await actsOn(order.id)).toEqual(['order.create DONE', 'order.record-receipt DONE', 'order.approve DONE'])
    const [, receipt, approval] = (await world.audit()).filter(({ subject_id }) => subject_id === order.id)
    expect([receipt?.before?.receivedMinor, receipt?.after?.receivedMinor]).toEqual(['0', '10000'])
    expect(approval).toMatchObject({
      ...{
        account_id: accountId,
        before: { state: 'AWAITING_PAYMENT' },
        after: { state: 'PAID', settlement: 'EXACT' },
      },
    })
    expect((await world.wallet(accountId)).balance).toBe(100n * UNIT)
  })

  test('an approval that comes too late says what has happened', async () => {
    const order = await create(finance, await world.customer())
    await receive(finance, order)
    await cancel(colleague, order, { returnReceived: true })
    expect(await sentence(approve(finance, order))).toBe('An order that is canceled cannot be approved.')
    const other = await create(finance, await world.customer())
    await receive(finance, other)
    await approve(colleague, other)
    expect(await sentence(approve(finance, other, { settlement: 'REDUCE' }))).toBe(
      'The order was approved before, as EXACT.',
    )
    expect(await sentence(cancel(finance, other))).toBe('An order that is paid cannot become canceled.')
  })

  test('above the limit the same person is refused, which is written down', async () => {
    const order = await create(finance, await world.customer(), 100_001n)
    await receive(colleague, order)
    for (const one of [finance, colleague]) expect(await refusal(approve(one, order))).toBe('approval_by_same_person')
    const third = await world.operator('ADMIN')
    expect(await approve(third, order)).toMatchObject({ state: 'PAID' })
    expect((await actsOn(order.id)).slice(2)).toEqual([
      ...['order.approve REFUSED', 'order.approve REFUSED', 'order.approve DONE'],
    ])
  })
})

test('an order that has expired can be given up, and what then arrives is not credited by anybody', async () => {
  const order = await create(finance, await world.customer())
  world.clock.advance(40 * DAY_MS)
  await expireManualOrders(world.deps)
  expect(await cancel(finance, order)).toMatchObject({ state: 'CANCELED' })
  expect(await actsOn(order.id)).toEqual(['order.create DONE', 'order.cancel DONE'])
  expect(await refusal(receive(finance, order))).toBe('order_move_refused')
  const paidLate = await create(finance, await world.customer())
  world.clock.advance(40 * DAY_MS)
  await expireManualOrders(world.deps)
  await receive(finance, paidLate)
  expect(await approve(finance, paidLate)).toMatchObject({ state: 'PAID' })
})

test('what came in more or less than the total does not become unearned credit twice by two approvers', async () => {
  const accountId = await world.customer()
  const order = await create(finance, accountId)
  await receive(finance, order)
  const results = await Promise.all([finance, colleague, finance, colleague].map((who) => refusal(approve(who, order))))
  expect(new Set(results)).toEqual(new Set(['no refusal']))
  expect(await world.wallet(accountId)).toMatchObject({ balance: 100n * UNIT, entries: 1 })
  expect((await actsOn(order.id)).filter((act) => act.startsWith('order.approve'))).toEqual(['order.approve DONE'])
})

describe('a bank refund that nobody made', () => {
  test('is given up: its credits can be spent again, and its order is as it was', async () => {
    const accountId = await world.customer()
    const order = await create(finance, accountId)
    await receive(finance, order)
    await approve(finance, order)
    const refund = await requestRefundFor(world.deps, finance, {
      ...{ orderId: order.id, totalMinor: 4_000n, reason: 'Bought too much', idempotencyKey },
    })
    await expect(world.hold(accountId, 61n * UNIT)).rejects.toThrow('refused')
    const give = () =>
      cancelBankRefundFor(world.deps, finance, { refundId: refund.id, reason: 'Changed their mind', idempotencyKey })
    expect(await give()).toMatchObject({ state: 'FAILED', failureCode: 'canceled', frozenNano: 0n })
    await give()
    expect(await actsOn(refund.id)).toEqual(['refund.request DONE', 'refund.cancel DONE'])
    await (await world.hold(accountId, 100n * UNIT))(0n)
    const settling = { refundId: refund.id, bankReference: 'BACK 1', idempotencyKey }
    expect(await sentence(settleBankRefundFor(world.deps, finance, settling))).toContain('is failed')
    expect(await world.verify()).toBe(CLEAN)
  })

  test('that was made cannot be given up', async () => {
    const order = await create(finance, await world.customer())
    await receive(finance, order)
    await approve(finance, order)
    const refund = await requestRefundFor(world.deps, finance, {
      ...{ orderId: order.id, totalMinor: null, reason: 'Bought too much', idempotencyKey },
    })
    await settleBankRefundFor(world.deps, finance, { refundId: refund.id, bankReference: 'BACK 2', idempotencyKey })
    const canceling = cancelBankRefundFor(world.deps, finance, { refundId: refund.id, reason: 'Oh no', idempotencyKey })
    expect(await sentence(canceling)).toBe('A refund that is succeeded cannot be canceled.')
    const trail = await orderTrail(world.pool, colleague, order.id)
    expect(trail).toMatchObject({
      ...{
        order: { state: 'REFUNDED' },
        receipts: [{ recordedById: finance.userId }],
        refunds: [{ state: 'SUCCEEDED' }],
      },
      ...{
        documents: [{ kind: 'INVOICE' }, { kind: 'CREDIT_NOTE', refundId: refund.id }],
        lots: [{ remainingNano: 0n }],
      },
      entries: [{ kind: 'MANUAL_SETTLEMENT' }, { kind: 'REFUND' }],
    })
    expect(trail.transitions.map(({ toState }) => toState)).toEqual(['AWAITING_PAYMENT', 'PAID', 'REFUNDED'])
    expect([...trail.people]).toEqual([[finance.userId, 'Fay']])
  })
})

describe('a reseller', () => {
  test('that sells itself does all steps for its customers', async () => {
    const resellerId = await world.reseller()
    const owner = await world.member(resellerId, 'OWNER')
    const billing = await world.member(resellerId, 'BILLING')
    await writeSellerFor(world.deps, owner, resellerId, RESELLER_SELLER)
    const accountId = await world.customer({ resellerId })
    const order = await create(billing, accountId, 200_000n, { creditNano: 3_000n * UNIT })
    await receive(billing, order)
    expect(await refusal(approve(billing, order))).toBe('approval_by_same_person')
    expect(await approve(owner, order)).toMatchObject({ state: 'PAID' })
    expect((await world.wallet(accountId)).balance).toBe(3_000n * UNIT)
    const [document] = await world.select('SELECT number FROM tax_document WHERE order_id = $1', order.id)
    expect(document).toMatchObject({ number: 'R-000001' })
    expect((await orderTrail(world.pool, owner, order.id)).order.id).toBe(order.id)
  })

  test('asks for credit for its own wallet, at no terms of its own, and the rest is the operator’s', async () => {
    const resellerId = await world.reseller()
    const owner = await world.member(resellerId, 'OWNER')
    await writeSellerFor(world.deps, owner, resellerId, {
      ...RESELLER_SELLER,
      ...{ vatId: 'DE111111111', invoicePattern: 'Q-{000001}' },
    })
    for (const terms of [{ creditNano: 1_000_000n * UNIT }, { bonusNano: 1n }, { taxMinor: 0n }]) {
      expect(await refusal(ask(owner, resellerId, terms))).toBe('operator_sells')
    }
    const order = await ask(owner, resellerId)
    expect(await refusal(receive(owner, order))).toBe('operator_sells')
    expect(await refusal(approve(owner, order))).toBe('operator_sells')
    expect(await refusal(cancel(owner, order))).toBe('operator_sells')
    await receive(finance, order)
    expect(await refusal(approve(owner, order))).toBe('operator_sells')
    expect((await world.wallet(resellerId)).balance).toBe(0n)
    await approve(finance, order)
    expect((await world.wallet(resellerId)).balance).toBe(100n * UNIT)
  })

  test('without a seller of its own takes no money: the operator sells to its customers', async () => {
    const resellerId = await world.reseller()
    const owner = await world.member(resellerId, 'OWNER')
    const accountId = await world.customer({ resellerId })
    expect(await refusal(ask(owner, accountId, { bonusNano: UNIT }))).toBe('operator_sells')
    const order = await ask(owner, accountId)
    expect(await refusal(receive(owner, order))).toBe('operator_sells')
    await receive(finance, order)
    expect(await refusal(approve(owner, order))).toBe('operator_sells')
    expect(await approve(colleague, order)).toMatchObject({ state: 'PAID' })
  })
})
