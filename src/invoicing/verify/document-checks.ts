/** A promise about stored rows, as one statement that returns `row` and `message` of every row that breaks it. */
export interface DocumentCheck {
  name: string
  promise: string
  sql: string
}

const NUMBERS_HAVE_NO_GAP = `
  SELECT series_id || '/' || year AS "row",
         format('has %s numbers from %s to %s, so some are missing', count(*), min(sequence), max(sequence)) AS message
  FROM tax_document GROUP BY series_id, year HAVING min(sequence) <> 1 OR max(sequence) <> count(*)
  UNION ALL
  SELECT s.id::text, format('has given out %s of %s, but the last document has %s', s.last_number, s.year, coalesce(max(d.sequence), 0))
  FROM invoice_series s LEFT JOIN tax_document d ON d.series_id = s.id AND d.year = s.year
  GROUP BY s.id HAVING s.last_number <> coalesce(max(d.sequence), 0)`

const NUMBERS_ARE_UNIQUE = `
  SELECT min(number) AS "row", format('%s documents of seller %s have this number', count(*), seller_id) AS message
  FROM tax_document GROUP BY seller_id, kind, number HAVING count(*) > 1`

const DATES_FOLLOW_NUMBERS = `
  SELECT number AS "row", format('is dated %s, before the document with the number before it (%s)', issue_date, before) AS message
  FROM (SELECT number, issue_date, lag(issue_date) OVER (PARTITION BY series_id, year ORDER BY sequence) AS before FROM tax_document) each
  WHERE issue_date < before`

const PAID_ORDERS_ARE_INVOICED = `
  SELECT o.reference AS "row", format('was paid, but has no invoice (order %s)', o.id) AS message
  FROM payment_order o JOIN account a ON a.id = o.account_id
  WHERE o.paid_at IS NOT NULL AND o.tax_point = 'PURCHASE'
    AND EXISTS (SELECT FROM seller s WHERE s.account_id = a.reseller_id OR s.account_id IS NULL)
    AND NOT EXISTS (SELECT FROM tax_document d WHERE d.order_id = o.id AND d.kind = 'INVOICE')`

const INVOICES_ARE_PAID_ORDERS = `
  SELECT d.number AS "row",
         format('says %s %s (minor units), but its order %s was %s over %s %s', d.total_minor, d.currency, o.id,
                CASE WHEN o.paid_at IS NULL THEN 'not paid,' ELSE 'paid' END, o.total_minor, o.currency) AS message
  FROM tax_document d JOIN payment_order o ON o.id = d.order_id
  WHERE d.kind = 'INVOICE'
    AND (o.paid_at IS NULL OR d.total_minor <> o.total_minor OR d.currency <> o.currency OR d.account_id <> o.account_id
         OR o.tax_point <> 'PURCHASE')`

const REFUNDS_ARE_CREDITED = `
  SELECT r.id::text AS "row", format('succeeded over %s (minor units), but has no credit note of that', r.total_minor) AS message
  FROM refund r JOIN tax_document invoice ON invoice.order_id = r.order_id AND invoice.kind = 'INVOICE' AND invoice.created_at <= r.closed_at
  WHERE r.state = 'SUCCEEDED'
    AND NOT EXISTS (SELECT FROM tax_document n WHERE n.refund_id = r.id AND n.total_minor = r.total_minor AND n.original_id = invoice.id)`

const CREDITS_STAY_WITHIN = `
  SELECT i.number AS "row", format('comes to %s, but its credit notes to %s (minor units)', i.total_minor, sum(n.total_minor)) AS message
  FROM tax_document i JOIN tax_document n ON n.original_id = i.id
  GROUP BY i.id HAVING sum(n.total_minor) > i.total_minor OR sum(n.net_minor) > i.net_minor + count(*) OR sum(n.tax_minor) > i.tax_minor + count(*)`

