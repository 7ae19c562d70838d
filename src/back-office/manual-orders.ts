import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { sellerTo } from '../invoicing/seller.ts'
import { type Approval, approveOrder } from '../orders/manual/approve-order.ts'
import { type Cancellation, cancelOrder } from '../orders/manual/cancel-order.ts'
import { createManualOrder, type NewManualOrder } from '../orders/manual/create-manual-order.ts'
import type { ManualOrderDeps } from '../orders/manual/manual-order.ts'
import { type NewReceipt, recordReceipt } from '../orders/manual/record-receipt.ts'
import type { PaymentOrder } from '../orders/order.ts'
import { actThrough, type Deed, requireMay } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { orderWithin } from './order-within.ts'

type By<Request> = Omit<Request, 'actorId'>

/** The terms of a sale are for who sells; the others ask for credits at the price that everybody pays. */
const TERMS = ['creditNano', 'bonusNano', 'taxMinor', 'packageId'] as const

/**
 * Opens an order by bank transfer. Where the operator sells, as to a reseller itself, a reseller's people ask for an
 * amount and set no terms.
 * @throws OfficeError `not_allowed`, `account_not_found`, `operator_sells`; what `createManualOrder` throws
 */
export function createOrderFor(deps: ManualOrderDeps, actor: Actor, input: By<NewManualOrder>): Promise<PaymentOrder> {
  const deed: Deed = {
    ...{ permission: 'create manual orders', action: 'order.create' },
    subject: { kind: 'payment_order', id: null, accountId: input.accountId },
  }
  return actThrough<PaymentOrder, PaymentOrder>(deps, actor, deed, async (witness) => {
    const term = TERMS.find((field) => input[field] !== undefined && input[field] !== null)
    if (term !== undefined) await requireSeller(deps.pool, actor, input.accountId, term)
    return createManualOrder(deps, { ...input, actorId: actor.userId }, witness)
  })
}

/**
 * Records money that arrived.
 * @throws OfficeError `not_allowed`, `operator_sells`; what `recordReceipt` throws
 */
export function recordReceiptFor(
  deps: ManualOrderDeps,
  actor: Actor,
  input: By<NewReceipt>,
): ReturnType<typeof recordReceipt> {
  const asked = { permission: 'record receipts', action: 'order.record-receipt', reason: null } as const
  return onOrder(deps, actor, input.orderId, asked, (witness) =>
    recordReceipt(deps, { ...input, actorId: actor.userId }, witness),
  )
}

/**
 * Approves what arrived: the order is paid. Above the limit, not by who opened it or recorded a receipt.
 * @throws OfficeError `not_allowed`, `operator_sells`; what `approveOrder` throws
 */
export function approveOrderFor(deps: ManualOrderDeps, actor: Actor, input: By<Approval>): Promise<PaymentOrder> {
  const asked = { permission: 'approve orders', action: 'order.approve', reason: null } as const
  return onOrder(deps, actor, input.orderId, asked, (witness) =>
    approveOrder(deps, { ...input, actorId: actor.userId }, witness),
  )
}

/**
 * Gives an order up that is not paid: one that waits, or that has expired.
 * @throws OfficeError `not_allowed`, `operator_sells`; what `cancelOrder` throws
 */
export function cancelOrderFor(deps: ManualOrderDeps, actor: Actor, input: By<Cancellation>): Promise<PaymentOrder> {
  const asked = { permission: 'cancel orders', action: 'order.cancel', reason: input.reason } as const
  return onOrder(deps, actor, input.orderId, asked, (witness) =>
    cancelOrder(deps, { ...input, actorId: actor.userId }, witness),
  )
}

async function onOrder<Result>(
  deps: ManualOrderDeps,
  actor: Actor,
  orderId: string,
  asked: Pick<Deed, 'permission' | 'action'> & { reason: string | null },
  work: Parameters<typeof actThrough<PaymentOrder, Result>>[3],
): Promise<Result> {
  const subject = { kind: 'payment_order', id: orderId, accountId: null }
  await requireMay(deps, actor, asked.permission, subject, asked.action)
  const { id, accountId } = await orderWithin(deps.pool, actor, orderId)
  const deed = { ...asked, subject: { ...subject, id, accountId } }
  return actThrough<PaymentOrder, Result>(deps, actor, deed, async (witness) => {
    await requireSeller(deps.pool, actor, accountId, 'orderId')
    return work(witness)
  })
}

/** A reseller without a seller of its own has the operator sell to its customers: then the money is the operator's. */
async function requireSeller(client: Pool | ClientBase, actor: Actor, accountId: string, field: string): Promise<void> {
  if (actor.side === 'OPERATOR') return
  const seller = await sellerTo(client, accountId)
  if (seller?.accountId !== actor.resellerId) throw new OfficeError('operator_sells', { field })
}
