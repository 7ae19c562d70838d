import type { Check } from './finding.ts'

const DEBIT_HAS_ITS_EVENT = `
  SELECT 'ledger_entry' AS "table", e.account_id || '/' || e.seq AS "row",
         CASE
           WHEN u.id IS NULL THEN
             format('debits %s nano for request %s, of which there is no usage event', -e.amount_nano, e.source_id)
           WHEN e.account_id = u.account_id THEN
             format('debits %s nano for request %s, whose usage event says %s nano', -e.amount_nano, u.id, u.price_nano)
           WHEN e.account_id = u.reseller_id THEN
             format('debits the reseller %s nano for request %s, whose usage event says %s nano wholesale',
                    -e.amount_nano, u.id, u.wholesale_nano)
           ELSE format('debits %s nano for request %s, which belongs to account %s', -e.amount_nano, u.id, u.account_id)
         END AS message
  FROM ledger_entry e
  LEFT JOIN usage_event u ON u.id = e.source_id
  WHERE e.kind = 'USAGE_DEBIT'
    AND -e.amount_nano IS DISTINCT FROM
        CASE e.account_id WHEN u.account_id THEN u.price_nano WHEN u.reseller_id THEN u.wholesale_nano END`

const EVENT_HAS_ITS_DEBIT = `
  SELECT 'usage_event' AS "table", u.id::text AS "row",
         format('says %s nano for account %s, but no entry debits them', u.price_nano, u.account_id) AS message
  FROM usage_event u
  LEFT JOIN ledger_entry e ON e.kind = 'USAGE_DEBIT' AND e.source_id = u.id AND e.account_id = u.account_id
  WHERE u.price_nano > 0 AND e.seq IS NULL
  UNION ALL
  SELECT 'usage_event', u.id::text,
         format('says %s nano wholesale for reseller %s, but no entry debits them', u.wholesale_nano, u.reseller_id)
  FROM usage_event u
  LEFT JOIN ledger_entry e ON e.kind = 'USAGE_DEBIT' AND e.source_id = u.id AND e.account_id = u.reseller_id
  WHERE u.reseller_id IS NOT NULL AND u.wholesale_nano > 0 AND e.seq IS NULL`

const DEBITED_ONCE = `
  SELECT 'usage_event' AS "table", source_id::text AS "row",
         format('was debited %s times from account %s (entries %s)', count(*), account_id,
                string_agg(seq::text, ', ' ORDER BY seq)) AS message
  FROM ledger_entry
  WHERE kind = 'USAGE_DEBIT'
  GROUP BY source_id, account_id
  HAVING count(*) > 1`

const EVENT_MEANS_NO_HOLD = `
  SELECT 'hold' AS "table", h.request_id::text AS "row",
         format('still reserves %s nano, although the request ended as %s', h.amount_nano, u.status) AS message
  FROM hold h JOIN usage_event u ON u.id = h.request_id`

const HOLD_IS_ITS_ALLOCATIONS = `
  SELECT 'hold' AS "table", h.request_id::text AS "row",
         format('reserves %s nano and %s nano from the reseller, but names lots for %s nano and %s nano',
                h.amount_nano, h.reseller_amount_nano, own.nano, resale.nano) AS message
  FROM hold h
  CROSS JOIN LATERAL (SELECT coalesce(sum(nano), 0) AS nano FROM unnest(h.lot_amounts_nano) AS nano) own
  CROSS JOIN LATERAL (SELECT coalesce(sum(nano), 0) AS nano FROM unnest(h.reseller_lot_amounts_nano) AS nano) resale
  WHERE h.amount_nano <> own.nano OR h.reseller_amount_nano <> resale.nano
     OR cardinality(h.lot_ids) <> cardinality(h.lot_amounts_nano)
     OR cardinality(h.reseller_lot_ids) <> cardinality(h.reseller_lot_amounts_nano)`

export const USAGE_CHECKS: readonly Check[] = [
  { name: 'debit-event', promise: 'each usage debit has a usage event of the same price', sql: DEBIT_HAS_ITS_EVENT },
  { name: 'event-debit', promise: 'each priced usage event was debited, on both planes', sql: EVENT_HAS_ITS_DEBIT },
  { name: 'debited-once', promise: 'no request was debited twice', sql: DEBITED_ONCE },
  { name: 'ended-hold', promise: 'no request that ended still holds credit', sql: EVENT_MEANS_NO_HOLD },
  { name: 'hold-lots', promise: 'each hold names lots for all that it reserves', sql: HOLD_IS_ITS_ALLOCATIONS },
]
