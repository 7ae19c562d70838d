import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refundable } from '../../src/orders/refunds/refundable.ts'
import { settleBankRefund } from '../../src/orders/refunds/settle-bank-refund.ts'
import { entriesOf, walletOf } from '../ledger/ledger-reads.ts'
import { CENT, DAY_MS, openRefundWorld, type RefundWorld, refundFact, STAFF } from './refund-world.ts'

let world: RefundWorld
beforeAll(async () => {
  world = await openRefundWorld()
})
afterAll(() => world.close())

const anId = '01900000-0000-7000-8000-00000000dead'

describe('a refund that we ask for', () => {
  test('returns the unspent credits with their tax, voids the free bonus, and takes each once', async () => {
    const account = await world.account()
    await world.memberOf(account)
    const order = await world.buy(account, { taxMinor: 1_900n, bonusNano: 500n * CENT })
    // The bonus goes first, then 40.00 of what was paid.
    await world.spend(account, 4_500n * CENT)
    const offered = await refundable(world.deps, order.id)
    expect(offered).toEqual({
      ...{ netMinor: 6_000n, taxMinor: 1_140n, totalMinor: 7_140n },
      ...{ creditNano: 6_000n * CENT, bonusNano: 0n },
    })
    const { id } = await world.ask(order.id, null)
    expect(world.nudged).toContainEqual({ job: 'refund', refundId: id })
    expect(await world.lot(order.lotId)).toMatchObject({ left: 6_000n * CENT, frozen: 6_000n * CENT })
    expect(await world.hold(account, CENT)).toBeNull()
    expect(await world.runs.run(id)).toBe('succeeded')
    expect(await world.runs.run(id)).toBe('idle')
    const after = await world.order(order.id)
    expect(after).toMatchObject({ state: 'PARTIALLY_REFUNDED', refundedMinor: 7_140n, withdrawnNano: 6_000n * CENT })
    expect(await walletOf(world.pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
    const entries = await entriesOf(world.pool, account)
    expect(entries.filter(({ kind }) => kind === 'REFUND')).toEqual([
      { kind: 'REFUND', sourceId: id, amount: -6_000n * CENT },
    ])
    await expect(world.ask(order.id, null)).rejects.toMatchObject({ code: 'refund_exceeds_available' })
    expect(await world.mails(account)).toEqual(['credits-added', 'refund-made'])
    await world.expectClean()
  })

  test('in parts that sum to the whole returns the whole net, tax and credits, and the free bonus with the first', async () => {
    const account = await world.account()
    const order = await world.buy(account, { netMinor: 1_001n, taxMinor: 191n, bonusNano: 77n * CENT })
    for (const part of [331n, 400n, null]) {
      const { id } = await world.ask(order.id, part)
      expect(await world.runs.run(id)).toBe('succeeded')
      world.clock.advance(1)
    }
    const refunds = await world.refunds(order.id)
    const sum = (field: 'netMinor' | 'taxMinor' | 'creditNano') =>
      refunds.reduce((total, refund) => total + refund[field], 0n)
    expect([sum('netMinor'), sum('taxMinor'), sum('creditNano')]).toEqual([1_001n, 191n, 1_001n * CENT])
    expect(refunds.map(({ bonusNano }) => bonusNano)).toEqual([77n * CENT, 0n, 0n])
    expect(await world.order(order.id)).toMatchObject({ state: 'REFUNDED', refundedMinor: 1_192n })
    expect((await walletOf(world.pool, account)).balance).toBe(0n)
    await world.expectClean()
  })

  test('that the provider refuses thaws the credits and leaves the order as it was', async () => {
    const account = await world.account()
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    const { id } = await world.ask(order.id, 4_000n)
    world.provider.next = 'refuse'
    expect(await world.runs.run(id)).toBe('failed')
    const [refund] = await world.refunds(order.id)
    expect(refund).toMatchObject({ state: 'FAILED', failureCode: 'charge_already_refunded', frozenNano: 0n })
    expect(await world.order(order.id)).toMatchObject({ state: 'PAID', refundedMinor: 0n, withdrawnNano: 0n })
    await world.spend(account, 10_100n * CENT)
    await world.expectClean()
  })

  test.each(['crash before', 'crash after'] as const)(
    'is made and booked once after a %s the provider did it',
    async (crash) => {
      const account = await world.account()
      const order = await world.buy(account)
      const { id } = await world.ask(order.id, 2_500n)
      world.provider.next = crash
      expect(await world.runs.run(id)).toBe('later')
      expect(await world.runs.run(id)).toBe('idle')
      expect(await world.lot(order.lotId)).toMatchObject({ left: 10_000n * CENT, frozen: 2_500n * CENT })
      world.clock.advance(60_000)
      expect(await world.runs.due(1_000)).toContain(id)
      expect(await world.runs.run(id)).toBe('succeeded')
      expect(world.provider.made.filter((fact) => fact.refundId === id)).toHaveLength(1)
      expect((await walletOf(world.pool, account)).balance).toBe(7_500n * CENT)
      expect(await world.runs.due(1_000)).not.toContain(id)
      await world.expectClean()
    },
  )

  test("is found in the provider's list when its key is no longer kept there, and not made again", async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 2_500n)
    world.provider.next = 'crash after'
    await world.runs.run(id)
    world.clock.advance(2 * DAY_MS)
    const { asked } = world.provider
    expect(await world.runs.run(id)).toBe('succeeded')
    expect(world.provider.asked).toBe(asked)
    expect(world.provider.made.filter((fact) => fact.refundId === id)).toHaveLength(1)
  })

  test('that was granted without an answer and then refused as a repeat succeeds', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 2_500n)
    world.provider.next = 'crash after'
    await world.runs.run(id)
    world.clock.advance(60_000)
    world.provider.next = 'refuse'
    expect(await world.runs.run(id)).toBe('succeeded')
    expect((await world.refunds(order.id)).map(({ state }) => state)).toEqual(['SUCCEEDED'])
  })

  test('that the provider leaves pending is asked about until it is decided, and never asked for again', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 2_500n)
    world.provider.next = 'pending'
    expect(await world.runs.run(id)).toBe('later')
    const { asked } = world.provider
    world.clock.advance(60_000)
    expect(await world.runs.run(id)).toBe('later')
    const made = world.provider.made.find((fact) => fact.refundId === id)
    Object.assign(made ?? {}, { status: 'succeeded' })
    world.clock.advance(5 * 60_000)
    expect(await world.runs.run(id)).toBe('succeeded')
    expect(world.provider.asked).toBe(asked)
  })

  test('is told by a webhook before its own answer is booked, and is booked once', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 2_500n)
    world.provider.next = 'crash after'
    await world.runs.run(id)
    const fact = world.provider.made.find((made) => made.refundId === id)
    if (!fact) throw new Error('not made')
    expect(await world.refund(order.id, fact)).toBe('applied')
    expect(await world.refund(order.id, fact)).toBe('repeated')
    world.clock.advance(60_000)
    expect(await world.runs.run(id)).toBe('idle')
    expect((await walletOf(world.pool, account)).balance).toBe(7_500n * CENT)
    await world.expectClean()
  })

  test('twice under one key is one refund; another amount under it is refused', async () => {
    const order = await world.buy(await world.account())
    const first = await world.ask(order.id, 100n, { idempotencyKey: 'k' })
    expect((await world.ask(order.id, 100n, { idempotencyKey: 'k' })).id).toBe(first.id)
    await expect(world.ask(order.id, 200n, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
    expect(await world.refunds(order.id)).toHaveLength(1)
  })

  test('two at once for all there is: one is granted, the other finds nothing', async () => {
    const order = await world.buy(await world.account())
    const results = await Promise.allSettled([
      world.ask(order.id, null),
      world.ask(order.id, 1n),
      world.ask(order.id, null),
    ])
    const pending = await world.refunds(order.id)
    const sum = pending.reduce((total, { totalMinor }) => total + totalMinor, 0n)
    expect(sum).toBe(10_000n)
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
    await world.expectClean()
  })

  test('of an order of another account, or of none, is answered alike', async () => {
    const order = await world.buy(await world.account())
    const stranger = await world.account()
    const refused = { code: 'order_not_found', message: 'There is no such order.' }
    await expect(world.ask(order.id, null, { accountId: stranger })).rejects.toMatchObject(refused)
    await expect(world.ask(anId, null)).rejects.toMatchObject(refused)
    await expect(world.ask('no id', null)).rejects.toMatchObject({ code: 'invalid_request', field: 'orderId' })
    await expect(world.ask(order.id, 0n)).rejects.toMatchObject({ code: 'invalid_request', field: 'totalMinor' })
    expect(await world.refunds(order.id)).toEqual([])
  })

  test('of a bank transfer waits for the transfer back, whose reference serves one refund', async () => {
    const account = await world.account()
    const order = await world.buy(account, { provider: 'BANK' })
    const { nudged } = world
    nudged.length = 0
    const first = await world.ask(order.id, 1_000n)
    const second = await world.ask(order.id, 2_000n)
    expect(nudged).toEqual([])
    const settle = (refundId: string, bankReference: string) =>
      settleBankRefund(world.deps, { refundId, bankReference, actorId: STAFF, idempotencyKey: null })
    expect(await settle(first.id, 'back 1')).toMatchObject({ state: 'SUCCEEDED', providerRefundId: 'BACK 1' })
    expect(await settle(first.id, 'Back  1')).toMatchObject({ state: 'SUCCEEDED' })
    await expect(settle(second.id, 'back 1')).rejects.toMatchObject({ code: 'bank_reference_used' })
    await expect(settle(first.id, 'back 2')).rejects.toMatchObject({ code: 'order_move_refused' })
    expect(await world.order(order.id)).toMatchObject({ state: 'PARTIALLY_REFUNDED', refundedMinor: 1_000n })
    expect((await walletOf(world.pool, account)).balance).toBe(9_000n * CENT)
    await world.expectClean()
  })
})

