import type { Check } from './finding.ts'

/** What open holds have reserved, one row a lot and hold, on both planes. */
const ALLOCATIONS = `
  SELECT h.request_id, a.lot_id, a.nano
  FROM hold h, unnest(h.lot_ids, h.lot_amounts_nano) AS a (lot_id, nano)
  UNION ALL
  SELECT h.request_id, a.lot_id, a.nano
  FROM hold h, unnest(h.reseller_lot_ids, h.reseller_lot_amounts_nano) AS a (lot_id, nano)`

const REMAINING_IS_ITS_MOVEMENTS = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('%s nano are left, but the movements sum to %s nano (account %s)',
                l.remaining_nano, coalesce(m.nano, 0), l.account_id) AS message
  FROM credit_lot l
  LEFT JOIN (SELECT lot_id, sum(amount_nano) AS nano FROM lot_movement GROUP BY lot_id) m ON m.lot_id = l.id
  WHERE l.remaining_nano <> coalesce(m.nano, 0)`

const HELD_IS_ITS_ALLOCATIONS = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('%s nano are held, but open holds have reserved %s nano of it (account %s)',
                l.held_nano, coalesce(a.nano, 0), l.account_id) AS message
  FROM credit_lot l
  LEFT JOIN (SELECT lot_id, sum(nano) AS nano FROM (${ALLOCATIONS}) each GROUP BY lot_id) a ON a.lot_id = l.id
  WHERE l.held_nano <> coalesce(a.nano, 0)`

const FIGURES_ARE_IN_ORDER = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('held %s, left %s and granted %s nano are out of order, or the lot is wrongly marked %s (account %s)',
                l.held_nano, l.remaining_nano, l.granted_nano, CASE WHEN l.open THEN 'open' ELSE 'closed' END, l.account_id) AS message
  FROM credit_lot l
  WHERE l.held_nano < 0 OR l.held_nano > l.remaining_nano OR l.remaining_nano > l.granted_nano
     OR l.open <> (l.remaining_nano > 0)`

const HAS_ONE_CREDIT_ENTRY = `
  SELECT 'credit_lot' AS "table", l.id::text AS "row",
         format('%s entries of kind %s and source %s grant it %s nano, instead of one (account %s)',
                count(m.entry_seq), l.source_kind, l.source_id, l.granted_nano, l.account_id) AS message
  FROM credit_lot l
  LEFT JOIN ledger_entry e ON e.kind = l.source_kind AND e.source_id = l.source_id AND e.account_id = l.account_id
  LEFT JOIN lot_movement m ON m.account_id = e.account_id AND m.entry_seq = e.seq AND m.lot_id = l.id
                          AND m.amount_nano = l.granted_nano
  GROUP BY l.id
  HAVING count(m.entry_seq) <> 1`

export const LOT_CHECKS: readonly Check[] = [
  {
    name: 'lot-remaining',
    promise: 'what is left of each lot is the sum of its movements',
    sql: REMAINING_IS_ITS_MOVEMENTS,
  },
  {
    name: 'lot-held',
    promise: 'what is held of each lot is what open holds reserved of it',
    sql: HELD_IS_ITS_ALLOCATIONS,
  },
  {
    name: 'lot-figures',
    promise: 'each lot: 0 ≤ held ≤ left ≤ granted, open while credit is left',
    sql: FIGURES_ARE_IN_ORDER,
  },
  { name: 'lot-source', promise: 'each lot was granted by exactly one entry', sql: HAS_ONE_CREDIT_ENTRY },
]
