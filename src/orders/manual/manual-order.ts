import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { lockOrder, type PaymentOrder } from '../order.ts'
import { orderNotFound } from '../order-error.ts'

/**
 * The life of a manual order: staff open it and it awaits payment; receipts are recorded as the bank statement says;
 * somebody approves what arrived, and it is paid. Not paid in time, it expires, and may still be paid late. Cancelled, it
 * is over.
 */
export interface ManualOrderDeps {
  pool: Pool
  clock: Clock
  /** In minor units: above it, whoever opened an order or recorded a receipt for it may not approve it. */
  fourEyesLimitMinor: bigint
}

/**
 * A bank transfer's order, locked until the caller's transaction ends.
 * @throws OrderError `order_not_found` also for an order of another kind.
 */
export async function lockManualOrder(client: ClientBase, orderId: string): Promise<PaymentOrder> {
  const order = await lockOrder(client, orderId)
  if (order?.kind !== 'MANUAL') throw orderNotFound()
  return order
}

/** An amount of an order, exactly. */
export function inMoney(amountMinor: bigint, currency: string): string {
  return formatMoney(amountMinor * NANO_PER_CENT, currency, 'exact')
}

/** The order's note with one more line. */
export function noteWith(order: PaymentOrder, line: string): string {
  return order.note === null ? line : `${order.note}\n${line}`
}
