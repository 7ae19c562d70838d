import type { Check } from '../ledger/verify/finding.ts'

/** The cost of a request is left out: both of its lines are the same column, and there are as many as requests. */
const ENTRY_BALANCES = `
  SELECT 'journal_line' AS "table", entry_id AS "row",
         format('has debits of %s nano, but credits of %s nano (account %s)', sum(debit_nano), sum(credit_nano), min(account_id::text)) AS message
  FROM journal_line
  WHERE source <> 'usage_event'
  GROUP BY entry_id
  HAVING sum(debit_nano) <> sum(credit_nano) OR min(currency) <> max(currency)`

/** Both liabilities together: which of the two a lot belongs to never changes, so a wallet compares their sum. */
const CREDIT_IS_ITS_LOTS = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('the journal owes %s nano of credit, but the lots have %s nano left', coalesce(j.nano, 0), coalesce(l.nano, 0)) AS message
  FROM wallet w
  LEFT JOIN (
    SELECT account_id, sum(credit_nano - debit_nano) AS nano FROM journal_line WHERE account_code IN ('2000', '2100') GROUP BY account_id
  ) j USING (account_id)
  LEFT JOIN (SELECT account_id, sum(remaining_nano) AS nano FROM credit_lot GROUP BY account_id) l USING (account_id)
  WHERE coalesce(j.nano, 0) <> coalesce(l.nano, 0)`

const DEBT_IS_THE_WALLETS = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('the journal has a debt of %s nano, but the wallet has %s nano', coalesce(j.nano, 0), w.debt_nano) AS message
  FROM wallet w
  LEFT JOIN (
    SELECT account_id, sum(debit_nano - credit_nano) AS nano FROM journal_line WHERE account_code = '1100' GROUP BY account_id
  ) j USING (account_id)
  WHERE coalesce(j.nano, 0) <> w.debt_nano`

const DISPUTED_IS_OPEN = `
  SELECT 'account' AS "table", a.id::text AS "row",
         format('the journal has %s nano contested, but the open disputes come to %s nano', coalesce(j.nano, 0), coalesce(d.nano, 0)) AS message
  FROM account a
  LEFT JOIN (
    SELECT account_id, sum(debit_nano - credit_nano) AS nano FROM journal_line WHERE account_code = '1200' GROUP BY account_id
  ) j ON j.account_id = a.id
  LEFT JOIN (
    SELECT account_id, journal_nano(sum(amount_minor)::bigint) AS nano FROM dispute WHERE state = 'OPEN' GROUP BY account_id
  ) d ON d.account_id = a.id
  WHERE coalesce(j.nano, 0) <> coalesce(d.nano, 0)`

const REFUNDS_ARE_PAID = `
  SELECT 'account' AS "table", account_id::text AS "row",
         format('%s nano were withdrawn for refunds, but are not what the refunds took', sum(credit_nano - debit_nano)) AS message
  FROM journal_line WHERE account_code = '2200'
  GROUP BY account_id HAVING sum(credit_nano) <> sum(debit_nano)`

/** The general ledger agrees with itself, with the wallets and with what is contested. */
export const JOURNAL_CHECKS: readonly Check[] = [
  { name: 'journal-balance', promise: 'each entry of the journal balances, in one currency', sql: ENTRY_BALANCES },
  {
    name: 'journal-credit',
    promise: 'the credit that the journal owes is what the lots have left',
    sql: CREDIT_IS_ITS_LOTS,
  },
  { name: 'journal-debt', promise: 'the debt in the journal is that of the wallets', sql: DEBT_IS_THE_WALLETS },
  {
    name: 'journal-disputes',
    promise: 'what is contested in the journal is what open disputes contest',
    sql: DISPUTED_IS_OPEN,
  },
  { name: 'journal-refunds', promise: 'each credit withdrawn for a refund was paid out', sql: REFUNDS_ARE_PAID },
]
