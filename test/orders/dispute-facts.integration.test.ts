import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DisputeFact } from '../../src/orders/disputes/dispute-fact.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import type { RefundFact } from '../../src/orders/refunds/refund-fact.ts'
import { entriesOf, walletOf } from '../ledger/ledger-reads.ts'
import { CENT, disputeFact, openRefundWorld, type RefundWorld, refundFact } from './refund-world.ts'

let world: RefundWorld
beforeAll(async () => {
  world = await openRefundWorld()
})
afterAll(() => world.close())

const opened = (order: PaymentOrder, amountMinor = order.totalMinor) =>
  disputeFact(`dp_${order.id}`, amountMinor, 'needs_response')
const lost = (order: PaymentOrder, amountMinor = order.totalMinor) => disputeFact(`dp_${order.id}`, amountMinor, 'lost')
const won = (order: PaymentOrder, amountMinor = order.totalMinor) => disputeFact(`dp_${order.id}`, amountMinor, 'won')

describe('a dispute', () => {
  test('freezes the disputed share and the free bonus, tells the account, and touches nothing else', async () => {
    const account = await world.account()
    await world.memberOf(account)
    const other = await world.buy(account)
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    expect(await world.dispute(order.id, opened(order, 2_500n))).toBe('applied')
    expect(await world.dispute(order.id, opened(order, 2_500n))).toBe('repeated')
    expect(await world.lot(order.lotId)).toEqual({ left: 10_000n * CENT, frozen: 2_500n * CENT, held: 0n })
    expect(await world.lot(order.bonusLotId)).toMatchObject({ frozen: 100n * CENT })
    expect(await world.lot(other.lotId)).toMatchObject({ frozen: 0n })
    expect(await world.order(order.id)).toMatchObject({ state: 'DISPUTED', withdrawnNano: 0n })
    expect(await world.order(other.id)).toMatchObject({ state: 'PAID' })
    expect((await walletOf(world.pool, account)).balance).toBe(20_100n * CENT)
    expect(await world.mails(account)).toEqual(['credits-added', 'credits-added', 'dispute-opened'])
    await world.expectClean()
  })

  test('that is only an inquiry freezes nothing, and closed again leaves nothing', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    await world.dispute(order.id, disputeFact(`dp_${order.id}`, 10_000n, 'warning_needs_response'))
    expect(await world.lot(order.lotId)).toMatchObject({ frozen: 0n })
    expect(await world.order(order.id)).toMatchObject({ state: 'PAID' })
    await world.dispute(order.id, disputeFact(`dp_${order.id}`, 10_000n, 'warning_closed'))
    expect((await world.disputes(order.id)).map(({ state }) => state)).toEqual(['WON'])
    await world.expectClean()
  })

  test('that is won gives back what it froze, and the order is what its refunds make it', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    await world.refund(order.id, refundFact(`re_${order.id}`, 1_000n))
    await world.dispute(order.id, opened(order))
    expect(await world.lot(order.lotId)).toMatchObject({ left: 9_000n * CENT, frozen: 9_000n * CENT })
    await world.dispute(order.id, won(order))
    expect(await world.order(order.id)).toMatchObject({ state: 'PARTIALLY_REFUNDED' })
    await world.spend(account, 9_000n * CENT)
    await world.expectClean()
  })

  test('that is lost takes bonus, then paid credits, then makes debt, in one entry; an older fact changes nothing', async () => {
    const account = await world.account()
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    await world.spend(account, 4_100n * CENT)
    await world.dispute(order.id, opened(order))
    await world.dispute(order.id, lost(order))
    expect(await world.dispute(order.id, opened(order))).toBe('repeated')
    expect(await walletOf(world.pool, account)).toEqual({ balance: -4_000n * CENT, held: 0n, debt: 4_000n * CENT })
    const [dispute] = await world.disputes(order.id)
    expect(dispute).toMatchObject({ state: 'LOST', clawedBackNano: 10_000n * CENT, frozenNano: 0n })
    expect((await entriesOf(world.pool, account)).slice(3)).toEqual([
      { kind: 'DISPUTE', sourceId: dispute?.id, amount: -10_000n * CENT },
    ])
    expect(await world.order(order.id)).toMatchObject({ state: 'DISPUTED' })
    await world.expectClean()
  })

  test('that was lost and whose money came back returns what it took, bonus and all, once', async () => {
    const account = await world.account()
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    await world.dispute(order.id, lost(order))
    expect((await walletOf(world.pool, account)).balance).toBe(0n)
    const reinstated = disputeFact(`dp_${order.id}`, 10_000n, 'lost', true)
    expect(await world.dispute(order.id, reinstated)).toBe('applied')
    expect(await world.dispute(order.id, reinstated)).toBe('repeated')
    expect((await walletOf(world.pool, account)).balance).toBe(10_100n * CENT)
    expect(await world.order(order.id)).toMatchObject({ state: 'PAID', withdrawnNano: 0n })
    expect((await world.disputes(order.id)).map(({ state }) => state)).toEqual(['REINSTATED'])
    await world.expectClean()
  })

  test('switches the automatic top-up of the account off, and of no other', async () => {
    const accounts = [await world.account(), await world.account()]
    for (const account of accounts) {
      await world.pool.query(
        `INSERT INTO top_up_consent (id, account_id, actor_id, actor_kind, text_version, currency, threshold_nano, amount_minor, payment_method_id, created_at)
         VALUES ($1, $1, $1, 'person', '1', 'USD', 1, 1, 'pm', now())`,
        [account],
      )
      await world.pool.query(
        `INSERT INTO auto_top_up (account_id, enabled, currency, threshold_nano, amount_minor, payment_method_id, consent_id, updated_at)
         VALUES ($1, true, 'USD', 1, 1, 'pm', $1, now())`,
        [account],
      )
      await world.pool.query('UPDATE wallet SET top_up_below_nano = 1 WHERE account_id = $1', [account])
    }
    const order = await world.buy(accounts[0] as string)
    await world.dispute(order.id, opened(order))
    const { rows } = await world.pool.query(
      `SELECT suspended_reason, top_up_below_nano FROM auto_top_up JOIN wallet USING (account_id)
       WHERE account_id = ANY ($1) ORDER BY account_id = $2 DESC`,
      [accounts, accounts[0]],
    )
    expect(rows).toEqual([
      { suspended_reason: 'dispute', top_up_below_nano: null },
      { suspended_reason: null, top_up_below_nano: '1' },
    ])
    await world.expectClean()
  })

  test('in another currency is refused and changes nothing', async () => {
    const order = await world.buy(await world.account())
    const foreign = { ...opened(order), currency: 'EUR' }
    await expect(world.dispute(order.id, foreign)).rejects.toMatchObject({ code: 'receipt_mismatch' })
    expect(await world.disputes(order.id)).toEqual([])
  })
})

