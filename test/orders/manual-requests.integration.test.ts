import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approveOrder } from '../../src/orders/manual/approve-order.ts'
import { cancelOrder } from '../../src/orders/manual/cancel-order.ts'
import { createManualOrder } from '../../src/orders/manual/create-manual-order.ts'
import { proForma } from '../../src/orders/manual/pro-forma.ts'
import { recordReceipt } from '../../src/orders/manual/record-receipt.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { OrderError } from '../../src/orders/order-error.ts'
import { type ManualWorld, openManualWorld, refusal } from './manual-world.ts'

let world: ManualWorld
let order: PaymentOrder

beforeAll(async () => {
  world = await openManualWorld()
  order = await world.order()
})
afterAll(() => world.close())

const DAY_MS = 86_400_000
const day = (daysFromToday: number) => new Date(world.clock.now() + daysFromToday * DAY_MS).toISOString().slice(0, 10)
const yearsAgo = (years: number) => `${Number(day(0).slice(0, 4)) - years}${day(0).slice(4)}`

/** A good request of each act; what comes from outside may be anything. */
const acts = {
  create: () => ({
    ...{ accountId: order.accountId, netMinor: 1n, currency: 'USD', actorId: world.opener, idempotencyKey: null },
  }),
  record: () => ({
    ...{ orderId: order.id, bankReference: 'NONREF 4711', amountMinor: 1n, currency: 'USD', receivedOn: day(0) },
    ...{ actorId: world.cashier, idempotencyKey: null },
  }),
  approve: () => ({ orderId: order.id, settlement: 'EXACT', actorId: world.approver, idempotencyKey: null }),
  cancel: () => ({ orderId: order.id, reason: 'Ordered twice', actorId: world.opener, idempotencyKey: null }),
}
type Act = keyof typeof acts

function perform(act: Act, wrong: Record<string, unknown>): Promise<unknown> {
  const request = { ...acts[act](), ...wrong } as never
  if (act === 'create') return createManualOrder(world.deps, request)
  if (act === 'record') return recordReceipt(world.deps, request)
  return act === 'approve' ? approveOrder(world.deps, request) : cancelOrder(world.deps, request)
}

const ids = ['', 'x', 42, null, undefined, '01920000-0000-7000-8000-00000000000g']
const keys = [undefined, '', 'k'.repeat(256), 'a\nb\u0000', 1]
const money = [0n, -1n, 10n ** 12n + 1n, 1, 1.5, '1', null]
const currencies = ['usd', 'US', 'USDT', '', 840, null]
const WRONG: [Act, string, unknown[]][] = [
  ['create', 'accountId', ids],
  ['create', 'netMinor', [...money, undefined]],
  ['create', 'taxMinor', [-1n, 10n ** 12n + 1n, 1, null]],
  ['create', 'currency', currencies],
  ['create', 'creditNano', [0n, -1n, 10n ** 18n + 1n, 5]],
  ['create', 'bonusNano', [-1n, 10n ** 18n + 1n, 5, null]],
  ['create', 'packageId', ['x', 42]],
  ['create', 'note', ['', '  ', 'n'.repeat(2_001), 'a\u0000b', 42]],
  ['create', 'dueDays', [0, -1, 366, 1.5, Number.NaN, '30', null]],
  ['create', 'actorId', ids],
  ['create', 'idempotencyKey', keys],
  ['create', 'discount', [1n]],
  ['record', 'orderId', ids],
  ['record', 'bankReference', ['', ' ', 'r'.repeat(141), 'a\u0000', 42, null]],
  ['record', 'amountMinor', [...money, undefined]],
  ['record', 'currency', currencies],
  ['record', 'receivedOn', ['', 'today', '2026-02-30', '2026-13-01', '26-01-01', '2026-01-01T00:00:00Z', 42, null]],
  ['record', 'evidence', ['', 'e'.repeat(2_001), 'a\u0000', 42]],
  ['record', 'actorId', ids],
  ['record', 'idempotencyKey', keys],
  ['approve', 'orderId', ids],
  ['approve', 'settlement', ['', 'exact', 'ALL', null, undefined]],
  ['approve', 'actorId', ids],
  ['approve', 'idempotencyKey', keys],
  ['cancel', 'orderId', ids],
  ['cancel', 'reason', ['', ' ', 'r'.repeat(301), 'a\u0000', null, undefined]],
  ['cancel', 'returnReceived', ['yes', 1, null]],
  ['cancel', 'actorId', ids],
  ['cancel', 'idempotencyKey', keys],
]

describe('requests', () => {
  test.each(WRONG)('%s refuses a wrong %s by its name, and changes nothing', async (act, field, values) => {
    const before = await world.select('SELECT xmin::text, * FROM payment_order')
    for (const value of values) {
      const error = await perform(act, { [field]: value }).catch((thrown: unknown) => thrown)
      expect(error, String(value)).toBeInstanceOf(OrderError)
      expect(error).toMatchObject({ code: 'invalid_request', field, message: expect.stringContaining(field) })
    }
    expect(await world.select('SELECT xmin::text, * FROM payment_order')).toEqual(before)
  })

  test('a receipt is from today (UTC) or the past, and no older than two years', async () => {
    const wrongDay = { code: 'invalid_request', field: 'receivedOn' }
    expect(await refusal(perform('record', { receivedOn: day(1) }))).toEqual(wrongDay)
    expect(await refusal(perform('record', { receivedOn: '1999-12-31' }))).toEqual(wrongDay)
    expect(await refusal(perform('record', { receivedOn: `${yearsAgo(3)}` }))).toEqual(wrongDay)
    const { receipt } = await world.receive(order, 1n, { receivedOn: day(0) })
    expect(receipt.receivedOn).toBe(day(0))
    const old = await world.receive(order, 1n, { receivedOn: yearsAgo(2) })
    expect(old.receipt.receivedOn).toBe(yearsAgo(2))
  })

  test('more credits than one order may buy are refused, whatever they cost', async () => {
    const wrong = { netMinor: 10n ** 12n }
    expect(await refusal(perform('create', wrong))).toEqual({ code: 'amount_above_maximum', field: 'netMinor' })
    const agreed = { ...acts.create(), ...wrong, creditNano: 10n ** 18n }
    expect((await createManualOrder(world.deps, agreed)).creditNano).toBe(10n ** 18n)
  })

  test('a pro-forma is asked for by ids', async () => {
    for (const wrong of ['', 'x']) {
      expect(await refusal(proForma(world.deps, wrong, null))).toEqual({ code: 'invalid_request', field: 'orderId' })
      expect(await refusal(proForma(world.deps, order.id, wrong))).toEqual({
        code: 'invalid_request',
        field: 'accountId',
      })
    }
  })
})
