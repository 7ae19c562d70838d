import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { type PaymentOrder, readOrder } from '../orders/order.ts'
import { orderNotFound } from '../orders/order-error.ts'
import { findAccountWithin, isUuid } from './scope.ts'

/**
 * An order of an account that is theirs to act on.
 * @throws OrderError `order_not_found`, the same for somebody else's order as for none
 */
export async function orderWithin(client: ClientBase | Pool, actor: Actor, orderId: string): Promise<PaymentOrder> {
  const order = isUuid(orderId) ? await readOrder(client, orderId) : null
  if (!order || !(await findAccountWithin(client, actor, order.accountId))) throw orderNotFound()
  return order
}
