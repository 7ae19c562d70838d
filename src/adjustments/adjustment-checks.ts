import type { Check } from '../ledger/verify/finding.ts'

const BOOKED_ONCE = `
  SELECT 'adjustment' AS "table", a.id::text AS "row",
         format('is %s over %s nano, but its entries come to %s nano', a.state, a.amount_nano, e.nano) AS message
  FROM adjustment a
  CROSS JOIN LATERAL (
    SELECT count(*) AS entries, coalesce(sum(amount_nano), 0) AS nano
    FROM ledger_entry WHERE kind IN ('ADJUSTMENT', 'EXTENSION') AND source_id = a.id AND account_id = a.account_id
  ) e
  WHERE (a.state = 'BOOKED') <> (e.entries = 1)
     OR (a.state = 'BOOKED' AND e.nano <> CASE a.kind WHEN 'CREDIT' THEN a.amount_nano WHEN 'DEBIT' THEN -a.amount_nano ELSE 0 END)`

const FOUNDED = `
  SELECT 'ledger_entry' AS "table", e.account_id || '/' || e.seq AS "row", 'adjusts the balance, but no adjustment says so' AS message
  FROM ledger_entry e
  WHERE e.kind IN ('ADJUSTMENT', 'EXTENSION')
    AND NOT EXISTS (SELECT FROM adjustment a WHERE a.id = e.source_id AND a.account_id = e.account_id AND a.state = 'BOOKED')`

/** Adjustments and the entries that came of them. */
export const ADJUSTMENT_CHECKS: readonly Check[] = [
  {
    name: 'adjustment-booked',
    promise: 'a booked adjustment has one entry of its amount, another has none',
    sql: BOOKED_ONCE,
  },
  { name: 'adjustment-founded', promise: 'each adjusting entry comes of a booked adjustment', sql: FOUNDED },
]
