import type { Check } from '../ledger/verify/finding.ts'

/** The cost of a request is left out: both of its lines are the same column, and there are as many as requests. */
const ENTRY_BALANCES = `
  SELECT 'journal_line' AS "table", entry_id AS "row",
         format('has debits of %s nano, but credits of %s nano (account %s)', sum(debit_nano), sum(credit_nano), min(account_id::text)) AS message
  FROM journal_line
  WHERE source <> 'usage_event'
  GROUP BY entry_id
  HAVING sum(debit_nano) <> sum(credit_nano) OR min(currency) <> max(currency)`

/**
 * Every balance that is also kept, or follows, elsewhere, in one pass over the journal. The two liabilities together: which
 * of them a lot belongs to never changes, so a wallet compares their sum.
 */
const BALANCES_AGREE = `
  WITH journal AS MATERIALIZED (
    SELECT account_id,
           sum(credit_nano - debit_nano) FILTER (WHERE account_code IN ('2000', '2100')) AS credit_nano,
           sum(debit_nano - credit_nano) FILTER (WHERE account_code = '1100') AS debt_nano,
           sum(debit_nano - credit_nano) FILTER (WHERE account_code = '1200') AS contested_nano,
           sum(credit_nano - debit_nano) FILTER (WHERE account_code = '2200') AS refunds_nano
    FROM journal_line WHERE account_code IN ('1100', '1200', '2000', '2100', '2200')
    GROUP BY account_id
  )
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format(pair.message, pair.found, pair.expected) AS message
  FROM wallet w
  LEFT JOIN journal j USING (account_id)
  LEFT JOIN (SELECT account_id, sum(remaining_nano) AS nano FROM credit_lot GROUP BY account_id) l USING (account_id)
  LEFT JOIN (
    SELECT account_id, journal_nano(sum(amount_minor)::bigint) AS nano FROM dispute WHERE state = 'OPEN' GROUP BY account_id
  ) d USING (account_id)
  CROSS JOIN LATERAL (VALUES
    ('the journal owes %s nano of credit, but the lots have %s nano left', coalesce(j.credit_nano, 0), coalesce(l.nano, 0)),
    ('the journal has a debt of %s nano, but the wallet one of %s nano', coalesce(j.debt_nano, 0), w.debt_nano),
    ('the journal has %s nano contested, but the open disputes contest %s nano', coalesce(j.contested_nano, 0), coalesce(d.nano, 0)),
    ('the journal owes %s nano for refunds, but what was withdrawn was paid out: %s', coalesce(j.refunds_nano, 0), 0)
  ) AS pair (message, found, expected)
  WHERE pair.expected <> pair.found`

/** The general ledger agrees with itself, with the wallets, and with what refunds and disputes came to. */
export const JOURNAL_CHECKS: readonly Check[] = [
  { name: 'journal-entries', promise: 'each entry of the journal balances, in one currency', sql: ENTRY_BALANCES },
  {
    name: 'journal-balances',
    promise:
      'credit, debt, contested and refunded money in the journal are those of lots, wallets, disputes and refunds',
    sql: BALANCES_AGREE,
  },
]
