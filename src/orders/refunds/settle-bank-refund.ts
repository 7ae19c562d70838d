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
import { findRefunds, type Refund, readRefund } from './refund.ts'
import type { RefundDeps } from './request-refund.ts'

/** A statement line's own text (ISO 20022 `Ustrd`) is no longer. */
const BANK_REFERENCE_LENGTH_MAX = 140

const request = z.strictObject({
  refundId: id,
  /** Of the transfer back. Capitals and single spaces: the same transfer typed in another way is the same transfer. */
  bankReference: writtenLine(BANK_REFERENCE_LENGTH_MAX).transform((text) => text.toUpperCase()),
  actorId: id,
  idempotencyKey,
})
export type BankRefundSettlement = z.input<typeof request>
type Asked = Omit<z.output<typeof request>, 'idempotencyKey'>

/**
 * Records that the money of a refund was transferred back: its credits are withdrawn. The same transfer recorded again is
 * the refund as it is.
 * @throws OrderError `invalid_request`, `order_not_found`, `order_move_refused`, `bank_reference_used`,
 *   `idempotency_conflict`
 */
export async function settleBankRefund(
  { pool, clock }: Pick<RefundDeps, 'pool' | 'clock'>,
  input: BankRefundSettlement,
  witness?: Witness<Refund>,
): Promise<Refund> {
  const { idempotencyKey: key, ...asked } = readRequest(request, input)
  return inTransaction(pool, async (client) => {
    const { actorId, ...body } = asked
    const call = { scopeId: actorId, verb: 'settleBankRefund', key, body }
    const { resultId } = await oncePerKey(client, clock, call, () => settle(client, clock, asked, witness))
    return (await readRefund(client, resultId)) as Refund
  })
}

async function settle(
  client: ClientBase,
  clock: Clock,
  { refundId, bankReference, actorId }: Asked,
  witness: Witness<Refund> | undefined,
): Promise<string> {
  const named = await readRefund(client, refundId)
  const order = named && (await lockOrder(client, named.orderId))
  if (!order) throw new OrderError('order_not_found', 'There is no such refund.', { field: 'refundId' })
  await refuseUsedReference(client, refundId, bankReference)
  const claims = await lockClaims(client, order.id)
  const refund = claims.refunds.find(({ id }) => id === refundId) as Refund
  if (refund.state === 'SUCCEEDED' && refund.providerRefundId === bankReference) return refundId
  if (refund.provider !== 'BANK' || refund.state !== 'PENDING') {
    const problem = refund.provider === 'BANK' ? `is ${refund.state.toLowerCase()}` : 'is made by the payment provider'
    throw new OrderError('order_move_refused', `A refund that ${problem} cannot be settled by a transfer.`, {
      field: 'refundId',
    })
  }
  const settled: Refund = { ...refund, state: 'SUCCEEDED', providerRefundId: bankReference, closedAt: clock.now() }
  const cause = { cause: `refund ${refundId}`, actorId }
  const after = await bookRefund(
    client,
    clock,
    order,
    { before: claims, after: withRefund(claims, settled) },
    settled,
    cause,
  )
  await witness?.(client, { before: refund, after })
  return refundId
}

/** Two people who record one transfer for two refunds wait for each other here. */
async function refuseUsedReference(client: ClientBase, refundId: string, bankReference: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`bank-refund ${bankReference}`])
  const [used] = await findRefunds(client, 'provider_refund_id = $1 AND id <> $2', [bankReference, refundId])
  if (!used) return
  throw new OrderError('bank_reference_used', 'This bank reference was recorded before, with another refund.', {
    field: 'bankReference',
  })
}
