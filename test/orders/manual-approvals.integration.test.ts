import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { CLEAN, LIMIT_MINOR, type ManualWorld, openManualWorld, refusal } from './manual-world.ts'

let world: ManualWorld

beforeEach(async () => {
  world = await openManualWorld()
})
afterEach(() => world.close())

const sameNet = (netMinor: bigint) => ({ netMinor, taxMinor: 0n })
const SAME_PERSON = { code: 'approval_by_same_person', field: 'actorId' }

describe('four eyes', () => {
  test('at the limit, one person may open, record and approve', async () => {
    const one = { actorId: world.opener }
    const order = await world.order({ ...sameNet(LIMIT_MINOR), ...one })
    await world.receive(order, LIMIT_MINOR, one)
    expect((await world.approve(order, 'EXACT', one)).state).toBe('PAID')
  })

  test('above the limit, neither who opened nor anybody who recorded a receipt approves', async () => {
    const order = await world.order(sameNet(LIMIT_MINOR + 1n))
    await world.receive(order, 1n, { actorId: world.cashier })
    const second = uuidV7(world.clock)
    await world.receive(order, LIMIT_MINOR, { actorId: second })
    for (const actorId of [world.opener, world.cashier, second]) {
      expect(await refusal(world.approve(order, 'EXACT', { actorId }))).toEqual(SAME_PERSON)
    }
    expect(await world.entries(order)).toEqual([])
    expect((await world.approve(order, 'EXACT', { actorId: world.approver })).state).toBe('PAID')
  })

  test('a person is the same in capitals', async () => {
    const order = await world.order(sameNet(LIMIT_MINOR + 1n))
    await world.receive(order, LIMIT_MINOR + 1n)
    const actorId = world.opener.toUpperCase()
    expect(await refusal(world.approve(order, 'EXACT', { actorId }))).toEqual(SAME_PERSON)
  })

  test('a small order with a large excess is above the limit', async () => {
    const order = await world.order(sameNet(100n))
    await world.receive(order, LIMIT_MINOR + 1n)
    const approve = (actorId: string) => world.approve(order, 'CREDIT_EXCESS', { actorId })
    expect(await refusal(approve(world.cashier))).toEqual(SAME_PERSON)
    expect((await approve(world.approver)).totalMinor).toBe(LIMIT_MINOR + 1n)
  })
})

describe('approved once', () => {
  test('approving twice is the same as once', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    const paid = await world.approve(order, 'EXACT')
    world.clock.advance(1_000)
    expect(await world.approve(order, 'EXACT')).toEqual(paid)
    expect(await world.approve(order, 'EXACT', { actorId: uuidV7(world.clock) })).toEqual(paid)
    expect(await world.entries(order)).toHaveLength(1)
  })

  test('somebody who approves in another way learns that it was approved before', async () => {
    const order = await world.order()
    await world.receive(order, 119_001n)
    await world.approve(order, 'RETURN_EXCESS')
    expect(await refusal(world.approve(order, 'CREDIT_EXCESS'))).toEqual({
      ...{ code: 'order_changed_meanwhile', field: 'settlement' },
    })
    expect(await world.entries(order)).toHaveLength(1)
  })

  test('twenty approvals at once, by twenty people, pay once', async () => {
    const order = await world.order({ bonusNano: 5n })
    await world.receive(order, 119_000n)
    const people = Array.from({ length: 20 }, () => uuidV7(world.clock))
    const orders = await Promise.all(people.map((actorId) => world.approve(order, 'EXACT', { actorId })))
    expect(new Set(orders.map(({ approvedById }) => approvedById)).size).toBe(1)
    expect(orders.every(({ state }) => state === 'PAID')).toBe(true)
    expect((await world.entries(order)).map(({ kind }) => kind)).toEqual(['MANUAL_SETTLEMENT', 'GRANT'])
    expect(await world.select(`SELECT 1 FROM order_transition WHERE to_state = 'PAID'`)).toHaveLength(1)
    expect(await world.select(`SELECT 1 FROM mail WHERE template = 'manual-order-paid'`)).toHaveLength(1)
    expect(await world.verify()).toBe(CLEAN)
  })

  test('two people who settle in two ways at once: one is done, and the other is told', async () => {
    const order = await world.order()
    await world.receive(order, 238_000n)
    const outcomes = await Promise.all([
      refusal(world.approve(order, 'CREDIT_EXCESS')),
      refusal(world.approve(order, 'RETURN_EXCESS', { actorId: uuidV7(world.clock) })),
    ])
    expect(outcomes).toContainEqual('no refusal')
    expect(outcomes).toContainEqual({ code: 'order_changed_meanwhile', field: 'settlement' })
    expect(await world.entries(order)).toHaveLength(1)
    expect(await world.verify()).toBe(CLEAN)
  })

  test('an approval of what was seen pays for nothing else that arrived since', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    await world.receive(order, 500n)
    expect(await refusal(world.approve(order, 'CREDIT_EXCESS', { seenReceivedMinor: 119_000n }))).toEqual({
      ...{ code: 'order_changed_meanwhile', field: null },
    })
    expect(await world.entries(order)).toEqual([])
    expect((await world.approve(order, 'CREDIT_EXCESS', { seenReceivedMinor: 119_500n })).state).toBe('PAID')
    expect(await world.verify()).toBe(CLEAN)
  })

  test('approved while another receipt is recorded: what is paid for is what had arrived', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    const [approving, receiving] = await Promise.all([
      refusal(world.approve(order, 'EXACT')),
      refusal(world.receive(order, 500n)),
    ])
    const [row] = await world.select<{ state: string; received: string }>(
      'SELECT state::text, received_minor::text AS received FROM payment_order',
    )
    if (approving === 'no refusal') {
      expect(receiving).toEqual({ code: 'order_move_refused', field: 'orderId' })
      expect(row).toEqual({ state: 'PAID', received: '119000' })
    } else {
      expect(approving).toEqual({ code: 'receipt_mismatch', field: 'settlement' })
      expect(receiving).toBe('no refusal')
      expect(row).toEqual({ state: 'AWAITING_PAYMENT', received: '119500' })
    }
    expect(await world.verify()).toBe(CLEAN)
  })

  test('the same key approves once, also at once; another body is a conflict', async () => {
    const order = await world.order()
    await world.receive(order, 119_000n)
    const asked = { idempotencyKey: 'one' }
    const orders = await Promise.all([1, 2, 3].map(() => world.approve(order, 'EXACT', asked)))
    expect(new Set(orders.map(({ paidAt }) => paidAt)).size).toBe(1)
    expect(await refusal(world.approve(order, 'REDUCE', asked))).toEqual({
      ...{ code: 'idempotency_conflict', field: 'Idempotency-Key' },
    })
    expect(await world.entries(order)).toHaveLength(1)
  })

  test('a refused approval leaves its key free for the next try', async () => {
    const order = await world.order()
    const asked = { idempotencyKey: 'one' }
    expect(await refusal(world.approve(order, 'EXACT', asked))).toMatchObject({ code: 'receipt_mismatch' })
    await world.receive(order, 119_000n)
    expect((await world.approve(order, 'EXACT', asked)).state).toBe('PAID')
  })
})
