import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { considerationOf } from '../../src/invoicing/usage/consideration.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { refundable } from '../../src/orders/refunds/refundable.ts'
import { CENT, DAY_MS, refundFact } from '../orders/refund-world.ts'
import { openVoucherWorld, type VoucherWorld } from './voucher-world.ts'

const RUNS = 25
const STEPS_MAX = 30

let world: VoucherWorld
beforeAll(async () => {
  world = await openVoucherWorld()
})
afterAll(() => world.close())

/** What may happen to an account. Amounts in parts of what there is, so that everything is possible at any time. */
type Step =
  | { do: 'buy'; minor: bigint; creditPerMinorNano: bigint; bonus: bigint }
  | { do: 'spend'; ppm: bigint; overdraft: bigint }
  | { do: 'refund'; order: number; percent: bigint }
  | { do: 'pass'; days: number }
  | { do: 'end month' }
  | { do: 'invoice' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('buy' as const),
      minor: fc.bigInt(500n, 250_000n),
      // Sold at its face value, below and above it, also at prices that leave fractions everywhere.
      creditPerMinorNano: fc.constantFrom(CENT, 11_000_000n, 10_333_333n, 9_999_999n, 8_700_001n),
      bonus: fc.constantFrom(0n, 0n, 777_777_777n),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('spend' as const),
      ppm: fc.bigInt(1n, 1_000_000n),
      overdraft: fc.constantFrom(0n, 0n, 0n, 123_456_789n),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('refund' as const), order: fc.nat(9), percent: fc.bigInt(1n, 100n) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 4, arbitrary: fc.constant({ do: 'end month' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'invoice' as const }) },
)

async function balanceNano(account: string): Promise<bigint> {
  const { rows } = await world.pool.query<{ nano: string }>(
    'SELECT balance_nano AS nano FROM wallet WHERE account_id = $1',
    [account],
  )
  return BigInt(rows[0]?.nano ?? 0)
}

let refunds = 0

async function play(account: string, orders: PaymentOrder[], one: Step): Promise<void> {
  if (one.do === 'buy') {
    const { minor: netMinor, creditPerMinorNano, bonus: bonusNano } = one
    orders.push(await world.buy(account, { netMinor, creditNano: netMinor * creditPerMinorNano, bonusNano }))
  }
  if (one.do === 'spend') {
    const nano = ((await balanceNano(account)) * one.ppm) / 1_000_000n
    if (nano > 0n) await (await world.hold(account, nano))?.(nano + one.overdraft)
  }
  if (one.do === 'refund' && orders.length > 0) {
    const { id } = orders[one.order % orders.length] as PaymentOrder
    const { totalMinor } = await refundable(world, id)
    refunds += 1
    const asked = (totalMinor * one.percent) / 100n
    if (asked > 0n) await world.refund(id, refundFact(`re_random_${refunds}`, asked))
  }
  if (one.do === 'pass') world.clock.advance(one.days * DAY_MS)
  if (one.do === 'end month') world.endMonth()
  if (one.do === 'invoice') await world.invoice()
}

/** What left an order's lot, less what was refunded and what expired: told by other rows than those that invoices read. */
async function usedNano({ id, lotId }: PaymentOrder): Promise<bigint> {
  const { rows } = await world.pool.query<{ nano: string }>(
    `SELECT l.granted_nano - l.remaining_nano - o.withdrawn_nano
            + coalesce((SELECT sum(amount_nano) FROM ledger_entry e WHERE e.account_id = l.account_id AND e.kind = 'EXPIRY' AND e.source_id = l.id), 0) AS nano
     FROM credit_lot l JOIN payment_order o ON o.lot_id = l.id WHERE l.id = $2 AND o.id = $1`,
    [id, lotId],
  )
  return BigInt(rows[0]?.nano ?? 0)
}

const months = fc.array(step, { minLength: 5, maxLength: STEPS_MAX })
const ends = fc.constantFrom('spend all', 'expire', 'leave' as const)

test('whatever is bought, used, refunded and expires, over any months: invoices come to exactly what was paid for what was used', async () => {
  await fc.assert(
    fc.asyncProperty(months, ends, async (steps, end) => {
      const account = await world.customer()
      const orders: PaymentOrder[] = []
      for (const one of steps) await play(account, orders, one)
      if (end === 'spend all') await play(account, orders, { do: 'spend', ppm: 1_000_000n, overdraft: 0n })
      if (end === 'expire') world.clock.advance(400 * DAY_MS)
      await world.ledger.sweepExpired()
      world.endMonth()
      await Promise.all([world.invoice(), world.invoice()])
      expect(await world.invoice()).toBe(0)

      let invoicedMinor = 0n
      for (const order of orders) {
        const { totalMinor: paidMinor, creditNano } = order
        const used = await usedNano(order)
        const invoiced = await world.invoicedOf(order.id)
        expect(invoiced).toBe(considerationOf({ paidMinor, creditNano }, used))
        const { refundedMinor, withdrawnNano } = await world.order(order.id)
        // All that was paid was either used or given back.
        if (used + withdrawnNano === creditNano) expect(invoiced).toBe(paidMinor - refundedMinor)
        expect(invoiced).toBeLessThanOrEqual(paidMinor)
        invoicedMinor += invoiced
      }
      const documents = await world.documents(account)
      expect(documents.reduce((sum, { totalMinor }) => sum + totalMinor, 0n)).toBe(invoicedMinor)
      expect(new Set(documents.map(({ period }) => period?.from)).size).toBe(documents.length)
      const taxMinor = documents.reduce((sum, document) => sum + document.taxMinor, 0n)
      expect(await world.journal('2300', account)).toBe(taxMinor * CENT)
    }),
    { numRuns: RUNS },
  )
  expect(await world.verdict()).toBe('clean')
}, 300_000)