describe('refunds and disputes of one order', () => {
  test('at the same time take together no more than it gave', async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = await world.account()
      const order = await world.buy(account, { bonusNano: 100n * CENT })
      await Promise.all([
        world.refund(order.id, refundFact(`re_${order.id}`, 7_000n)),
        world.dispute(order.id, lost(order)),
        world.refund(order.id, refundFact(`re_${order.id}`, 7_000n)),
        world.dispute(order.id, lost(order)),
      ])
      expect(await walletOf(world.pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
      expect(await world.order(order.id)).toMatchObject({ state: 'DISPUTED', withdrawnNano: 10_000n * CENT })
    }
    await world.expectClean()
  })

  test('a refund under way and a dispute share what is frozen, and neither makes debt', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const { id } = await world.ask(order.id, 4_000n)
    await world.dispute(order.id, opened(order))
    expect(await world.lot(order.lotId)).toMatchObject({ left: 10_000n * CENT, frozen: 10_000n * CENT })
    await expect(world.ask(order.id, null)).rejects.toMatchObject({ code: 'refund_exceeds_available' })
    await world.runs.run(id)
    expect(await walletOf(world.pool, account)).toEqual({ balance: 6_000n * CENT, held: 0n, debt: 0n })
    expect(await world.lot(order.lotId)).toMatchObject({ left: 6_000n * CENT, frozen: 6_000n * CENT })
    await world.dispute(order.id, lost(order))
    expect(await walletOf(world.pool, account)).toEqual({ balance: 0n, held: 0n, debt: 0n })
    await world.expectClean()
  })

  test('a request in flight may still capture what it had reserved of a disputed lot, and nothing more is granted', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const finish = await world.hold(account, 3_000n * CENT)
    await world.dispute(order.id, opened(order))
    expect(await world.hold(account, 1n)).toBeNull()
    await finish?.(1_000n * CENT)
    expect(await walletOf(world.pool, account)).toEqual({ balance: 9_000n * CENT, held: 0n, debt: 0n })
    expect(await world.hold(account, 1n)).toBeNull()
    await world.dispute(order.id, won(order))
    await world.spend(account, 9_000n * CENT)
    await world.expectClean()
  })

  test('debt that a refund made of reserved credit is repaid when that is released, dispute or not', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    const finish = await world.hold(account, 6_000n * CENT)
    await world.refund(order.id, refundFact(`re_${order.id}`, 6_000n))
    expect(await walletOf(world.pool, account)).toMatchObject({ balance: 4_000n * CENT, debt: 2_000n * CENT })
    await world.dispute(order.id, opened(order))
    await finish?.(0n)
    expect(await walletOf(world.pool, account)).toEqual({ balance: 4_000n * CENT, held: 0n, debt: 0n })
    expect(await world.lot(order.lotId)).toEqual({ left: 4_000n * CENT, frozen: 4_000n * CENT, held: 0n })
    await world.expectClean()
  })

  test('bonus and credits that a failed refund gave back are taken by the next before anything becomes debt', async () => {
    const account = await world.account()
    const order = await world.buy(account, { bonusNano: 100n * CENT })
    await world.refund(order.id, refundFact(`re_1_${order.id}`, 10_000n))
    await world.refund(order.id, refundFact(`re_1_${order.id}`, 10_000n, 'failed'))
    await world.refund(order.id, refundFact(`re_2_${order.id}`, 4_000n))
    expect(await walletOf(world.pool, account)).toEqual({ balance: 6_000n * CENT, held: 0n, debt: 0n })
    const last = (await entriesOf(world.pool, account)).at(-1)
    expect(last).toMatchObject({ kind: 'REFUND', amount: -4_100n * CENT })
    await world.expectClean()
  })

  test('a refund that fails after a dispute was lost gives back only what the dispute did not take', async () => {
    const account = await world.account()
    const order = await world.buy(account)
    await world.refund(order.id, refundFact(`re_${order.id}`, 6_000n))
    await world.dispute(order.id, lost(order, 6_000n))
    expect((await walletOf(world.pool, account)).balance).toBe(0n)
    await world.refund(order.id, refundFact(`re_${order.id}`, 6_000n, 'failed'))
    expect((await walletOf(world.pool, account)).balance).toBe(4_000n * CENT)
    await world.dispute(order.id, won(order, 6_000n))
    expect((await walletOf(world.pool, account)).balance).toBe(10_000n * CENT)
    await world.expectClean()
  })

  const AMOUNTS = { a: 3_333n, b: 5_001n, c: 3_566n, x: 11_900n, y: 4_200n } as const
  type Fact =
    | { name: 'a' | 'b' | 'c'; status: RefundFact['status'] }
    | { name: 'x' | 'y'; status: DisputeFact['status']; reinstated: boolean }
  const anyRefund: fc.Arbitrary<Fact> = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom('pending', 'succeeded', 'failed'),
  })
  const anyDispute: fc.Arbitrary<Fact> = fc.record({
    name: fc.constantFrom('x', 'y'),
    status: fc.constantFrom('warning_needs_response', 'needs_response', 'under_review', 'won', 'lost'),
    reinstated: fc.boolean(),
  })
  const anyFacts = fc.array(fc.oneof(anyRefund, anyDispute), { minLength: 2, maxLength: 8 }).chain((facts) =>
    fc.record({
      facts: fc.constant(facts),
      // Another order of the same facts, some of them twice.
      shuffled: fc
        .subarray(facts)
        .chain((twice) => fc.shuffledSubarray([...facts, ...twice], { minLength: facts.length + twice.length })),
      spentCents: fc.bigInt(0n, 12_000n),
    }),
  )

  test('facts end in the same balance whatever order they come in, and however often', async () => {
    const endOf = async (facts: readonly Fact[], spentCents: bigint) => {
      const account = await world.account()
      const paid = { taxMinor: 1_900n, creditNano: 12_345_678_901n * 7n, bonusNano: 2_000n * CENT }
      const order = await world.buy(account, paid)
      await world.spend(account, spentCents * 5_000_000n + 1n)
      for (const fact of facts) {
        const id = `${fact.name}_${order.id}`
        if ('reinstated' in fact) {
          await world.dispute(order.id, disputeFact(id, AMOUNTS[fact.name], fact.status, fact.reinstated))
        } else {
          await world.refund(order.id, refundFact(id, AMOUNTS[fact.name], fact.status))
        }
      }
      const { state, refundedMinor, withdrawnNano } = await world.order(order.id)
      return { ...(await walletOf(world.pool, account)), state, refundedMinor, withdrawnNano }
    }
    await fc.assert(
      fc.asyncProperty(anyFacts, async ({ facts, shuffled, spentCents }) => {
        expect(await endOf(shuffled, spentCents)).toEqual(await endOf(facts, spentCents))
      }),
      { numRuns: 60 },
    )
    await world.expectClean()
  })
})
