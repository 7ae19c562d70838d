import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLAIMS_CHECKS } from '../../src/orders/verify/claims-checks.ts'
import { CENT, disputeFact, openRefundWorld, type RefundWorld, refundFact } from './refund-world.ts'

let world: RefundWorld
beforeEach(async () => {
  world = await openRefundWorld()
})
afterEach(() => world.close())

/** The checks that find something, and the rows they name. */
async function found(): Promise<Record<string, string[]>> {
  const findings: Record<string, string[]> = {}
  for (const { name, sql } of CLAIMS_CHECKS) {
    const { rows } = await world.pool.query<{ row: string }>(sql)
    if (rows.length > 0) findings[name] = rows.map(({ row }) => row)
  }
  return findings
}

/** Two orders with a refund made, a refund under way, a dispute lost and one that is open. */
async function paidOrders() {
  const account = await world.account()
  const refunded = await world.buy(account, { bonusNano: 50n * CENT })
  await world.refund(refunded.id, refundFact('re_1', 1_000n))
  await world.ask(refunded.id, 500n)
  const disputed = await world.buy(account)
  await world.dispute(disputed.id, disputeFact('dp_1', 2_000n, 'lost'))
  await world.dispute(disputed.id, disputeFact('dp_2', 3_000n, 'needs_response'))
  return { account, refunded, disputed }
}

test('orders whose claims agree with the ledger are clean', async () => {
  await paidOrders()
  expect(await found()).toEqual({})
})

test.each([
  ['lot-frozen', 'lotId', 'refunded', `UPDATE credit_lot SET frozen_nano = frozen_nano + 1 WHERE id = $1`],
  ['lot-frozen', 'lotId', 'disputed', `UPDATE credit_lot SET frozen_nano = 0 WHERE id = $1`],
  ['order-refunded', 'id', 'refunded', `UPDATE payment_order SET refunded_minor = refunded_minor + 1 WHERE id = $1`],
  ['order-withdrawn', 'id', 'disputed', `UPDATE payment_order SET withdrawn_nano = withdrawn_nano - 1 WHERE id = $1`],
  ['order-claims', 'id', 'refunded', `UPDATE payment_order SET state = 'DISPUTED' WHERE id = $1`],
] as const)('%s names a row of orders or lots that was tampered with', async (check, field, which, tampering) => {
  const orders = await paidOrders()
  const row = orders[which][field]
  await world.pool.query(tampering, [row])
  expect(await found()).toEqual({ [check]: [row] })
})

test('a refund that took something else than its entry says is named, and so is the entry', async () => {
  const { account } = await paidOrders()
  const { rows } = await world.pool.query<{ id: string }>(
    `UPDATE refund SET credit_nano = credit_nano + 1 WHERE provider_refund_id = 're_1' RETURNING id`,
  )
  expect((await found())['refund-entry']).toEqual([rows[0]?.id, expect.stringContaining(account)])
})

test('a lost dispute that took something else than its entry says is named, and so is the entry', async () => {
  const { account } = await paidOrders()
  const { rows } = await world.pool.query<{ id: string }>(
    `UPDATE dispute SET clawed_back_nano = clawed_back_nano + 1 WHERE provider_dispute_id = 'dp_1' RETURNING id`,
  )
  expect((await found())['dispute-entry']).toEqual([rows[0]?.id, expect.stringContaining(account)])
})

test('an entry of a refund that there is not is named', async () => {
  const { account } = await paidOrders()
  await world.pool.query(
    `INSERT INTO ledger_entry (account_id, seq, kind, source_id, amount_nano, balance_after_nano, created_at, lot_ids, lot_amounts_nano, hash)
     SELECT account_id, 1000, 'REFUND', account_id, -1, 0, now(), '{}', '{}', hash FROM ledger_entry WHERE account_id = $1 LIMIT 1`,
    [account],
  )
  expect(await found()).toEqual({ 'refund-entry': [`${account}/1000`] })
})
