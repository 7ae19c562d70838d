import type { Actor } from '../accounts/actor.ts'
import { OrderError } from '../orders/order-error.ts'
import { type BankRefundCancellation, cancelBankRefund } from '../orders/refunds/cancel-bank-refund.ts'
import { type Refund, readRefund } from '../orders/refunds/refund.ts'
import { type RefundDeps, type RefundRequest, requestRefund } from '../orders/refunds/request-refund.ts'
import { type BankRefundSettlement, settleBankRefund } from '../orders/refunds/settle-bank-refund.ts'
import { actThrough, requireMay } from './acting.ts'
import { orderWithin } from './order-within.ts'
import { findAccountWithin, isUuid } from './scope.ts'

const permission = 'refund orders'

/**
 * Begins to refund what is unspent of an order.
 * @throws OfficeError `not_allowed`; what `requestRefund` throws
 */
export async function requestRefundFor(
  deps: RefundDeps,
  actor: Actor,
  input: Omit<RefundRequest, 'actorId' | 'accountId'>,
): Promise<Refund> {
  const action = 'refund.request'
  await requireMay(deps, actor, permission, { kind: 'payment_order', id: input.orderId, accountId: null }, action)
  const { accountId } = await orderWithin(deps.pool, actor, input.orderId)
  const deed = { permission, action, reason: input.reason, subject: { kind: 'refund', id: null, accountId } } as const
  return actThrough<Refund, Refund>(deps, actor, deed, (witness) =>
    requestRefund(deps, { ...input, accountId: null, actorId: actor.userId }, witness),
  )
}

/**
 * Records that a bank refund's money was transferred back.
 * @throws OfficeError `not_allowed`; what `settleBankRefund` throws
 */
export function settleBankRefundFor(
  deps: RefundDeps,
  actor: Actor,
  input: Omit<BankRefundSettlement, 'actorId'>,
): Promise<Refund> {
  return onRefund(deps, actor, input.refundId, { action: 'refund.settle', reason: null }, (witness) =>
    settleBankRefund(deps, { ...input, actorId: actor.userId }, witness),
  )
}

/**
 * Gives a bank refund up whose transfer was not made.
 * @throws OfficeError `not_allowed`; what `cancelBankRefund` throws
 */
export function cancelBankRefundFor(
  deps: RefundDeps,
  actor: Actor,
  input: Omit<BankRefundCancellation, 'actorId'>,
): Promise<Refund> {
  return onRefund(deps, actor, input.refundId, { action: 'refund.cancel', reason: input.reason }, (witness) =>
    cancelBankRefund(deps, { ...input, actorId: actor.userId }, witness),
  )
}

async function onRefund(
  deps: RefundDeps,
  actor: Actor,
  refundId: string,
  asked: { action: string; reason: string | null },
  work: Parameters<typeof actThrough<Refund, Refund>>[3],
): Promise<Refund> {
  const subject = { kind: 'refund', id: refundId, accountId: null }
  await requireMay(deps, actor, permission, subject, asked.action)
  const refund = isUuid(refundId) ? await readRefund(deps.pool, refundId) : null
  if (!refund || !(await findAccountWithin(deps.pool, actor, refund.accountId))) {
    throw new OrderError('order_not_found', 'There is no such refund.', { field: 'refundId' })
  }
  const { id, accountId } = refund
  return actThrough<Refund, Refund>(deps, actor, { ...asked, permission, subject: { ...subject, id, accountId } }, work)
}
