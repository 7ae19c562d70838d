import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DisputeFact } from '../../src/orders/disputes/dispute-fact.ts'
import { OrderError } from '../../src/orders/order-error.ts'
import type { RefundFact } from '../../src/orders/refunds/refund-fact.ts'
import { walletOf } from '../ledger/ledger-reads.ts'
import { OrderModel } from './refund-model.ts'
import { CENT, disputeFact, openRefundWorld, type RefundWorld, refundFact } from './refund-world.ts'

const STEP_KINDS = ['buy', 'hold', 'capture', 'refund', 'ask', 'run', 'told', 'dispute', 'repeat'] as const
const HOUR_MS = 3_600_000

interface Step {
  kind: (typeof STEP_KINDS)[number]
  /** Which order, hold or claim it is about, and how much: of 1,000. */
  which: number
  share: number
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEP_KINDS),
  which: fc.nat(999),
  share: fc.integer({ min: 1, max: 1_000 }),
})

let world: RefundWorld
beforeAll(async () => {
  world = await openRefundWorld()
})
afterAll(() => world.close())

/** One account's life: what happens to it in the database, and what the model makes of it. */
class Play {
  readonly #account: string
  readonly #orders: OrderModel[] = []
  readonly #holds: { finish: (nano: bigint) => Promise<unknown>; nano: bigint }[] = []
  readonly #asked: { id: string; model: OrderModel }[] = []
  readonly #said: (() => Promise<unknown>)[] = []
  #creditedNano = 0n
  #usedNano = 0n

  constructor(account: string) {
    this.#account = account
  }

