import { writeSeller } from '../../src/invoicing/seller.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { approveOrder } from '../../src/orders/manual/approve-order.ts'
import { createManualOrder } from '../../src/orders/manual/create-manual-order.ts'
import { recordReceipt } from '../../src/orders/manual/record-receipt.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { SELLER } from '../orders/manual-world.ts'
import { buy, startedCheckout } from '../orders/money-in-calls.ts'
import type { Customer, Farebox } from '../support/farebox.ts'

export const DAY_MS = 86_400_000

/** What a customer does in a year, a call each; amounts in cents. */
export interface Year {
  readonly farebox: Farebox
  readonly customer: Customer
  pass(days: number): void
  /** One request of this price; `overdraft` is what the provider billed above what was reserved. */
  use(cents: number, overdraft?: number): Promise<void>
  grant(cents: number, days: number): Promise<void>
  buyPackage(slug: string): Promise<void>
  /** Returns the payment's id. */
  buy(cents: number): Promise<string>
  /** A bank transfer for net and tax; what was received above the total is owed back. */
  transfer(net: number, tax: number, received?: number): Promise<void>
  refund(paymentIntentId: string, cents: number): Promise<string>
  dispute(paymentIntentId: string, end: 'lost' | 'won' | 'open'): Promise<string>
}

export async function startYear(farebox: Farebox): Promise<Year> {
  const { clock, pool } = farebox
  const year = [new Date(clock.now() - 40 * DAY_MS), new Date(clock.now() + 430 * DAY_MS)]
  await pool.query('SELECT ensure_usage_partitions($1, $2)', year)
  await writeSeller(pool, clock, null, SELLER)
  await ensureDefaultPackages(pool, clock, 'USD')
  const customer = await farebox.customer({ creditNano: 0n })
  const { accountId } = customer
  const { ledger } = farebox.running.gateway
  const control = () => farebox.stripe.control
  const api = () => farebox.running.desk.stripe.api
  const paymentOf = async (orderId: string) => {
    const sql = 'SELECT payment_intent_id AS id FROM payment_order WHERE id = $1'
    return (await farebox.rows<{ id: string }>(sql, orderId))[0]?.id as string
  }
  return {
    farebox,
    customer,
    pass: (days) => clock.advance(days * DAY_MS),
    async use(cents, overdraft = 0) {
      const price = BigInt(cents) * NANO_PER_CENT
      const request = requestOf(clock, accountId, { price })
      if (!(await ledger.authorize(request)).granted) throw new Error(`${cents} cents are not affordable`)
      await ledger.resolve(captureOf(request, price + BigInt(overdraft) * NANO_PER_CENT))
    },
    async grant(cents, days) {
      const cause = { kind: 'GRANT', sourceId: uuidV7(clock), actorId: null, reason: 'Welcome' } as const
      const terms = { promotional: true, expiresAt: clock.now() + days * DAY_MS }
      await ledger.credit({ accountId, amountNano: BigInt(cents) * NANO_PER_CENT, ...terms, ...cause })
    },
    async buyPackage(slug) {
      const { id } = await startedCheckout(farebox, customer, { package: slug })
      await control().pay(id, { card: '4242424242424242' })
      await control().idle()
    },
    buy: async (cents) => paymentOf(await buy(farebox, customer, cents)),
    async transfer(net, tax, received = net + tax) {
      const deps = { pool, clock, fourEyesLimitMinor: 1_000_000n }
      const [opener, approver] = [uuidV7(clock), uuidV7(clock)]
      const amounts = { netMinor: BigInt(net), taxMinor: BigInt(tax), currency: 'USD' }
      const order = await createManualOrder(deps, { ...amounts, accountId, actorId: opener, idempotencyKey: null })
      await recordReceipt(deps, {
        ...{
          orderId: order.id,
          bankReference: `transfer ${uuidV7(clock)}`,
          amountMinor: BigInt(received),
          currency: 'USD',
        },
        ...{ receivedOn: new Date(clock.now()).toISOString().slice(0, 10), actorId: opener, idempotencyKey: null },
      })
      const settlement = received > net + tax ? 'RETURN_EXCESS' : 'EXACT'
      await approveOrder(deps, { orderId: order.id, settlement, actorId: approver, idempotencyKey: null })
    },
    async refund(paymentIntentId, cents) {
      const { id } = await api().refunds.create({ payment_intent: paymentIntentId, amount: cents })
      await control().idle()
      return id
    },
    async dispute(paymentIntentId, end) {
      const { id } = control().dispute(paymentIntentId)
      await control().idle()
      if (end === 'open') return id
      control().closeDispute(id, end)
      await control().idle()
      return id
    },
  }
}

/** Everything that can happen to a balance, spread over a year; the customer is left with credit and an open dispute. */
export async function liveThroughYear(year: Year): Promise<void> {
  const { control } = year.farebox.stripe
  // Noon, so that what happens in one go is of one day.
  const time = year.farebox.clock.now() % DAY_MS
  year.pass((1.5 * DAY_MS - time) / DAY_MS)
  await year.grant(500, 40)
  await year.use(123)
  const first = await year.buy(10_000)
  for (const cents of [10, 7, 31]) await year.use(cents)
  year.pass(1)
  await year.use(1_001)
  year.pass(35)
  await year.buyPackage('growth')
  year.pass(20)
  // The welcome credit is gone by now; this request finds it expired.
  await year.use(2_500)
  await year.refund(first, 4_000)
  year.pass(31)
  await year.transfer(100_000, 19_000, 120_000)
  await year.use(777)
  const second = await year.buy(1_000)
  year.pass(29)
  await year.dispute(second, 'lost')
  const third = await year.buy(2_000)
  await year.dispute(third, 'won')
  const failing = await year.refund(await year.buy(1_500), 500)
  year.pass(3)
  control.failRefund(failing)
  await control.idle()
  year.pass(58)
  const fourth = await year.buy(3_000)
  const lost = await year.dispute(fourth, 'lost')
  year.pass(40)
  control.reinstate(lost)
  await control.idle()
  year.pass(70)
  await year.use(5)
  year.pass(85)
  // All that was bought in the first days has expired.
  await year.use(9)
  const last = await year.buy(4_200)
  await year.dispute(last, 'open')
}

/** Spent to the end, billed above it, and then disputed: a debt, which later purchases repay. */
export async function fallIntoDebt(year: Year): Promise<void> {
  const payment = await year.buy(1_000)
  await year.use(900, 250)
  await year.dispute(payment, 'lost')
  year.pass(2)
  await year.buy(600)
}
