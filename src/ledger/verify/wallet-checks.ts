import { GENESIS_HASH } from '../entry.ts'
import type { Check } from './finding.ts'

const BALANCE_IS_ITS_ENTRIES = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('the balance is %s nano, but the entries sum to %s nano', w.balance_nano, coalesce(e.nano, 0)) AS message
  FROM wallet w
  LEFT JOIN (SELECT account_id, sum(amount_nano) AS nano FROM ledger_entry GROUP BY account_id) e USING (account_id)
  WHERE w.balance_nano <> coalesce(e.nano, 0)`

const BALANCE_IS_ITS_LOTS = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('the balance is %s nano, but the lots have %s nano left and the debt is %s nano',
                w.balance_nano, coalesce(l.nano, 0), w.debt_nano) AS message
  FROM wallet w
  LEFT JOIN (SELECT account_id, sum(remaining_nano) AS nano FROM credit_lot GROUP BY account_id) l USING (account_id)
  WHERE w.balance_nano <> coalesce(l.nano, 0) - w.debt_nano`

const HELD_IS_ITS_HOLDS = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('%s nano are held, but the lots have %s nano held and the open holds reserve %s nano',
                w.held_nano, coalesce(l.nano, 0), coalesce(h.nano, 0)) AS message
  FROM wallet w
  LEFT JOIN (SELECT account_id, sum(held_nano) AS nano FROM credit_lot GROUP BY account_id) l USING (account_id)
  LEFT JOIN (
    SELECT account_id, sum(nano) AS nano
    FROM (
      SELECT account_id, amount_nano AS nano FROM hold
      UNION ALL
      SELECT reseller_id, reseller_amount_nano FROM hold WHERE reseller_id IS NOT NULL
    ) planes
    GROUP BY account_id
  ) h USING (account_id)
  WHERE w.held_nano <> coalesce(l.nano, 0) OR w.held_nano <> coalesce(h.nano, 0)`

const DEBT_IS_ITS_MOVEMENTS = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         format('the debt is %s nano, but the movements of debt sum to %s nano', w.debt_nano, coalesce(d.nano, 0)) AS message
  FROM wallet w
  LEFT JOIN (
    SELECT account_id, -sum(amount_nano) AS nano FROM lot_movement WHERE lot_id IS NULL GROUP BY account_id
  ) d USING (account_id)
  WHERE w.debt_nano <> coalesce(d.nano, 0)`

const HEAD_IS_THE_LAST_ENTRY = `
  SELECT 'wallet' AS "table", w.account_id::text AS "row",
         CASE WHEN w.entry_seq <> coalesce(e.seq, 0)
           THEN format('the wallet was last written at entry %s, but the last entry stored is %s', w.entry_seq, coalesce(e.seq, 0))
           ELSE format('the wallet keeps another hash than its last entry, %s', w.entry_seq)
         END AS message
  FROM wallet w
  LEFT JOIN LATERAL (
    SELECT seq, hash FROM ledger_entry WHERE account_id = w.account_id ORDER BY seq DESC LIMIT 1
  ) e ON true
  WHERE w.entry_seq <> coalesce(e.seq, 0) OR w.entry_hash <> coalesce(e.hash, decode('${GENESIS_HASH}', 'hex'))`

export const WALLET_CHECKS: readonly Check[] = [
  { name: 'wallet-entries', promise: 'each balance is the sum of its entries', sql: BALANCE_IS_ITS_ENTRIES },
  {
    name: 'wallet-lots',
    promise: 'each balance is the credit left in its lots less its debt',
    sql: BALANCE_IS_ITS_LOTS,
  },
  { name: 'wallet-held', promise: 'what is held is what lots and open holds have reserved', sql: HELD_IS_ITS_HOLDS },
  { name: 'wallet-debt', promise: 'each debt is the sum of its movements', sql: DEBT_IS_ITS_MOVEMENTS },
  { name: 'wallet-head', promise: 'each wallet ends its chain of entries', sql: HEAD_IS_THE_LAST_ENTRY },
]
