import fc from 'fast-check'
import { expect } from 'vitest'
import type { Authorization } from '../../src/ledger/operations.ts'
import { CoinPurse } from './coin-model.ts'
import { emptyBudget, idOf, LedgerWorld } from './ledger-world.ts'

const HOUR = 3_600_000
export const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('credit' as const),
      reseller: fc.boolean(),
      amount: fc.integer({ min: 1, max: 50 }),
      promotional: fc.boolean(),
      /** Hours until the lot expires; 0 = never. */
      lifeHours: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('authorize' as const),
      price: fc.integer({ min: 1, max: 25 }),
      wholesale: fc.option(fc.integer({ min: 1, max: 25 }), { freq: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      which: fc.nat(),
      /** Charged in percent of what was reserved: 0 = a void, 100 = exactly it, more = the provider billed above the hold. */
      percent: fc.oneof(
        fc.constant(0),
        fc.constant(100),
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 101, max: 400 }),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 20 }) }) },
)
export type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never

/** Budgets that bite in some histories and never matter in others, which so get further; long enough to come far. */
export const history = fc.record({
  dayLimit: fc.constantFrom(30, 60, 100_000),
  totalLimit: fc.constantFrom(150, 100_000),
  steps: fc.array(step, { minLength: 15, maxLength: 80, size: 'max' }),
})
export type History = typeof history extends fc.Arbitrary<infer Kind> ? Kind : never

/** Plays a history on the ledger's decisions and on the model side by side. */
export class Play {
  readonly world: LedgerWorld
  readonly purse = new CoinPurse()
  readonly resellerPurse = new CoinPurse()
  readonly charges: { at: number; price: number }[] = []
  now = START
  /** What the last authorization was told. */
  answer: Authorization | null = null
  private requests = 0
  private lots = 0

  private readonly limits: Pick<History, 'dayLimit' | 'totalLimit'>

  constructor(limits: Pick<History, 'dayLimit' | 'totalLimit'>) {
    this.limits = limits
    this.world = new LedgerWorld([
      emptyBudget('day', 'DAY', BigInt(limits.dayLimit)),
      emptyBudget('total', 'TOTAL', BigInt(limits.totalLimit)),
    ])
  }

  take(one: Step): void {
    switch (one.do) {
      case 'wait':
        this.now += one.hours * HOUR
        return
      case 'credit':
        this.credit(one)
        return
      case 'authorize':
        this.authorize(one.price, one.wholesale)
        return
      case 'resolve': {
        const open = [...this.world.holds.keys()]
        if (open.length > 0) this.resolve(open[one.which % open.length]!, one.percent)
      }
    }
  }

  private credit({ reseller, amount, promotional, lifeHours }: Extract<Step, { do: 'credit' }>): void {
    const expiresAt = lifeHours === 0 ? null : this.now + lifeHours * HOUR
    const lotId = idOf('lot', this.lots++)
    const wallet = reseller ? this.world.reseller : this.world.customer
    this.world.credit(wallet, lotId, BigInt(amount), promotional, expiresAt, this.now)
    ;(reseller ? this.resellerPurse : this.purse).credit(lotId, amount, promotional, expiresAt, this.now)
  }

  private authorize(price: number, wholesale: number | null): void {
    const requestId = idOf('request', this.requests++)
    const affordable =
      this.purse.debt === 0 &&
      price <= Math.min(this.purse.available(this.now), ...this.budgetRooms()) &&
      (wholesale === null || (this.resellerPurse.debt === 0 && wholesale <= this.resellerPurse.available(this.now)))
    this.answer = this.world.authorize(
      requestId,
      BigInt(price),
      wholesale === null ? null : BigInt(wholesale),
      this.now,
    )
    expect(this.answer.granted).toBe(affordable)

    this.purse.expire(this.now)
    if (wholesale !== null) this.resellerPurse.expire(this.now)
    if (!affordable) return
    this.purse.hold(requestId, price, this.now)
    if (wholesale !== null) this.resellerPurse.hold(requestId, wholesale, this.now)
  }

  private resolve(requestId: string, percent: number): void {
    const hold = this.world.holds.get(requestId)!
    const price = Math.ceil((Number(hold.amountNano) * percent) / 100)
    const wholesale = Math.ceil((Number(hold.resellerAmountNano) * percent) / 100)
    const debtBefore = this.purse.debt + this.resellerPurse.debt
    const freeBefore = this.purse.available(this.now) + Number(hold.amountNano)
    const overdraft = this.world.resolve(requestId, BigInt(price), BigInt(wholesale), this.now)
    this.purse.resolve(requestId, price, this.now)
    if (hold.resellerId !== null) this.resellerPurse.resolve(requestId, wholesale, this.now)
    this.charges.push({ at: this.now, price })
    if (debtBefore === 0 && hold.resellerId === null) expect(overdraft).toBe(BigInt(Math.max(0, price - freeBefore)))
  }

  spent(): { day: number; total: number } {
    const today = Math.floor(this.now / DAY)
    const sum = (charges: { price: number }[]) => charges.reduce((total, charge) => total + charge.price, 0)
    return { day: sum(this.charges.filter(({ at }) => Math.floor(at / DAY) === today)), total: sum(this.charges) }
  }

  private budgetRooms(): number[] {
    const { day, total } = this.spent()
    return [this.limits.dayLimit - day - this.purse.held(), this.limits.totalLimit - total - this.purse.held()]
  }
}
