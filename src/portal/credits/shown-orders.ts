import type { Pool } from 'pg'
import { findOrders, type PaymentOrder } from '../../orders/order.ts'
import { confirmTopUpPath, orderPath } from '../../orders/order-path.ts'
import { shownOrder } from '../shown-order.ts'
import type { StatusBadge } from '../status-badge.ts'
import { shownMinor } from './shown-amount.ts'
import { transferPath } from './transfer-path.ts'

/** More wait for nobody: card payments are over within hours. */
const OPEN_ORDERS_MAX = 10

/** A payment that is not settled yet, as a list shows it. */
export interface WaitingOrder {
  kind: string
  total: string
  badge: StatusBadge
  createdAt: Date
  path: string
  /** Where its buyer has to act; null = nothing but waiting. */
  action: { path: string; label: string } | null
  /** Whether it is settled by itself, within seconds as a rule. */
  isQuick: boolean
}

const KINDS: Readonly<Record<PaymentOrder['kind'], string>> = {
  CHECKOUT: 'Purchase by card',
  AUTO_TOP_UP: 'Automatic top-up',
  MANUAL: 'Purchase by bank transfer',
}

/** An account's payments that are under way, the latest first. */
export async function readWaitingOrders(pool: Pool, accountId: string, now: number): Promise<WaitingOrder[]> {
  const condition = `account_id = $1 AND state IN ('AWAITING_PAYMENT', 'REQUIRES_ACTION')
    AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC, id LIMIT $3`
  const orders = await findOrders(pool, condition, [accountId, new Date(now), OPEN_ORDERS_MAX])
  return orders.map((order) => ({
    kind: KINDS[order.kind],
    total: shownMinor(order.totalMinor, order.currency),
    badge: shownOrder(order, false).badge,
    createdAt: new Date(order.createdAt),
    path: order.kind === 'MANUAL' ? transferPath(order.id) : orderPath(order.id),
    action: actionFor(order),
    isQuick: order.kind !== 'MANUAL',
  }))
}

function actionFor({ id, kind, state, checkoutUrl }: PaymentOrder): WaitingOrder['action'] {
  if (state === 'REQUIRES_ACTION' && checkoutUrl === null) return { path: confirmTopUpPath(id), label: 'Confirm' }
  if (kind === 'CHECKOUT' && checkoutUrl !== null) return { path: checkoutUrl, label: 'Go to the payment page' }
  return null
}
