import type { Check } from './finding.ts'

/** Rows of one table whose owner is gone. */
const withoutWallet = (table: string, row: string, accountColumn: string, whose: string) => `
  SELECT '${table}' AS "table", ${row} AS "row", format('belongs to ${whose} %s, which has no wallet', t.${accountColumn}) AS message
  FROM ${table} t
  WHERE t.${accountColumn} IS NOT NULL AND NOT EXISTS (SELECT FROM wallet w WHERE w.account_id = t.${accountColumn})`

const OWNER_EXISTS = [
  withoutWallet('ledger_entry', `t.account_id || '/' || t.seq`, 'account_id', 'account'),
  withoutWallet('credit_lot', 't.id::text', 'account_id', 'account'),
  withoutWallet('hold', 't.request_id::text', 'account_id', 'account'),
  withoutWallet('hold', 't.request_id::text', 'reseller_id', 'reseller'),
  withoutWallet('usage_event', 't.id::text', 'account_id', 'account'),
  withoutWallet('usage_event', 't.id::text', 'reseller_id', 'reseller'),
  withoutWallet('budget', 't.id::text', 'account_id', 'account'),
  `SELECT 'wallet', w.account_id::text, 'belongs to no account'
   FROM wallet w WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = w.account_id)`,
].join(' UNION ALL ')

const MOVEMENT_ROW = `m.account_id || '/' || m.entry_seq || '/' || m.ordinal`

const MOVEMENT_IS_FOUNDED = `
  SELECT 'lot_movement' AS "table", ${MOVEMENT_ROW} AS "row",
         CASE WHEN l.id IS NULL THEN format('moves %s nano of lot %s, which does not exist', m.amount_nano, m.lot_id)
              ELSE format('moves %s nano of lot %s, which belongs to account %s', m.amount_nano, m.lot_id, l.account_id) END AS message
  FROM lot_movement m LEFT JOIN credit_lot l ON l.id = m.lot_id
  WHERE m.lot_id IS NOT NULL AND l.account_id IS DISTINCT FROM m.account_id`

const HELD_LOT_EXISTS = `
  SELECT 'hold' AS "table", h.request_id::text AS "row",
         format('reserves %s nano of lot %s, which is not a lot of account %s', a.nano, a.lot_id, a.account_id) AS message
  FROM hold h
  CROSS JOIN LATERAL (
    SELECT h.account_id, own.* FROM unnest(h.lot_ids, h.lot_amounts_nano) AS own (lot_id, nano)
    UNION ALL
    SELECT h.reseller_id, resale.* FROM unnest(h.reseller_lot_ids, h.reseller_lot_amounts_nano) AS resale (lot_id, nano)
  ) a
  WHERE NOT EXISTS (SELECT FROM credit_lot l WHERE l.id = a.lot_id AND l.account_id = a.account_id)`

const CREDIT_HAS_ITS_LOT = `
  SELECT 'ledger_entry' AS "table", e.account_id || '/' || e.seq AS "row",
         format('credits %s nano as %s, but there is no lot of source %s', e.amount_nano, e.kind, e.source_id) AS message
  FROM ledger_entry e
  WHERE e.kind IN ('PURCHASE', 'AUTO_TOP_UP', 'MANUAL_SETTLEMENT', 'GRANT')
    AND NOT EXISTS (
      SELECT FROM credit_lot l WHERE l.account_id = e.account_id AND l.source_kind = e.kind AND l.source_id = e.source_id
    )`

export const ORPHAN_CHECKS: readonly Check[] = [
  { name: 'owner', promise: 'each row belongs to an account with a wallet', sql: OWNER_EXISTS },
  {
    name: 'movement-owner',
    promise: 'each movement moves a lot of its account',
    sql: MOVEMENT_IS_FOUNDED,
  },
  { name: 'hold-owner', promise: 'each hold reserves lots of its own accounts', sql: HELD_LOT_EXISTS },
  { name: 'credit-lot', promise: 'each credit made a lot', sql: CREDIT_HAS_ITS_LOT },
]
