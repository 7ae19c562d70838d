import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import { may, type Permission } from '../../../accounts/permissions.ts'
import { OFFICE_SENTENCES } from '../../../back-office/office-error.ts'
import { sellerTo } from '../../../invoicing/seller.ts'
import type { BankReceipt } from '../../../orders/manual/bank-receipt.ts'
import type { PaymentOrder } from '../../../orders/order.ts'
import { inMoney } from './in-money.ts'

/** Why somebody's role keeps them from it, in a sentence; null = it does not. */
export function whyRoleNot(actor: Actor, permission: Permission): string | null {
  return may(actor, permission) ? null : OFFICE_SENTENCES.not_allowed
}

/**
 * Which of these accounts a reseller's people may not take money for, because the operator sells to them.
 * @param accountIds of the actor's own tree
 */
export async function soldByOperator(
  pool: Pool,
  actor: Actor,
  accountIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const sold = new Set<string>()
  if (actor.side === 'OPERATOR') return sold
  for (const accountId of new Set(accountIds)) {
    const seller = await sellerTo(pool, accountId)
    if (seller?.accountId !== actor.resellerId) sold.add(accountId)
  }
  return sold
}

/**
 * Why somebody cannot approve what arrived for an order, as it stands now; null = they can. The use case decides by the
 * same rule once more, under the order's lock.
 */
export function whyNotApprove(
  actor: Actor,
  order: PaymentOrder,
  receipts: readonly BankReceipt[],
  { limitMinor, isSoldByOperator }: { limitMinor: bigint; isSoldByOperator: boolean },
): string | null {
  const role = whyRoleNot(actor, 'approve orders')
  if (role !== null) return role
  if (isSoldByOperator) return OFFICE_SENTENCES.operator_sells
  const amountMinor = order.receivedMinor > order.totalMinor ? order.receivedMinor : order.totalMinor
  if (amountMinor <= limitMinor) return null
  const did = [
    ...(order.createdById === actor.userId ? ['opened this order'] : []),
    ...(receipts.some(({ recordedById }) => recordedById === actor.userId) ? ['recorded its receipt'] : []),
  ]
  if (did.length === 0) return null
  return `You have ${did.join(' and ')}: above ${inMoney(limitMinor, order.currency)}, somebody else has to approve.`
}