/** All uses in one pass: an account may have many orders and very many requests. */
const VOUCHERS_ARE_INVOICED = `
  WITH closed AS (SELECT account_id, seller_id, max(ended_at) AS ended_at FROM usage_period GROUP BY account_id, seller_id),
  used AS (
    SELECT u.order_id, sum(u.consumed_nano) AS nano
    FROM voucher_use u JOIN closed c ON c.account_id = u.account_id AND c.seller_id = u.seller_id
    WHERE u.at < c.ended_at GROUP BY u.order_id
  ),
  told AS (SELECT order_id, sum(amount_minor) AS minor FROM usage_consideration GROUP BY order_id)
  SELECT o.reference AS "row",
         format('its vouchers were used up to %s nano until %s, for which %s was paid (minor units), but %s was invoiced (order %s)',
                coalesce(used.nano, 0), closed.ended_at, due.minor, coalesce(told.minor, 0), o.id) AS message
  FROM payment_order o
  JOIN closed ON closed.account_id = o.account_id AND closed.seller_id = o.seller_id
  LEFT JOIN used ON used.order_id = o.id
  LEFT JOIN told ON told.order_id = o.id
  CROSS JOIN LATERAL (
    SELECT div(2 * o.total_minor::numeric * coalesce(used.nano, 0) + o.credit_nano, 2 * o.credit_nano::numeric) AS minor
  ) due
  WHERE o.tax_point = 'USAGE' AND o.paid_at IS NOT NULL AND coalesce(told.minor, 0) <> due.minor`

const MONTHS_ARE_INVOICED = `
  SELECT p.account_id || ' ' || to_char(p.month, 'YYYY-MM') AS "row",
         format('used vouchers for %s (minor units), of which its orders make %s and its invoice says %s',
                p.total_minor, coalesce(c.minor, 0), coalesce(d.total_minor, 0)) AS message
  FROM usage_period p
  LEFT JOIN (SELECT account_id, seller_id, month, sum(amount_minor) AS minor FROM usage_consideration GROUP BY 1, 2, 3) c USING (account_id, seller_id, month)
  LEFT JOIN tax_document d ON d.account_id = p.account_id AND d.seller_id = p.seller_id AND d.usage_month = p.month AND d.currency = p.currency
  WHERE p.total_minor <> coalesce(c.minor, 0) OR p.total_minor <> coalesce(d.total_minor, 0)
  UNION ALL
  SELECT p.account_id || ' ' || to_char(p.month, 'YYYY-MM'), format('is closed, but %s is the month before that is', to_char(p.before, 'YYYY-MM'))
  FROM (SELECT account_id, month, lag(month) OVER (PARTITION BY account_id, seller_id ORDER BY month) AS before FROM usage_period) p
  WHERE p.before <> p.month - interval '1 month'`

/** What rows alone can prove; hashes and bytes are looked at document by document. */
export const DOCUMENT_CHECKS: readonly DocumentCheck[] = [
  { name: 'number-gap', promise: 'the numbers of each series follow each other from 1 on', sql: NUMBERS_HAVE_NO_GAP },
  { name: 'number-unique', promise: 'no two documents of a seller have one number', sql: NUMBERS_ARE_UNIQUE },
  { name: 'number-date', promise: 'a later number has no earlier date', sql: DATES_FOLLOW_NUMBERS },
  { name: 'order-invoiced', promise: 'each paid order has its invoice', sql: PAID_ORDERS_ARE_INVOICED },
  { name: 'invoice-order', promise: 'each invoice says what its order was paid over', sql: INVOICES_ARE_PAID_ORDERS },
  {
    name: 'voucher-invoiced',
    promise: 'of each order’s vouchers, what was paid for what was used until the last closed month is invoiced',
    sql: VOUCHERS_ARE_INVOICED,
  },
  { name: 'usage-month', promise: 'each month of use has one invoice over what was used', sql: MONTHS_ARE_INVOICED },
  { name: 'refund-credited', promise: 'each refund of an invoice has its credit note', sql: REFUNDS_ARE_CREDITED },
  { name: 'credit-within', promise: 'credit notes take back no more than their invoice', sql: CREDITS_STAY_WITHIN },
]
