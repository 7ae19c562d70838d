/**
 * The entries of a period are those from the first one on that was booked at or after its start, up to the first that was
 * booked at or after its end. Whatever the clocks of different processes say, that is a stretch of the chain without a gap,
 * and one period ends where the next begins. `$1` account, `$2` and `$3` the period.
 */
export const STATEMENT_FRAME = `
  WITH head AS (SELECT coalesce(max(seq), 0) AS seq FROM ledger_entry WHERE account_id = $1),
  bound AS (
    SELECT coalesce((SELECT min(seq) - 1 FROM ledger_entry WHERE account_id = $1 AND created_at >= $2), head.seq) AS before_seq,
           coalesce((SELECT min(seq) - 1 FROM ledger_entry WHERE account_id = $1 AND created_at >= $3), head.seq) AS last_seq,
           head.seq AS head_seq
    FROM head
  )
  SELECT a.name, a.kind::text AS account_kind, w.currency, w.balance_nano::text AS wallet_nano,
         bound.before_seq::text, bound.last_seq::text, bound.head_seq::text,
         coalesce((SELECT balance_after_nano FROM ledger_entry WHERE account_id = $1 AND seq = bound.before_seq), 0)::text AS opening_nano,
         coalesce((SELECT balance_after_nano FROM ledger_entry WHERE account_id = $1 AND seq = bound.last_seq), 0)::text AS closing_nano
  FROM wallet w JOIN account a ON a.id = w.account_id CROSS JOIN bound
  WHERE w.account_id = $1`

/**
 * Every entry but usage as a line, and each day's usage as one, after the day's other lines. `$1` account, `$2` and `$3` the
 * first entry (exclusive) and the last, `$4` the zone of the days, `$5` the most lines.
 */
export const STATEMENT_LINES = `
  WITH entry AS (
    SELECT e.*, (e.created_at AT TIME ZONE $4)::date AS day FROM ledger_entry e WHERE e.account_id = $1 AND e.seq > $2 AND e.seq <= $3
  ),
  line AS (
    SELECT e.day, false AS is_usage, e.seq, e.created_at AS at, e.kind::text AS kind, e.amount_nano::text AS amount_nano, e.reason,
           NULL::text AS requests, o.reference AS order_reference, t.number AS document_number, o.id = e.source_id AS is_of_order
    FROM entry e
    LEFT JOIN refund r ON r.id = e.source_id
    LEFT JOIN dispute d ON d.id = e.source_id
    LEFT JOIN credit_lot l ON l.id = e.source_id AND l.account_id = e.account_id
    LEFT JOIN payment_order o ON o.id = coalesce(r.order_id, d.order_id, l.source_id, e.source_id) AND o.account_id = e.account_id
    LEFT JOIN tax_document t ON t.order_id = o.id AND (CASE WHEN r.id IS NULL THEN t.kind = 'INVOICE' ELSE t.refund_id = r.id END)
    WHERE e.kind <> 'USAGE_DEBIT'
    UNION ALL
    SELECT e.day, true, max(e.seq), max(e.created_at), 'USAGE_DEBIT', sum(e.amount_nano)::text, NULL, count(*)::text, NULL, NULL, false
    FROM entry e WHERE e.kind = 'USAGE_DEBIT' GROUP BY e.day
  )
  SELECT day::text, at, kind, amount_nano, reason, requests, order_reference, document_number, coalesce(is_of_order, false) AS is_of_order
  FROM line ORDER BY line.day, is_usage, seq LIMIT $5`

/** Entries whose balance is not that of the entry before plus their amount. Parameters as above, `$4` the most rows. */
export const BROKEN_BALANCES = `
  SELECT seq::text, expected_nano::text, balance_after_nano::text AS found_nano
  FROM (
    SELECT e.seq, e.balance_after_nano, e.amount_nano + coalesce(lag(e.balance_after_nano) OVER (ORDER BY e.seq), 0) AS expected_nano
    FROM ledger_entry e WHERE e.account_id = $1 AND e.seq >= $2 AND e.seq <= $3
  ) step
  WHERE seq > $2 AND expected_nano <> balance_after_nano ORDER BY step.seq LIMIT $4`
