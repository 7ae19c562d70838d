import type { Check } from '../ledger/verify/finding.ts'

const BOOKED_ONCE = `
  SELECT 'adjustment' AS "table", a.id::text AS "row",
         format('is %s over %s nano, but has %s entries that come to %s nano', a.state, a.amount_nano, e.entries, e.nano) AS message
  FROM adjustment a
  CROSS JOIN LATERAL (
    SELECT count(*) AS entries, coalesce(sum(amount_nano), 0) AS nano
    FROM ledger_entry
    WHERE kind = CASE a.kind WHEN 'EXTENSION' THEN 'EXTENSION' ELSE 'ADJUSTMENT' END::entry_kind
      AND source_id = a.id AND account_id = a.account_id
  ) e
  WHERE (a.state = 'BOOKED') <> (e.entries = 1)
     OR (a.state = 'BOOKED' AND e.nano <> CASE a.kind WHEN 'CREDIT' THEN a.amount_nano WHEN 'DEBIT' THEN -a.amount_nano ELSE 0 END)`

/** Credit that comes back because its refund failed is an adjustment as well; debt that is repaid is one of zero. */
const FOUNDED = `
  SELECT 'ledger_entry' AS "table", e.account_id || '/' || e.seq AS "row", 'adjusts the wallet, but nothing founds it' AS message
  FROM ledger_entry e
  WHERE (e.kind = 'EXTENSION' OR (e.kind = 'ADJUSTMENT' AND e.amount_nano <> 0))
    AND NOT EXISTS (SELECT FROM adjustment a WHERE a.id = e.source_id AND a.account_id = e.account_id AND a.state = 'BOOKED'
                      AND (a.kind = 'EXTENSION') = (e.kind = 'EXTENSION'))
    AND NOT (e.kind = 'ADJUSTMENT' AND e.amount_nano > 0
             AND EXISTS (SELECT FROM refund r WHERE r.id = e.source_id AND r.account_id = e.account_id AND r.state = 'FAILED'))`

const LOT_ENDS_AS_EXTENDED = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('ends at %s, but was extended to %s (account %s)', l.expires_at, extended.until, l.account_id) AS message
  FROM credit_lot l
  JOIN (
    SELECT lot_id, max(expires_at) AS until FROM adjustment WHERE kind = 'EXTENSION' AND state = 'BOOKED' GROUP BY lot_id
  ) extended ON extended.lot_id = l.id
  WHERE l.expires_at IS DISTINCT FROM extended.until`

/** Adjustments and the entries that came of them. */
export const ADJUSTMENT_CHECKS: readonly Check[] = [
  {
    name: 'adjustment-booked',
    promise: 'a booked adjustment has one entry of its amount, another has none',
    sql: BOOKED_ONCE,
  },
  {
    name: 'adjustment-founded',
    promise: 'each adjusting entry comes of a booked adjustment or of a refund that failed',
    sql: FOUNDED,
  },
  { name: 'lot-extended', promise: 'each extended lot ends as it was extended to', sql: LOT_ENDS_AS_EXTENDED },
]