  /** What one of them a step is about. */
  #pick<Item>(items: readonly Item[], { which }: Step): Item | undefined {
    return items[which % Math.max(items.length, 1)]
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'buy':
        return this.#buy(step)
      case 'hold':
        return this.#hold(step)
      case 'capture':
        return this.#capture(step)
      case 'refund':
        return this.#refund(step)
      case 'ask':
        return this.#ask(step)
      case 'run':
        return this.#run(step)
      case 'told':
        return this.#told(step)
      case 'dispute':
        return this.#dispute(step)
      case 'repeat':
        await this.#pick(this.#said, step)?.()
    }
  }

  async #buy({ which, share }: Step): Promise<void> {
    const netMinor = BigInt(500 + share)
    const taxMinor = (netMinor * BigInt(which % 26)) / 100n
    // Some at a cent a cent, some at a price that never divides evenly.
    const creditNano = which % 2 === 0 ? netMinor * CENT : netMinor * 12_345_679n + 1n
    const order = await world.buy(this.#account, { netMinor, taxMinor, creditNano })
    this.#creditedNano += creditNano
    this.#orders.push(new OrderModel(order))
  }

  async #hold({ share }: Step): Promise<void> {
    const nano = BigInt(share) * CENT
    const finish = await world.hold(this.#account, nano)
    if (finish) this.#holds.push({ finish, nano })
  }

  async #capture(step: Step): Promise<void> {
    const hold = this.#pick(this.#holds, step)
    if (!hold) return
    this.#holds.splice(this.#holds.indexOf(hold), 1)
    const nano = (hold.nano * BigInt(step.share)) / 1_000n
    await hold.finish(nano)
    this.#usedNano += nano
  }

  async #refund(step: Step): Promise<void> {
    const model = this.#pick(this.#orders, step)
    if (!model) return
    const { id, totalMinor } = model.order
    // The same id always has the same amount, and is heard of in all of its states.
    const place = step.which % 3
    const re = `re_${place}_${id}`
    const amountMinor = (totalMinor * BigInt(2 + 2 * place)) / 7n
    const status = (['pending', 'succeeded', 'succeeded', 'failed'] as const)[step.share % 4] as RefundFact['status']
    const say = () => {
      model.hearRefund(re, amountMinor, status)
      return world.refund(id, refundFact(re, amountMinor, status))
    }
    this.#said.push(say)
    await say()
  }

  async #ask(step: Step): Promise<void> {
    const model = this.#pick(this.#orders, step)
    if (!model) return
    const totalMinor = step.share % 5 === 0 ? null : (model.order.totalMinor * BigInt(step.share)) / 2_000n
    if (totalMinor === 0n) return
    try {
      const { id } = await world.ask(model.order.id, totalMinor)
      this.#asked.push({ id, model })
    } catch (error) {
      if (!(error instanceof OrderError && error.code === 'refund_exceeds_available')) throw error
    }
  }

  /** A run of the job, which the provider may fail in any way. */
  async #run(step: Step): Promise<void> {
    const asked = this.#pick(this.#asked, step)
    if (!asked) return
    const failures = [null, null, 'crash before', 'crash after', 'refuse', 'pending'] as const
    world.provider.next = failures[step.share % failures.length] ?? null
    world.clock.advance(7 * HOUR_MS)
    const outcome = await world.runs.run(asked.id)
    const made = world.provider.made.find(({ refundId }) => refundId === asked.id)
    if (made && (outcome === 'succeeded' || outcome === 'failed')) {
      asked.model.hearRefund(made.providerRefundId, made.amountMinor, made.status)
    }
  }

  /** The provider decides on a refund that it made for us, and its webhook says so. */
  async #told(step: Step): Promise<void> {
    const asked = this.#pick(this.#asked, step)
    const made = world.provider.made.find(({ refundId }) => refundId === asked?.id)
    if (!asked || !made) return
    if (made.status !== 'failed') made.status = step.share % 3 === 0 ? 'failed' : 'succeeded'
    const fact = { ...made }
    const say = () => {
      asked.model.hearRefund(fact.providerRefundId, fact.amountMinor, fact.status)
      return world.refund(asked.model.order.id, fact)
    }
    this.#said.push(say)
    await say()
  }

  async #dispute(step: Step): Promise<void> {
    const model = this.#pick(this.#orders, step)
    if (!model) return
    const { id, totalMinor } = model.order
    const place = step.which % 2
    const amountMinor = place === 0 ? totalMinor : totalMinor / 3n
    const statuses = ['warning_needs_response', 'needs_response', 'lost', 'won'] as const
    const status = statuses[step.share % statuses.length] as DisputeFact['status']
    const say = () => {
      model.hearDispute(`dp_${place}`, amountMinor, status)
      return world.dispute(id, disputeFact(`dp_${place}_${id}`, amountMinor, status))
    }
    this.#said.push(say)
    await say()
  }

  async expectAgreement(): Promise<void> {
    let withdrawnNano = 0n
    for (const model of this.#orders) {
      const expected = {
        state: model.state(),
        refundedMinor: model.refundedMinor(),
        withdrawnNano: model.withdrawnNano(),
      }
      expect(await world.order(model.order.id)).toMatchObject(expected)
      withdrawnNano += expected.withdrawnNano
    }
    const heldNano = this.#holds.reduce((sum, { nano }) => sum + nano, 0n)
    const { balance, held, debt } = await walletOf(world.pool, this.#account)
    expect({ balance, held }).toEqual({ balance: this.#creditedNano - this.#usedNano - withdrawnNano, held: heldNano })
    const { rows } = await world.pool.query<{ free: string }>(
      'SELECT coalesce(sum(greatest(remaining_nano - held_nano - frozen_nano, 0)), 0)::text AS free FROM credit_lot WHERE account_id = $1',
      [this.#account],
    )
    // Nobody owes while there is credit to repay it from.
    expect(debt === 0n || rows[0]?.free === '0').toBe(true)
  }
}

test('whatever refunds, disputes and requests come in whatever order, balances and orders are what the facts make them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (steps) => {
      const play = new Play(await world.account())
      await play.step({ kind: 'buy', which: 0, share: 500 })
      for (const step of steps) {
        await play.step(step)
        await play.expectAgreement()
      }
    }),
    { numRuns: 30 },
  )
  await world.expectClean()
})
