import type { Check } from '../../ledger/verify/finding.ts'

const ENTRY_KIND = `CASE o.kind WHEN 'CHECKOUT' THEN 'PURCHASE' WHEN 'AUTO_TOP_UP' THEN 'AUTO_TOP_UP' ELSE 'MANUAL_SETTLEMENT' END::entry_kind`

const PAID_IS_CREDITED_ONCE = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('is %s, but %s entries credit it %s nano, instead of one (account %s)', o.state, count(e.seq), o.credit_nano, o.account_id) AS message
  FROM payment_order o
  LEFT JOIN ledger_entry e ON e.kind = ${ENTRY_KIND} AND e.source_id = o.id AND e.account_id = o.account_id AND e.amount_nano = o.credit_nano
  WHERE o.paid_at IS NOT NULL GROUP BY o.id HAVING count(e.seq) <> 1
  UNION ALL
  SELECT 'payment_order', o.id::text,
         format('is %s with a bonus of %s nano, but %s entries grant it (account %s)', o.state, o.bonus_nano, count(e.seq), o.account_id)
  FROM payment_order o
  LEFT JOIN ledger_entry e ON e.kind = 'GRANT' AND e.source_id = o.id AND e.account_id = o.account_id AND e.amount_nano = o.bonus_nano
  WHERE o.paid_at IS NOT NULL AND o.bonus_nano > 0 GROUP BY o.id HAVING count(e.seq) <> 1`

const CREDIT_IS_PAID_FOR = `
  SELECT 'ledger_entry' AS "table", e.account_id || '/' || e.seq AS "row",
         format('credits %s nano as %s, but no paid order %s of this account asked for it', e.amount_nano, e.kind, e.source_id) AS message
  FROM ledger_entry e
  WHERE e.kind IN ('PURCHASE', 'AUTO_TOP_UP', 'MANUAL_SETTLEMENT')
    AND NOT EXISTS (
      SELECT FROM payment_order o
      WHERE o.id = e.source_id AND o.account_id = e.account_id AND o.paid_at IS NOT NULL AND o.credit_nano = e.amount_nano AND ${ENTRY_KIND} = e.kind
    )`

const LOTS_ARE_THE_ORDERS = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('names lot %s, which is not what it was paid for (account %s)', named.lot_id, o.account_id) AS message
  FROM payment_order o
  CROSS JOIN LATERAL (VALUES (o.lot_id, o.credit_nano), (o.bonus_lot_id, o.bonus_nano)) AS named (lot_id, nano)
  LEFT JOIN credit_lot l ON l.id = named.lot_id
  WHERE named.lot_id IS NOT NULL
    AND (l.account_id IS DISTINCT FROM o.account_id OR l.source_id IS DISTINCT FROM o.id OR l.granted_nano IS DISTINCT FROM named.nano)`

const HISTORY_LEADS_TO_STATE = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('is %s, but its history ends with %s', o.state, coalesce(last.to_state::text, 'nothing')) AS message
  FROM payment_order o
  LEFT JOIN LATERAL (SELECT to_state FROM order_transition t WHERE t.order_id = o.id ORDER BY ordinal DESC LIMIT 1) last ON true
  WHERE last.to_state IS DISTINCT FROM o.state`

const RECEIPTS_ADD_UP = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('has received %s, but its receipts sum to %s', o.received_minor, coalesce(sum(r.amount_minor), 0)) AS message
  FROM payment_order o LEFT JOIN bank_receipt r ON r.order_id = o.id AND r.currency = o.currency
  GROUP BY o.id HAVING o.received_minor <> coalesce(sum(r.amount_minor), 0)`

const CODE_IS_GRANTED_ONCE = `
  SELECT 'redemption_code' AS "table", c.id::text AS "row",
         format('was redeemed by account %s, but %s entries grant its %s nano, instead of one', c.redeemed_by_account_id, count(e.seq), c.amount_nano) AS message
  FROM redemption_code c
  LEFT JOIN ledger_entry e ON e.kind = 'GRANT' AND e.source_id = c.id AND e.account_id = c.redeemed_by_account_id AND e.amount_nano = c.amount_nano
  WHERE c.redeemed_at IS NOT NULL GROUP BY c.id HAVING count(e.seq) <> 1`

const THRESHOLD_IS_AS_SET = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('watches for a balance below %s nano, but its automatic top-up says %s',
                coalesce(w.top_up_below_nano::text, 'no'), coalesce(t.threshold_nano::text, 'off')) AS message
  FROM wallet w
  LEFT JOIN auto_top_up t ON t.account_id = w.account_id AND t.enabled AND t.suspended_at IS NULL
  WHERE w.top_up_below_nano IS DISTINCT FROM t.threshold_nano`

/** Orders and the ledger say the same. */
export const ORDER_CHECKS: readonly Check[] = [
  {
    name: 'order-credited',
    promise: 'each paid order has one credit entry, and one for its bonus',
    sql: PAID_IS_CREDITED_ONCE,
  },
  { name: 'order-paid', promise: 'each purchase in the ledger has its paid order', sql: CREDIT_IS_PAID_FOR },
  { name: 'order-lots', promise: 'each paid order names the lots that it became', sql: LOTS_ARE_THE_ORDERS },
  { name: 'order-history', promise: 'the history of each order leads to its state', sql: HISTORY_LEADS_TO_STATE },
  { name: 'order-receipts', promise: 'what an order has received is the sum of its receipts', sql: RECEIPTS_ADD_UP },
  { name: 'code-granted', promise: 'each redeemed code was granted once', sql: CODE_IS_GRANTED_ONCE },
  { name: 'top-up-threshold', promise: 'each wallet watches the threshold that is set', sql: THRESHOLD_IS_AS_SET },
]
