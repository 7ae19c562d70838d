import type { Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { findDisputes } from '../disputes/dispute.ts'
import { readOrder } from '../order.ts'
import { orderNotFound } from '../order-error.ts'
import { planFullRefund, type RefundPlan } from './plan-refund.ts'
import { findRefunds } from './refund.ts'

const FREE_NANO = `
  SELECT id, greatest(remaining_nano - held_nano - frozen_nano, 0)::text AS free_nano
  FROM credit_lot WHERE id = ANY ($1::uuid[]) AND (expires_at IS NULL OR expires_at > $2)`

/**
 * What a refund asked for now would give back at most: money in minor units, credits in nano. All zero where there is
 * nothing to refund. A request for it may find less, as the account goes on spending.
 * @throws OrderError `order_not_found`
 */
export async function refundable({ pool, clock }: { pool: Pool; clock: Clock }, orderId: string): Promise<RefundPlan> {
  const order = await readOrder(pool, orderId)
  if (!order) throw orderNotFound()
  const refunds = await findRefunds(pool, 'order_id = $1', [orderId])
  const disputes = await findDisputes(pool, 'order_id = $1', [orderId])
  const lotIds = [order.lotId, order.bonusLotId].filter((id) => id !== null)
  const { rows } = await pool.query<{ id: string; free_nano: string }>(FREE_NANO, [lotIds, new Date(clock.now())])
  const freeOf = (lotId: string | null) => BigInt(rows.find(({ id }) => id === lotId)?.free_nano ?? 0)
  const free = { paidNano: freeOf(order.lotId), bonusNano: freeOf(order.bonusLotId) }
  return planFullRefund(order, { refunds, disputes }, free)
}
