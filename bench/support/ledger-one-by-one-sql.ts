import type { QueryConfig } from 'pg'
import type { Lot } from '../../src/ledger/lot.ts'
import { plainArray } from '../../src/ledger/sql/array-literal.ts'
import type { BulkWrite } from '../../src/ledger/sql/bulk-write.ts'
import type { ColumnValue } from '../../src/ledger/sql/wire-values.ts'
import { insertEntries, insertHolds, insertUsageEvents } from '../../src/ledger/sql/writes.ts'
import type { Wallet } from '../../src/ledger/wallet.ts'

/** The statements of `ledger-one-by-one.ts`: each about one row, named, so that it is parsed once a connection. */

export const BEGIN_DURABLE = 'BEGIN'
/** Two commands in one message, as the product does it. */
export const BEGIN_RESERVATION = 'BEGIN; SET LOCAL synchronous_commit TO OFF'

export interface WalletRow {
  currency: string
  balance_nano: string
  held_nano: string
  debt_nano: string
  entry_seq: string
  entry_hash: Buffer
}

export const lockWallet = (accountId: string): QueryConfig => ({
  name: 'lock_wallet',
  text: `SELECT currency, balance_nano, held_nano, debt_nano, entry_seq, entry_hash
         FROM wallet WHERE account_id = $1 FOR UPDATE`,
  values: [accountId],
})

export interface LotRow {
  id: string
  priority: number
  granted_nano: string
  remaining_nano: string
  held_nano: string
  expires_at: Date | null
  created_at: Date
}

export const openLots = (accountId: string): QueryConfig => ({
  name: 'open_lots',
  text: `SELECT id, priority, granted_nano, remaining_nano, held_nano, expires_at, created_at
         FROM credit_lot WHERE open AND account_id = $1`,
  values: [accountId],
})

export function lotOf(accountId: string, row: LotRow): Lot {
  return {
    id: row.id,
    accountId,
    priority: row.priority,
    grantedNano: BigInt(row.granted_nano),
    remainingNano: BigInt(row.remaining_nano),
    heldNano: BigInt(row.held_nano),
    frozenNano: 0n,
    expiresAt: row.expires_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
  }
}

export interface HoldRow {
  amount_nano: string
  lot_ids: string[]
  lot_amounts_nano: string[]
}

export const takeHold = (requestId: string): QueryConfig => ({
  name: 'take_hold',
  text: 'DELETE FROM hold WHERE request_id = $1 RETURNING amount_nano, lot_ids, lot_amounts_nano',
  values: [requestId],
})

export const updateLot = (lot: Lot): QueryConfig => ({
  name: 'update_lot',
  text: 'UPDATE credit_lot SET remaining_nano = $2, held_nano = $3, open = $4 WHERE id = $1',
  values: [lot.id, lot.remainingNano, lot.heldNano, lot.remainingNano > 0n],
})

export const updateWallet = (wallet: Wallet): QueryConfig => ({
  name: 'update_wallet',
  text: `UPDATE wallet SET balance_nano = $2, held_nano = $3, debt_nano = $4, entry_seq = $5, entry_hash = $6
         WHERE account_id = $1`,
  values: [
    wallet.accountId,
    wallet.balanceNano,
    wallet.heldNano,
    wallet.debtNano,
    wallet.entrySeq,
    `\\x${wallet.entryHash}`,
  ],
})

export const insertHold = insertRow(insertHolds)
export const insertEntry = insertRow(insertEntries)
export const insertUsageEvent = insertRow(insertUsageEvents)

/** The product's columns and values, one row a statement. */
function insertRow<Row>({ name, table, columns }: BulkWrite<Row>) {
  const names = Object.keys(columns)
  const parameters = names.map((_, index) => `$${index + 1}`).join(', ')
  const text = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${parameters})`
  const values = Object.entries(columns)
  return (row: Row): QueryConfig => ({
    name,
    text,
    values: values.map(([name, value]) => parameterOf(name, value(row))),
  })
}

function parameterOf(column: string, value: ColumnValue): unknown {
  if (value === null) return null
  if (typeof value === 'object') return plainArray(value)
  if (column === 'hash') return `\\x${value}`
  return column.endsWith('_at') ? new Date(Number(value)).toISOString() : value
}
