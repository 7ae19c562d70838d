import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { cancelOrder } from '../../src/orders/manual/cancel-order.ts'
import { openOrder } from '../../src/orders/open-order.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { CLEAN, type ManualWorld, openManualWorld, refusal } from './manual-world.ts'

let world: ManualWorld

beforeEach(async () => {
  world = await openManualWorld()
})
afterEach(() => world.close())

const received = async () => {
  const rows = await world.select<{ received: string }>(
    'SELECT received_minor AS received FROM payment_order ORDER BY number',
  )
  return rows.map((row) => BigInt(row.received))
}
const receipts = () => world.select('SELECT bank_reference, amount_minor::int AS amount FROM bank_receipt ORDER BY 1')
const cancel = (order: PaymentOrder, returnReceived = false, idempotencyKey: string | null = null) =>
  cancelOrder(world.deps, {
    ...{ orderId: order.id, reason: 'Ordered twice', returnReceived, actorId: world.opener, idempotencyKey },
  })

describe('receipts', () => {
  test('a receipt is kept as the statement has it, with who recorded it and when', async () => {
    const order = await world.order()
    const { receipt } = await world.receive(order, 500n, {
      ...{ bankReference: '  nonref  4711 ', evidence: 'statement 17, page 2' },
    })
    expect(receipt).toEqual({
      ...{ id: receipt.id, orderId: order.id, bankReference: 'NONREF 4711', currency: 'USD', amountMinor: 500n },
      ...{ receivedOn: new Date(world.clock.now()).toISOString().slice(0, 10), evidence: 'statement 17, page 2' },
      ...{ recordedById: world.cashier, recordedAt: world.clock.now() },
    })
  })

  test('the same transfer recorded twice is one receipt, however it was typed', async () => {
    const order = await world.order()
    const first = await world.receive(order, 500n, { bankReference: 'NONREF 4711' })
    const again = await world.receive(order, 500n, { bankReference: 'nonref   4711', actorId: world.approver })
    expect(again.receipt).toEqual(first.receipt)
    expect(await received()).toEqual([500n])
  })

  test('a bank reference counts once over all orders, and once with one amount', async () => {
    const [order, other] = [await world.order(), await world.order()]
    const bankReference = 'NONREF 4711'
    await world.receive(order, 500n, { bankReference })
    const used = { code: 'bank_reference_used', field: 'bankReference' }
    expect(await refusal(world.receive(other, 500n, { bankReference }))).toEqual(used)
    expect(await refusal(world.receive(order, 501n, { bankReference }))).toEqual(used)
    expect(await received()).toEqual([500n, 0n])
  })

  test('one transfer recorded at once for two orders is received by one of them', async () => {
    const orders = [await world.order(), await world.order()]
    const bankReference = 'NONREF 4711'
    const attempts = orders.map((order) => refusal(world.receive(order, 500n, { bankReference })))
    const outcomes = await Promise.all(attempts)
    expect(outcomes).toContainEqual('no refusal')
    expect(outcomes).toContainEqual({ code: 'bank_reference_used', field: 'bankReference' })
    expect((await received()).sort()).toEqual([0n, 500n])
    expect(await receipts()).toHaveLength(1)
  })

  test('one transfer recorded ten times at once for its order is received once', async () => {
    const order = await world.order()
    const bankReference = 'NONREF 4711'
    const all = await Promise.all(Array.from({ length: 10 }, () => world.receive(order, 500n, { bankReference })))
    expect(new Set(all.map(({ receipt }) => receipt.id)).size).toBe(1)
    expect(await received()).toEqual([500n])
  })

  test('ten transfers recorded at once for one order all count', async () => {
    const order = await world.order()
    await Promise.all(Array.from({ length: 10 }, (_, index) => world.receive(order, BigInt(index + 1))))
    expect(await received()).toEqual([55n])
  })

  test('another currency is refused', async () => {
    const order = await world.order()
    expect(await refusal(world.receive(order, 500n, { currency: 'EUR' }))).toEqual({
      ...{ code: 'receipt_mismatch', field: 'currency' },
    })
    expect(await received()).toEqual([0n])
  })

  test('the same key records once; another body is a conflict', async () => {
    const order = await world.order()
    const asked = { bankReference: 'NONREF 4711', idempotencyKey: 'one' }
    const first = await world.receive(order, 500n, asked)
    expect((await world.receive(order, 500n, asked)).receipt).toEqual(first.receipt)
    expect(await refusal(world.receive(order, 500n, { ...asked, bankReference: 'NONREF 4712' }))).toEqual({
      ...{ code: 'idempotency_conflict', field: 'Idempotency-Key' },
    })
    expect(await received()).toEqual([500n])
  })

  test('a paid order receives nothing more, but still knows the receipt that it had', async () => {
    const order = await world.order()
    const { receipt } = await world.receive(order, 119_000n, { bankReference: 'NONREF 4711' })
    await world.approve(order, 'EXACT')
    expect(await refusal(world.receive(order, 500n))).toEqual({ code: 'order_move_refused', field: 'orderId' })
    expect((await world.receive(order, 119_000n, { bankReference: 'NONREF 4711' })).receipt).toEqual(receipt)
    expect(await received()).toEqual([119_000n])
  })

  test('an order of another kind is none, for every act', async () => {
    const manual = await world.order()
    const amounts = { currency: 'USD', netMinor: 500n, taxMinor: 0n, creditNano: 5n, bonusNano: 0n }
    const none = {
      packageId: null,
      planId: null,
      paymentMethodId: null,
      createdById: null,
      note: null,
      expiresAt: null,
    }
    const bought = {
      kind: 'CHECKOUT',
      state: 'AWAITING_PAYMENT',
      provider: 'STRIPE',
      livemode: false,
      cause: 'test',
    } as const
    const order = await inTransaction(world.pool, (client) =>
      openOrder(client, world.clock, { ...amounts, ...none, ...bought, accountId: manual.accountId }),
    )
    const notFound = { code: 'order_not_found', field: 'orderId' }
    for (const one of [order, { ...order, id: uuidV7(world.clock) }]) {
      expect(await refusal(world.receive(one, 500n))).toEqual(notFound)
      expect(await refusal(world.approve(one, 'EXACT'))).toEqual(notFound)
      expect(await refusal(cancel(one))).toEqual(notFound)
    }
    expect(await received()).toEqual([0n, 0n])
  })
})

