/**
 * The first entry that was booked at or after an instant, found by halving: entries are booked in the order of time, but for
 * the clocks of different processes, for which the caller leaves room. `$1` account, `$2` the instant.
 */
export const SEQ_AT = `
  WITH RECURSIVE search (low, high) AS (
    SELECT 1::bigint, (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entry WHERE account_id = $1)
    UNION ALL
    SELECT CASE WHEN middle.created_at < $2 THEN middle.seq + 1 ELSE low END, CASE WHEN middle.created_at < $2 THEN high ELSE middle.seq END
    FROM search JOIN LATERAL (
      SELECT seq, created_at FROM ledger_entry WHERE account_id = $1 AND seq = (low + high) / 2
    ) middle ON low < high
  )
  SELECT low::text AS seq FROM search WHERE low = high`

/** Entries of the page's kinds and time. The newest first; below the cursor. */
const OF_PAGE = (kinds: string) =>
  `e.account_id = $1 AND e.seq >= $2 AND e.seq < $3 AND e.created_at >= $4 AND e.created_at < $5 AND ${kinds}`

const NOT_USAGE = `e.kind <> 'USAGE_DEBIT'`
const ASKED = 'e.kind::text = ANY ($6::text[])'

/** Each entry a line. */
const EACH = `SELECT e.seq AS first_seq, e.seq AS last_seq FROM ledger_entry e WHERE ${OF_PAGE(ASKED)} ORDER BY e.seq DESC LIMIT $7`

/** The same without usage: an index has these alone. */
const NONE = `SELECT e.seq AS first_seq, e.seq AS last_seq FROM ledger_entry e
  WHERE ${OF_PAGE(`${ASKED} AND ${NOT_USAGE}`)} ORDER BY e.seq DESC LIMIT $7`

/**
 * Usage of a day (UTC) that no other line of the page interrupts is one line: the balance after it is a balance that there
 * was, and lines chain. From each line's first entry the next one is looked for.
 */
const DAILY = `
  WITH RECURSIVE line AS (
    (SELECT * FROM (${step('$3')}) one)
    UNION ALL
    SELECT one.* FROM line CROSS JOIN LATERAL (${step('line.first_seq')}) one
  )
  SELECT first_seq, last_seq FROM line LIMIT $7`

function step(below: string): string {
  const asked = OF_PAGE(ASKED).replace('$3', below)
  const before = (condition: string) =>
    `(SELECT b.seq FROM ledger_entry b WHERE b.account_id = $1 AND b.seq < top.seq AND b.seq >= $2 AND ${condition} ORDER BY b.seq DESC LIMIT 1)`
  const other = before(`b.kind <> 'USAGE_DEBIT' AND b.kind::text = ANY ($6::text[])`)
  const earlier = before(`b.created_at < greatest(date_bin('1 day', top.created_at, 'epoch'), $4)`)
  return `
    SELECT CASE WHEN top.kind = 'USAGE_DEBIT' THEN greatest(coalesce(${other}, $2 - 1), coalesce(${earlier}, $2 - 1)) + 1 ELSE top.seq END AS first_seq,
           top.seq AS last_seq
    FROM (SELECT e.seq, e.kind, e.created_at FROM ledger_entry e WHERE ${asked} ORDER BY e.seq DESC LIMIT 1) top`
}

/** What usage lines are made of. */
export const TRANSACTION_LINES = { each: EACH, daily: DAILY, none: NONE } as const
export type UsageLines = keyof typeof TRANSACTION_LINES

/**
 * Lines with their words and links. `$1` account, `$2` the first entry, `$3` the one after the last, `$4` and `$5` the
 * time, `$6` the kinds, `$7` the most lines.
 */
export function transactionLines(usage: UsageLines): string {
  return `
    WITH line AS MATERIALIZED (${TRANSACTION_LINES[usage]})
    SELECT line.first_seq::text, line.last_seq::text, e.kind::text AS kind, e.created_at AS at, e.reason, e.currency, e.source_id,
           e.balance_after_nano::text, total.amount_nano::text, total.requests::text,
           o.id AS order_id, o.reference AS order_reference, t.id AS document_id, t.number AS document_number,
           coalesce(o.id = e.source_id, false) OR coalesce(o.bonus_lot_id = g.id, false) AS is_of_order,
           g.id AS lot_id, g.granted_nano::text, g.remaining_nano::text, g.expires_at
    FROM line
    JOIN ledger_entry e ON e.account_id = $1 AND e.seq = line.last_seq
    CROSS JOIN LATERAL (
      SELECT sum(part.amount_nano) AS amount_nano, count(*) AS requests FROM ledger_entry part
      WHERE part.account_id = $1 AND part.seq >= line.first_seq AND part.seq <= line.last_seq AND part.kind = e.kind
    ) total
    LEFT JOIN credit_lot g ON g.account_id = e.account_id
      AND (g.source_kind = e.kind AND g.source_id = e.source_id OR e.kind IN ('EXPIRY', 'EXTENSION') AND g.id = e.source_id)
    LEFT JOIN refund r ON r.id = e.source_id AND e.kind IN ('REFUND', 'ADJUSTMENT')
    LEFT JOIN dispute d ON d.id = e.source_id AND e.kind IN ('DISPUTE', 'DISPUTE_REVERSAL')
    LEFT JOIN payment_order o ON o.account_id = e.account_id AND o.id = coalesce(r.order_id, d.order_id, g.source_id, e.source_id)
    LEFT JOIN LATERAL (
      SELECT id, number FROM tax_document WHERE order_id = o.id AND account_id = $1
        AND (CASE WHEN r.id IS NULL THEN kind = 'INVOICE' ELSE refund_id = r.id END) ORDER BY number LIMIT 1
    ) t ON true
    ORDER BY line.last_seq DESC`
}