describe('a refund and the requests beside it', () => {
  test('a request in flight may still capture what it had reserved of a frozen lot', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const finish = await world.hold(account, 3_000n * CENT)
    const { id, totalMinor } = await world.ask(order.id, null)
    expect(totalMinor).toBe(7_000n)
    await finish?.(3_000n * CENT)
    expect(await world.runs.run(id)).toBe('succeeded')
    expect(await walletOf(world.pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
    await world.expectClean()
  })

  test('frozen credit outlives its expiry: a refund that fails lets it expire, one that succeeds returns it', async () => {
    for (const [failure, kinds] of [
      ['refuse', ['PURCHASE', 'EXPIRY', 'EXPIRY']],
      [null, ['PURCHASE', 'EXPIRY', 'REFUND']],
    ] as const) {
      const account = await world.account()
      const order = await world.buy(account)
      const { id } = await world.ask(order.id, 2_500n)
      world.clock.advance(366 * DAY_MS)
      await world.ledger.sweepExpired()
      expect((await walletOf(world.pool, account)).balance).toBe(2_500n * CENT)
      world.provider.next = failure
      await world.runs.run(id)
      expect((await walletOf(world.pool, account)).balance).toBe(0n)
      expect((await entriesOf(world.pool, account)).map(({ kind }) => kind)).toEqual(kinds)
      expect(await refundable(world.deps, order.id)).toMatchObject({ totalMinor: 0n })
    }
    await world.expectClean()
  })
})

describe("a refund made at the provider's dashboard", () => {
  test('of credits already spent becomes debt, which the next purchase repays', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    await world.spend(account, 8_000n * CENT)
    expect(await world.refund(order.id, refundFact(`re_${order.id}`, 10_000n))).toBe('applied')
    expect(await walletOf(world.pool, account)).toEqual({ balance: -8_000n * CENT, held: 0n, debt: 8_000n * CENT })
    expect(await world.order(order.id)).toMatchObject({ state: 'REFUNDED', withdrawnNano: 10_000n * CENT })
    await world.buy(account)
    expect(await walletOf(world.pool, account)).toEqual({ balance: 2_000n * CENT, held: 0n, debt: 0n })
    await world.expectClean()
  })

  test('that succeeds and fails later gives credits and bonus back as lots of their own', async () => {
    const account = await world.account()
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    const re = `re_${order.id}`
    await world.refund(order.id, refundFact(re, 10_000n))
    expect((await walletOf(world.pool, account)).balance).toBe(0n)
    expect(await world.refund(order.id, refundFact(re, 10_000n, 'failed'))).toBe('applied')
    expect(await world.refund(order.id, refundFact(re, 10_000n))).toBe('repeated')
    expect((await walletOf(world.pool, account)).balance).toBe(10_100n * CENT)
    expect(await world.order(order.id)).toMatchObject({ state: 'PAID', refundedMinor: 0n, withdrawnNano: 0n })
    const [refund] = await world.refunds(order.id)
    expect(refund).toMatchObject({ state: 'FAILED', failureCode: 'expired_or_canceled_card', external: true })
    expect((await entriesOf(world.pool, account)).slice(2)).toEqual([
      { kind: 'REFUND', sourceId: refund?.id, amount: -10_100n * CENT },
      { kind: 'ADJUSTMENT', sourceId: refund?.id, amount: 10_000n * CENT },
      { kind: 'GRANT', sourceId: refund?.id, amount: 100n * CENT },
    ])
    await world.expectClean()
  })

  test('that fails after its lot has expired gives credits for another thirty days', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const re = `re_${order.id}`
    await world.refund(order.id, refundFact(re, 10_000n))
    world.clock.advance(400 * DAY_MS)
    await world.refund(order.id, refundFact(re, 10_000n, 'failed'))
    world.clock.advance(30 * DAY_MS - 1)
    await world.ledger.sweepExpired()
    expect((await walletOf(world.pool, account)).balance).toBe(10_000n * CENT)
    world.clock.advance(1)
    await world.ledger.sweepExpired()
    expect((await walletOf(world.pool, account)).balance).toBe(0n)
  })

  test('under the name of a refund of ours that is already known by another id is money of its own', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 2_500n)
    await world.runs.run(id)
    expect(await world.refund(order.id, { ...refundFact(`re_second_${id}`, 2_500n), refundId: id })).toBe('applied')
    expect((await walletOf(world.pool, account)).balance).toBe(5_000n * CENT)
    await world.expectClean()
  })

  test('in another currency or of another amount than before is refused and changes nothing', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const fact = refundFact(`re_${order.id}`, 1_000n, 'pending')
    await expect(world.refund(order.id, { ...fact, currency: 'EUR' })).rejects.toMatchObject({
      code: 'receipt_mismatch',
    })
    await world.refund(order.id, fact)
    const other = refundFact(`re_${order.id}`, 2_000n)
    await expect(world.refund(order.id, other)).rejects.toMatchObject({ code: 'receipt_mismatch' })
    expect((await walletOf(world.pool, account)).balance).toBe(10_000n * CENT)
  })
})
