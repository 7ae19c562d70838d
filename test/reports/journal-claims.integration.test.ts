import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { JOURNAL_CHECKS } from '../../src/reports/journal-checks.ts'
import { CENT, disputeFact, openRefundWorld, type RefundWorld, refundFact } from '../orders/refund-world.ts'

let world: RefundWorld
beforeAll(async () => {
  world = await openRefundWorld()
})
afterAll(() => world.close())

const REFUND_STATUSES = ['pending', 'succeeded', 'failed'] as const
const DISPUTE_STATUSES = ['warning_needs_response', 'needs_response', 'lost', 'won', 'reinstated'] as const

/** What happens next: to which of two orders, to which of its claims, and what is said of it. */
const step = fc.record({
  kind: fc.constantFrom('buy', 'spend', 'refund', 'refund', 'dispute', 'dispute'),
  order: fc.nat(1),
  claim: fc.nat(2),
  said: fc.nat(59),
})

async function findings(): Promise<string[]> {
  const client = await world.pool.connect()
  try {
    const report = await verifyLedger(client, JOURNAL_CHECKS)
    return report.findings.map(({ check, row, message }) => `${check} ${row}: ${message}`)
  } finally {
    client.release()
  }
}

test('whatever refunds and disputes say in whatever order, the journal balances and agrees with wallets and claims', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const accountId = await world.account()
      // Credits at a price that never divides evenly, with tax and a bonus.
      const bought = { netMinor: 1_003n, taxMinor: 191n, creditNano: 1_003n * 12_345_679n, bonusNano: 77n * CENT }
      const orders = [await world.buy(accountId, bought), await world.buy(accountId, { netMinor: 500n })]
      for (const { kind, order, claim, said } of steps) {
        const { id, totalMinor } = orders[order] as (typeof orders)[number]
        if (kind === 'buy') await world.buy(accountId, { netMinor: BigInt(100 + said) })
        else if (kind === 'spend') {
          const finish = await world.hold(accountId, BigInt(said + 1) * 3n * CENT)
          // Sometimes the provider bills above the hold.
          await finish?.(BigInt(said + 1) * (said % 5 === 0 ? 4n : 2n) * CENT)
        } else if (kind === 'refund') {
          const status = REFUND_STATUSES[said % REFUND_STATUSES.length] ?? 'pending'
          await world.refund(id, refundFact(`re_${claim}_${id}`, (totalMinor * BigInt(claim + 1)) / 4n, status))
        } else {
          const status = DISPUTE_STATUSES[said % DISPUTE_STATUSES.length] ?? 'won'
          const amount = (totalMinor * BigInt(claim + 1)) / 3n
          const isBack = status === 'reinstated'
          await world.dispute(id, disputeFact(`dp_${claim}_${id}`, amount, isBack ? 'lost' : status, isBack))
        }
      }
      expect(await findings()).toEqual([])
    }),
    { numRuns: 40 },
  )
  const { rows } = await world.pool.query<{ kind: string }>('SELECT DISTINCT kind FROM journal_line ORDER BY 1')
  expect(rows.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      'DISPUTE_LOST',
      'DISPUTE_OPENED',
      'DISPUTE_REINSTATED',
      'DISPUTE_WON',
      'REFUND_FAILED',
      'REFUND_PAID',
    ]),
  )
})
