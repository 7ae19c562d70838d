import type { Pool } from 'pg'
import { issueMissing } from '../invoicing/issue-missing.ts'
import type { Clock } from '../lib/clock.ts'
import { findOrders } from './order.ts'
import { soldCredits } from './pay-order.ts'

const ORDERS_PER_RUN_MAX = 500

/** Invoices paid orders that have none: those that were paid before their seller was set up. Returns how many it issued. */
export async function invoiceLater({ pool, clock }: { pool: Pool; clock: Clock }): Promise<number> {
  const orders = await findOrders(
    pool,
    `paid_at IS NOT NULL AND tax_point = 'PURCHASE'
       AND NOT EXISTS (SELECT FROM tax_document WHERE order_id = payment_order.id AND kind = 'INVOICE')
       AND EXISTS (SELECT FROM account JOIN seller ON seller.account_id = account.reseller_id OR seller.account_id IS NULL
                   WHERE account.id = payment_order.account_id)
     ORDER BY paid_at, id LIMIT ${ORDERS_PER_RUN_MAX}`,
    [],
  )
  return issueMissing(
    { pool, clock },
    orders.map((order) => soldCredits(order, order.paidAt as number)),
  )
}