describe('cancelling', () => {
  test('a cancelled order neither receives nor is approved, and cancelled again it stays as it is', async () => {
    const order = await world.order()
    const canceled = await cancel(order)
    expect(canceled).toMatchObject({ state: 'CANCELED', settlement: null, closedAt: world.clock.now() })
    expect(await cancel(order)).toEqual(canceled)
    expect(await refusal(world.receive(order, 500n))).toEqual({ code: 'order_move_refused', field: 'orderId' })
    expect(await refusal(world.approve(order, 'EXACT'))).toEqual({ code: 'order_move_refused', field: 'orderId' })
    expect(
      await world.select('SELECT cause, actor_id FROM order_transition WHERE order_id = $1 AND ordinal > 1', order.id),
    ).toEqual([{ cause: 'canceled: Ordered twice', actor_id: world.opener }])
  })

  test('an order that received money is cancelled only with a note that it goes back', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    expect(await refusal(cancel(order))).toEqual({ code: 'order_move_refused', field: 'returnReceived' })
    expect(await cancel(order, true)).toMatchObject({
      ...{ state: 'CANCELED', settlement: 'RETURN_RECEIVED', note: '$1,190.00 was received and is owed back.' },
    })
    expect(await refusal(world.approve(order, 'EXACT'))).toEqual({ code: 'order_move_refused', field: 'orderId' })
    expect(await world.entries(order)).toEqual([])
    expect(await world.verify()).toBe(CLEAN)
  })

  test('a paid order is not cancelled', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    const paid = await world.approve(order, 'EXACT')
    expect(await refusal(cancel(order, true))).toMatchObject({ code: 'order_move_refused' })
    expect(await world.approve(order, 'EXACT')).toEqual(paid)
  })

  test('the same key cancels once; another body is a conflict', async () => {
    const order = await world.order()
    const canceled = await cancel(order, false, 'one')
    expect(await cancel(order, false, 'one')).toEqual(canceled)
    expect(await refusal(cancel(order, true, 'one'))).toMatchObject({ code: 'idempotency_conflict' })
  })

  test('cancelled or received at once: never both without the note', async () => {
    const order = await world.order()
    const [canceling, receiving] = await Promise.all([refusal(cancel(order)), refusal(world.receive(order, 500n))])
    const [state] = await world.select<{ state: string; received: string }>(
      'SELECT state::text, received_minor::text AS received FROM payment_order',
    )
    if (canceling === 'no refusal') {
      expect(receiving).toEqual({ code: 'order_move_refused', field: 'orderId' })
      expect(state).toEqual({ state: 'CANCELED', received: '0' })
    } else {
      expect(canceling).toEqual({ code: 'order_move_refused', field: 'returnReceived' })
      expect(receiving).toBe('no refusal')
      expect(state).toEqual({ state: 'AWAITING_PAYMENT', received: '500' })
    }
  })
})
