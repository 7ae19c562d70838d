import type { Check } from '../../ledger/verify/finding.ts'

const FROZEN_IS_ITS_CLAIMS = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('%s nano are frozen, but pending refunds and open disputes have frozen %s nano of it (account %s)',
                l.frozen_nano, coalesce(c.nano, 0), l.account_id) AS message
  FROM credit_lot l
  LEFT JOIN (
    SELECT lot.id, sum(lot.nano) AS nano
    FROM (
      SELECT order_id, frozen_nano, frozen_bonus_nano FROM refund WHERE state = 'PENDING'
      UNION ALL
      SELECT order_id, frozen_nano, frozen_bonus_nano FROM dispute WHERE state = 'OPEN'
    ) claim
    JOIN payment_order o ON o.id = claim.order_id
    CROSS JOIN LATERAL (VALUES (o.lot_id, claim.frozen_nano), (o.bonus_lot_id, claim.frozen_bonus_nano)) AS lot (id, nano)
    GROUP BY lot.id
  ) c ON c.id = l.id
  WHERE l.open AND l.frozen_nano <> coalesce(c.nano, 0)`

const REFUND_HAS_ITS_ENTRY = `
  SELECT 'refund' AS "table", r.id::text AS "row",
         format('took %s nano, but %s entries withdraw that, instead of %s (account %s)',
                r.credit_nano + r.bonus_nano, count(e.seq), (r.credit_nano + r.bonus_nano > 0)::integer, r.account_id) AS message
  FROM refund r
  LEFT JOIN ledger_entry e ON e.kind = 'REFUND' AND e.source_id = r.id AND e.account_id = r.account_id
                          AND e.amount_nano = -(r.credit_nano + r.bonus_nano)
  WHERE r.state = 'SUCCEEDED'
  GROUP BY r.id
  HAVING count(e.seq) <> (r.credit_nano + r.bonus_nano > 0)::integer
  UNION ALL
  SELECT 'ledger_entry', e.account_id || '/' || e.seq,
         format('withdraws %s nano for refund %s, which did not take that', -e.amount_nano, e.source_id)
  FROM ledger_entry e
  WHERE e.kind = 'REFUND'
    AND NOT EXISTS (
      SELECT FROM refund r
      WHERE r.id = e.source_id AND r.account_id = e.account_id AND r.state IN ('SUCCEEDED', 'FAILED')
        AND r.credit_nano + r.bonus_nano = -e.amount_nano
    )`

const DISPUTE_HAS_ITS_ENTRY = `
  SELECT 'dispute' AS "table", d.id::text AS "row",
         format('clawed back %s nano, but %s entries withdraw that, instead of %s (account %s)',
                d.clawed_back_nano, count(e.seq), (d.clawed_back_nano > 0)::integer, d.account_id) AS message
  FROM dispute d
  LEFT JOIN ledger_entry e ON e.kind = 'DISPUTE' AND e.source_id = d.id AND e.account_id = d.account_id
                          AND e.amount_nano = -d.clawed_back_nano
  GROUP BY d.id
  HAVING count(e.seq) <> (d.clawed_back_nano > 0)::integer
  UNION ALL
  SELECT 'ledger_entry', e.account_id || '/' || e.seq,
         format('books %s nano as %s for dispute %s, which did not come to that', e.amount_nano, e.kind, e.source_id)
  FROM ledger_entry e
  WHERE e.kind IN ('DISPUTE', 'DISPUTE_REVERSAL')
    AND NOT EXISTS (
      SELECT FROM dispute d
      WHERE d.id = e.source_id AND d.account_id = e.account_id
        AND CASE e.kind
              WHEN 'DISPUTE' THEN d.state IN ('LOST', 'REINSTATED') AND d.clawed_back_nano = -e.amount_nano
              ELSE d.state = 'REINSTATED'
            END
    )`

const REFUNDED_IS_ITS_REFUNDS = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('%s of %s are refunded (minor units), but its refunds that succeeded sum to %s (account %s)',
                o.refunded_minor, o.total_minor, coalesce(r.minor, 0), o.account_id) AS message
  FROM payment_order o
  LEFT JOIN (SELECT order_id, sum(total_minor) AS minor FROM refund WHERE state = 'SUCCEEDED' GROUP BY order_id) r ON r.order_id = o.id
  WHERE o.refunded_minor <> least(coalesce(r.minor, 0), o.total_minor)`

/** Paid credits that claims took from lots or as debt, less those that came back. */
const WITHDRAWN_IS_ITS_ENTRIES = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('%s nano of its paid credits are withdrawn, but the entries of its refunds and disputes take %s nano (account %s)',
                o.withdrawn_nano, coalesce(w.nano, 0), o.account_id) AS message
  FROM payment_order o
  LEFT JOIN (
    SELECT claim.order_id, sum(CASE WHEN e.kind IN ('REFUND', 'DISPUTE') THEN paid.nano ELSE -e.amount_nano END) AS nano
    FROM (SELECT id, order_id, account_id FROM refund UNION ALL SELECT id, order_id, account_id FROM dispute) claim
    JOIN ledger_entry e ON e.source_id = claim.id AND e.account_id = claim.account_id
                       AND e.kind IN ('REFUND', 'DISPUTE', 'ADJUSTMENT', 'DISPUTE_REVERSAL')
    CROSS JOIN LATERAL (
      SELECT -coalesce(sum(m.nano), 0) AS nano
      FROM unnest(e.lot_ids, e.lot_amounts_nano) AS m (lot_id, nano)
      LEFT JOIN credit_lot l ON l.id = m.lot_id
      WHERE l.promotional IS NOT TRUE
    ) paid
    GROUP BY claim.order_id
  ) w ON w.order_id = o.id
  WHERE o.withdrawn_nano <> coalesce(w.nano, 0)`

const STATE_IS_ITS_CLAIMS = `
  SELECT 'payment_order' AS "table", o.id::text AS "row",
         format('is %s, but its refunds and disputes make it %s (account %s)', o.state, c.state, o.account_id) AS message
  FROM payment_order o
  CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (SELECT FROM dispute d WHERE d.order_id = o.id AND d.state IN ('OPEN', 'LOST')) THEN 'DISPUTED'
                WHEN o.refunded_minor = 0 THEN 'PAID'
                WHEN o.refunded_minor < o.total_minor THEN 'PARTIALLY_REFUNDED'
                ELSE 'REFUNDED' END AS state
  ) c
  WHERE o.paid_at IS NOT NULL AND o.state::text <> c.state`

/** Refunds, disputes, their orders and the ledger say the same. */
export const CLAIMS_CHECKS: readonly Check[] = [
  {
    name: 'lot-frozen',
    promise: 'what is frozen of each lot is what pending refunds and open disputes froze of it',
    sql: FROZEN_IS_ITS_CLAIMS,
  },
  { name: 'refund-entry', promise: 'each refund took what its one entry says', sql: REFUND_HAS_ITS_ENTRY },
  { name: 'dispute-entry', promise: 'each lost dispute took what its one entry says', sql: DISPUTE_HAS_ITS_ENTRY },
  {
    name: 'order-refunded',
    promise: 'what is refunded of each order is the sum of its refunds',
    sql: REFUNDED_IS_ITS_REFUNDS,
  },
  {
    name: 'order-withdrawn',
    promise: 'what is withdrawn of each order is what its refunds and disputes took',
    sql: WITHDRAWN_IS_ITS_ENTRIES,
  },
  { name: 'order-claims', promise: 'each paid order is as its refunds and disputes make it', sql: STATE_IS_ITS_CLAIMS },
]
