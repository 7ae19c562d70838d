import type { Pool } from 'pg'
import { orderPath } from '../../orders/order-path.ts'
import { shownMinor } from '../credits/shown-amount.ts'

/** Beyond it something is wrong with the seller's set-up rather than with any of them. */
const AWAITED_MAX = 20

/** A payment whose document is yet to come. */
export interface AwaitedInvoice {
  paidAt: Date
  total: string
  path: string
}

interface Row {
  id: string
  paid_at: Date
  total_minor: string
  currency: string
}

/** Paid, and taxed at its payment: an invoice follows. `$1` the account. */
const AWAITED = `
  SELECT o.id, o.paid_at, o.total_minor::text, o.currency FROM payment_order o
  WHERE o.account_id = $1 AND o.paid_at IS NOT NULL AND o.tax_point = 'PURCHASE' AND o.total_minor > 0
    AND NOT EXISTS (SELECT FROM tax_document WHERE order_id = o.id AND kind = 'INVOICE')
  ORDER BY o.paid_at DESC LIMIT ${AWAITED_MAX}`

/** Payments for credits that are vouchers: their receipt is all there is until the use is invoiced. `$1` the account. */
const RECEIPTS = `
  SELECT id, paid_at, total_minor::text, currency FROM payment_order
  WHERE account_id = $1 AND paid_at IS NOT NULL AND tax_point = 'USAGE' ORDER BY paid_at DESC LIMIT ${AWAITED_MAX}`

/** Payments that are paid and not invoiced yet, the latest first. */
export function readAwaitedInvoices(pool: Pool, accountId: string): Promise<AwaitedInvoice[]> {
  return read(pool, AWAITED, accountId)
}

/** The latest payments that are invoiced as their credits are used. */
export function readVoucherReceipts(pool: Pool, accountId: string): Promise<AwaitedInvoice[]> {
  return read(pool, RECEIPTS, accountId)
}

async function read(pool: Pool, sql: string, accountId: string): Promise<AwaitedInvoice[]> {
  const { rows } = await pool.query<Row>(sql, [accountId])
  return rows.map(({ id, paid_at: paidAt, total_minor: total, currency }) => ({
    ...{ paidAt, total: shownMinor(BigInt(total), currency), path: orderPath(id) },
  }))
}
