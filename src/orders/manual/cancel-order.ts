import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Witness } from '../../lib/witness.ts'
import { oncePerKey } from '../idempotency.ts'
import { moveOrder } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { mayMove } from '../order-state.ts'
import { id, idempotencyKey, readRequest, writtenLine } from '../read-request.ts'
import { inMoney, lockManualOrder, type ManualOrderDeps, noteWith } from './manual-order.ts'

const REASON_LENGTH_MAX = 300
/** In the column `settlement` of a cancelled order: what arrived goes back to whom it came from. */
export const RETURN_RECEIVED = 'RETURN_RECEIVED'

const request = z.strictObject({
  orderId: id,
  reason: writtenLine(REASON_LENGTH_MAX),
  /** Money that arrived is to be sent back; without this, an order that received any is not cancelled. */
  returnReceived: z.boolean({ error: 'must be true or false' }).default(false),
  actorId: id,
  idempotencyKey,
})
export type Cancellation = z.input<typeof request>

/**
 * Gives an order up. Cancelled once more, it stays as it is.
 * @throws OrderError `invalid_request`, `order_not_found`, `order_move_refused`, `idempotency_conflict`
 */
export async function cancelOrder(
  deps: ManualOrderDeps,
  input: Cancellation,
  witness?: Witness<PaymentOrder>,
): Promise<PaymentOrder> {
  const { actorId, idempotencyKey: key, ...body } = readRequest(request, input)
  return inTransaction(deps.pool, async (client) => {
    const call = { scopeId: actorId, verb: 'cancelOrder', key, body }
    const { resultId } = await oncePerKey(client, deps.clock, call, async () => {
      const order = await lockManualOrder(client, body.orderId)
      if (order.state === 'CANCELED') return order.id
      const after = await cancel(client, deps, order, { ...body, actorId })
      await witness?.(client, { before: order, after })
      return order.id
    })
    return lockManualOrder(client, resultId)
  })
}

async function cancel(
  client: ClientBase,
  { clock }: ManualOrderDeps,
  order: PaymentOrder,
  { reason, returnReceived, actorId }: { reason: string; returnReceived: boolean; actorId: string },
): Promise<PaymentOrder> {
  const received = order.receivedMinor > 0n
  // Of an order that cannot be given up at all, the move says so.
  if (received && !returnReceived && mayMove(order.state, 'CANCELED')) {
    throw new OrderError('order_move_refused', 'Money was received for this order: say that it is to be returned.', {
      field: 'returnReceived',
    })
  }
  const owed = `${inMoney(order.receivedMinor, order.currency)} was received and is owed back.`
  const changes = received ? { settlement: RETURN_RECEIVED, note: noteWith(order, owed) } : {}
  return moveOrder(client, clock, order, 'CANCELED', { cause: `canceled: ${reason}`, actorId }, changes)
}
