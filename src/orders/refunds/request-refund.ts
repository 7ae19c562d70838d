import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { bookWithin } from '../../ledger/book-within.ts'
import type { LotClaims } from '../../ledger/lot-claims.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { Witness } from '../../lib/witness.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { oncePerKey } from '../idempotency.ts'
import { lockOrder, type PaymentOrder } from '../order.ts'
import { OrderError, orderNotFound } from '../order-error.ts'
import { amountMinor, id, idempotencyKey, readRequest, writtenText } from '../read-request.ts'
import { type Claims, lockClaims } from './order-claims.ts'
import { planFullRefund, planRefund, type RefundPlan } from './plan-refund.ts'
import { type Refund, readRefund, saveRefund } from './refund.ts'

/** What the mail that tells of a refund repeats of its reason. */
const REASON_LENGTH_MAX = 500

const request = z.strictObject({
  orderId: id,
  /** Null = the staff asks, for any account. */
  accountId: id.nullable(),
  /** Null = all that can be refunded. */
  totalMinor: amountMinor.nullable(),
  reason: writtenText(REASON_LENGTH_MAX),
  actorId: id,
  idempotencyKey,
})
export type RefundRequest = z.input<typeof request>
type Asked = Omit<z.output<typeof request>, 'idempotencyKey'>

export interface RefundDeps {
  pool: Pool
  clock: Clock
  nudge: (nudged: { job: 'refund'; refundId: string }) => void
}

/**
 * Begins to refund unspent credits: freezes them and writes a pending refund, as one fact. The job that is nudged asks
 * the payment provider; the refund of a bank transfer stays pending until the transfer back is recorded.
 * @throws OrderError `invalid_request`, `order_not_found`, `refund_exceeds_available`, `idempotency_conflict`
 */
export async function requestRefund(
  { pool, clock, nudge }: RefundDeps,
  input: RefundRequest,
  witness?: Witness<Refund>,
): Promise<Refund> {
  const { idempotencyKey: key, ...asked } = readRequest(request, input)
  const refund = await inTransaction(pool, async (client) => {
    const { actorId, ...body } = asked
    const call = { scopeId: asked.accountId ?? actorId, verb: 'requestRefund', key, body }
    const { resultId } = await oncePerKey(client, clock, call, () => open(client, clock, asked, witness))
    const written = await readRefund(client, resultId)
    if (!written) throw new Error(`refund ${resultId} is gone`)
    return written
  })
  if (refund.state === 'PENDING' && refund.provider === 'STRIPE') nudge({ job: 'refund', refundId: refund.id })
  return refund
}

async function open(
  client: ClientBase,
  clock: Clock,
  asked: Asked,
  witness: Witness<Refund> | undefined,
): Promise<string> {
  const order = await lockOrder(client, asked.orderId)
  if (!order || (asked.accountId !== null && order.accountId !== asked.accountId)) throw orderNotFound()
  const claims = await lockClaims(client, order.id)
  const id = uuidV7(clock)
  const plan = await freeze(client, clock, order, claims, id, asked.totalMinor)
  const refund: Refund = {
    ...{ id, orderId: order.id, accountId: order.accountId, provider: order.provider, currency: order.currency },
    ...plan,
    ...{ frozenNano: plan.creditNano, frozenBonusNano: plan.bonusNano },
    ...{ state: 'PENDING', providerRefundId: null, external: false, reason: asked.reason, actorId: asked.actorId },
    ...{ failureCode: null, attempts: 0, createdAt: clock.now(), closedAt: null },
    nextAttemptAt: order.provider === 'STRIPE' ? clock.now() : null,
  }
  await saveRefund(client, refund)
  await witness?.(client, { before: null, after: refund })
  return id
}

/** What is free is known only under the wallet's lock, so the amounts are decided there. */
async function freeze(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  claims: Claims,
  refundId: string,
  totalMinor: bigint | null,
): Promise<RefundPlan> {
  const { lotId, bonusLotId } = order
  if (lotId === null) throw exceedsAvailable(order, 0n)
  let plan: RefundPlan | null = null
  const apply = (lots: LotClaims) => {
    const bonusNano = bonusLotId === null ? 0n : lots.freeNano(bonusLotId)
    const most = planFullRefund(order, claims, { paidNano: lots.freeNano(lotId), bonusNano })
    if (most.totalMinor < (totalMinor ?? 1n)) throw exceedsAvailable(order, most.totalMinor)
    plan = totalMinor === null ? most : planRefund(order, claims, totalMinor, bonusNano)
    lots.freeze(lotId, plan.creditNano)
    if (bonusLotId !== null) lots.freeze(bonusLotId, plan.bonusNano)
  }
  await bookWithin(client, clock, [
    { kind: 'amend', amendment: { accountId: order.accountId, sourceId: refundId, apply } },
  ])
  if (plan === null) throw new Error(`refund ${refundId} was not planned`)
  return plan
}

function exceedsAvailable({ currency }: PaymentOrder, mostMinor: bigint): OrderError {
  const most = formatMoney(mostMinor * NANO_PER_CENT, currency, 'exact')
  const message =
    mostMinor === 0n
      ? 'Nothing of this order can be refunded now.'
      : `At most ${most} of this order can be refunded now.`
  return new OrderError('refund_exceeds_available', message, { field: 'totalMinor' })
}
