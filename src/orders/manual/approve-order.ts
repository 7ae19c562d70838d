import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Witness } from '../../lib/witness.ts'
import { oncePerKey } from '../idempotency.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { wasPaid } from '../order-state.ts'
import { payOrder } from '../pay-order.ts'
import { amountMinor, id, idempotencyKey, readRequest } from '../read-request.ts'
import { findReceipts } from './bank-receipt.ts'
import { inMoney, lockManualOrder, type ManualOrderDeps, noteWith } from './manual-order.ts'
import { SETTLEMENTS, type Settlement, settle } from './settle.ts'

const request = z.strictObject({
  orderId: id,
  settlement: z.enum(SETTLEMENTS, { error: `must be one of ${SETTLEMENTS.join(', ')}` }),
  /** What had arrived when the approver looked; another receipt since then has to be looked at first. */
  seenReceivedMinor: amountMinor.optional(),
  actorId: id,
  idempotencyKey,
})
export type Approval = z.input<typeof request>

/**
 * Approves what arrived for an order and makes it paid, in one transaction. The same approval once more changes nothing.
 * @throws OrderError `invalid_request`, `order_not_found`, `order_move_refused`, `order_changed_meanwhile`,
 *   `receipt_mismatch`, `approval_by_same_person`, `idempotency_conflict`
 */
export async function approveOrder(
  deps: ManualOrderDeps,
  input: Approval,
  witness?: Witness<PaymentOrder>,
): Promise<PaymentOrder> {
  const { actorId, idempotencyKey: key, ...body } = readRequest(request, input)
  return inTransaction(deps.pool, async (client) => {
    const call = { scopeId: actorId, verb: 'approveOrder', key, body }
    const { resultId } = await oncePerKey(client, deps.clock, call, async () => {
      const order = await lockManualOrder(client, body.orderId)
      if (wasApproved(order, body.settlement)) return order.id
      checkSeen(order, body.seenReceivedMinor)
      const after = await approve(client, deps, order, body.settlement, actorId)
      await witness?.(client, { before: order, after })
      return order.id
    })
    return lockManualOrder(client, resultId)
  })
}

/** Two people who approve in different ways must not both believe that theirs was done. */
function wasApproved(order: PaymentOrder, settlement: Settlement): boolean {
  if (!wasPaid(order.state)) return false
  if (order.settlement === settlement) return true
  throw new OrderError('order_changed_meanwhile', `The order was approved before, as ${order.settlement}.`, {
    field: 'settlement',
  })
}

function checkSeen({ receivedMinor, currency }: PaymentOrder, seenMinor: bigint | undefined): void {
  if (seenMinor === undefined || seenMinor === receivedMinor) return
  const arrived = inMoney(receivedMinor, currency)
  throw new OrderError('order_changed_meanwhile', `By now ${arrived} has arrived. Look at the order again.`)
}

async function approve(
  client: ClientBase,
  { clock, fourEyesLimitMinor }: ManualOrderDeps,
  order: PaymentOrder,
  settlement: Settlement,
  actorId: string,
): Promise<PaymentOrder> {
  // The table of moves lets money revive a cancelled order. A person's approval does not: it was cancelled by a person.
  if (order.state === 'CANCELED') {
    throw new OrderError('order_move_refused', 'An order that is canceled cannot be approved.', { field: 'orderId' })
  }
  const settled = settle(order, settlement)
  if (!settled.ok) throw new OrderError('receipt_mismatch', settled.reason, { field: 'settlement' })
  await checkFourEyes(client, order, fourEyesLimitMinor, actorId)
  const { amounts, owedBackMinor } = settled
  const owed = `${inMoney(owedBackMinor, order.currency)} was received above the total and is owed back.`
  return payOrder(
    client,
    clock,
    order,
    { cause: `approved: ${settlement}`, actorId },
    {
      ...amounts,
      settlement,
      note: owedBackMinor > 0n ? noteWith(order, owed) : order.note,
      approvedById: actorId,
      approvedAt: clock.now(),
    },
  )
}

/**
 * Above the limit, nobody turns their own order or their own receipt into credits. What counts is the larger of what was
 * asked for and what is said to have arrived, so that a small order with a large excess is no way around it.
 */
async function checkFourEyes(
  client: ClientBase,
  order: PaymentOrder,
  limitMinor: bigint,
  actorId: string,
): Promise<void> {
  const amountMinor = order.receivedMinor > order.totalMinor ? order.receivedMinor : order.totalMinor
  if (amountMinor <= limitMinor) return
  const receipts = await findReceipts(client, 'order_id = $1', [order.id])
  const involved = [order.createdById, ...receipts.map((receipt) => receipt.recordedById)]
  if (!involved.includes(actorId)) return
  throw new OrderError(
    'approval_by_same_person',
    `Above ${inMoney(limitMinor, order.currency)}, somebody else has to approve: neither who opened the order nor who recorded a receipt.`,
    { field: 'actorId' },
  )
}
