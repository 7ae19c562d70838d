import type pg from 'pg'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { creditorReference } from '../../src/orders/creditor-reference.ts'

/** An order that awaits its payment, with what Stripe calls its parts. */
export interface AwaitingOrder {
  id: string
  kind: AwaitingKind
  customerId: string
  sessionId: string
  intentId: string
}

/** What is paid on a page is confirmed by its session, an automatic charge by its payment. */
export type AwaitingKind = 'CHECKOUT' | 'AUTO_TOP_UP'

export const ORDER_TOTAL_MINOR = 2_000n

/** So many orders that await payment, dealt out to the accounts in turn. An account has one open top-up at most. */
export async function createAwaitingOrders(
  pool: pg.Pool,
  accountIds: readonly string[],
  count: number,
  kind: AwaitingKind,
): Promise<AwaitingOrder[]> {
  const customerOf = (accountId: string) => `cus_${accountId.replaceAll('-', '')}`
  await pool.query(
    `INSERT INTO payment_customer (account_id, provider, livemode, customer_id, created_at)
     SELECT account_id, 'STRIPE', false, customer_id, now() FROM unnest($1::uuid[], $2::text[]) AS c (account_id, customer_id)
     ON CONFLICT (account_id, provider, livemode) DO NOTHING`,
    [accountIds, accountIds.map(customerOf)],
  )
  const { rows } = await pool.query<{ number: string }>(
    `SELECT nextval(pg_get_serial_sequence('payment_order', 'number')) AS number FROM generate_series(1, $1)`,
    [count],
  )
  const orders = rows.map(({ number }, index) => {
    const id = uuidV7(systemClock)
    const stem = id.replaceAll('-', '')
    const accountId = accountIds[index % accountIds.length] as string
    const ids = { sessionId: `cs_test_${stem}`, intentId: `pi_${stem}`, customerId: customerOf(accountId) }
    return { id, kind, accountId, number, reference: creditorReference(BigInt(number)), stem, ...ids }
  })
  await pool.query(
    `INSERT INTO payment_order (id, number, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor,
       credit_nano, checkout_session_id, payment_intent_id, created_at)
     SELECT id, number, reference, account_id, $8::order_kind, 'AWAITING_PAYMENT', 'STRIPE', false, 'USD', $6, $6, $7,
       CASE $8 WHEN 'CHECKOUT' THEN 'cs_test_' || stem END, CASE $8 WHEN 'AUTO_TOP_UP' THEN 'pi_' || stem END, now()
     FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[]) AS o (id, number, reference, account_id, stem)`,
    [
      ...[orders.map(({ id }) => id), orders.map(({ number }) => number), orders.map(({ reference }) => reference)],
      ...[orders.map(({ accountId }) => accountId), orders.map(({ stem }) => stem)],
      ...[ORDER_TOTAL_MINOR, ORDER_TOTAL_MINOR * NANO_PER_CENT, kind],
    ],
  )
  await pool.query(
    `INSERT INTO order_transition (order_id, ordinal, from_state, to_state, cause, created_at)
     SELECT id, 1, NULL, 'AWAITING_PAYMENT', 'bench', now() FROM unnest($1::uuid[]) AS id`,
    [orders.map(({ id }) => id)],
  )
  return orders
}

/** @throws unless each order is paid and credited by exactly one entry */
export async function assertPaidOnce(pool: pg.Pool, orders: readonly AwaitingOrder[]): Promise<void> {
  const { rows } = await pool.query<{ paid: number }>(
    `SELECT count(*)::int AS paid FROM payment_order
     WHERE id = ANY ($1::uuid[]) AND state = 'PAID'
       AND (SELECT count(*) FROM ledger_entry WHERE ledger_entry.source_id = payment_order.id) = 1`,
    [orders.map(({ id }) => id)],
  )
  if (rows[0]?.paid !== orders.length) {
    throw new Error(`${rows[0]?.paid} of ${orders.length} orders are paid by exactly one entry`)
  }
}
