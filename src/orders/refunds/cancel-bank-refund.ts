import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Witness } from '../../lib/witness.ts'
import { oncePerKey } from '../idempotency.ts'
import { lockOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { id, idempotencyKey, readRequest, writtenLine } from '../read-request.ts'
import { bookRefund } from './book-refund.ts'
import { lockClaims, withRefund } from './order-claims.ts'
import { type Refund, readRefund } from './refund.ts'
import type { RefundDeps } from './request-refund.ts'

const REASON_LENGTH_MAX = 300
/** In the column `failure_code` of a refund that nobody made. */
export const REFUND_CANCELED = 'canceled'

const request = z.strictObject({
  refundId: id,
  reason: writtenLine(REASON_LENGTH_MAX),
  actorId: id,
  idempotencyKey,
})
export type BankRefundCancellation = z.input<typeof request>
type Asked = Omit<z.output<typeof request>, 'idempotencyKey'>

/**
 * Gives up a bank refund whose transfer was not made: its credits are thawed. Given up once more, it stays as it is.
 * @throws OrderError `invalid_request`, `order_not_found`, `order_move_refused`, `idempotency_conflict`
 */
export async function cancelBankRefund(
  { pool, clock }: Pick<RefundDeps, 'pool' | 'clock'>,
  input: BankRefundCancellation,
  witness?: Witness<Refund>,
): Promise<Refund> {
  const { idempotencyKey: key, ...asked } = readRequest(request, input)
  return inTransaction(pool, async (client) => {
    const { actorId, ...body } = asked
    const call = { scopeId: actorId, verb: 'cancelBankRefund', key, body }
    await oncePerKey(client, clock, call, async () => {
      await cancel(client, clock, asked, witness)
      return asked.refundId
    })
    return (await readRefund(client, asked.refundId)) as Refund
  })
}

async function cancel(
  client: ClientBase,
  clock: Clock,
  { refundId, reason, actorId }: Asked,
  witness: Witness<Refund> | undefined,
): Promise<void> {
  const named = await readRefund(client, refundId)
  const order = named && (await lockOrder(client, named.orderId))
  if (!order) throw new OrderError('order_not_found', 'There is no such refund.', { field: 'refundId' })
  const claims = await lockClaims(client, order.id)
  const refund = claims.refunds.find(({ id }) => id === refundId) as Refund
  if (refund.state === 'FAILED' && refund.failureCode === REFUND_CANCELED) return
  if (refund.provider !== 'BANK' || refund.state !== 'PENDING') {
    const problem = refund.provider === 'BANK' ? `is ${refund.state.toLowerCase()}` : 'is made by the payment provider'
    throw new OrderError('order_move_refused', `A refund that ${problem} cannot be canceled.`, { field: 'refundId' })
  }
  const canceled: Refund = { ...refund, state: 'FAILED', failureCode: REFUND_CANCELED, closedAt: clock.now() }
  const cause = { cause: `refund ${refundId} canceled: ${reason}`, actorId }
  const after = await bookRefund(
    client,
    clock,
    order,
    { before: claims, after: withRefund(claims, canceled) },
    canceled,
    cause,
  )
  await witness?.(client, { before: refund, after })
}
