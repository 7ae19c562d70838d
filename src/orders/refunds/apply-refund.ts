import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { MoveCause } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { wasPaid } from '../order-state.ts'
import { bookRefund } from './book-refund.ts'
import { type Claims, lockClaims, refundedOrPending, withRefund } from './order-claims.ts'
import type { Refund, RefundState } from './refund.ts'
import { creditsFor, splitPart } from './refund-amounts.ts'
import type { RefundFact } from './refund-fact.ts'

const STATE_OF = { pending: 'PENDING', succeeded: 'SUCCEEDED', failed: 'FAILED' } as const
/** A refund moves up these only, so an older fact that arrives late changes nothing. */
const RANK: Readonly<Record<RefundState, number>> = { PENDING: 0, SUCCEEDED: 1, FAILED: 2 }

/** The provider is asked again about a refund that it leaves pending. */
const PENDING_CHECK_MS = 60_000
const EXTERNAL_REASON = 'Refunded at the payment provider'

/**
 * Books what the provider says of a refund, in the caller's transaction; the wallet is locked from then on. Facts may
 * come late, twice and in any order.
 *
 * @param order locked, with its credits granted
 * @throws OrderError `receipt_mismatch` for a currency or an amount that is not the refund's.
 */
export async function applyRefundFact(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  fact: RefundFact,
  cause: MoveCause,
): Promise<'applied' | 'repeated'> {
  if (!wasPaid(order.state))
    throw new Error(`order ${order.id} was never paid, but refund ${fact.providerRefundId} is of it`)
  const claims = await lockClaims(client, order.id)
  const known = knownRefund(claims, fact)
  refuseMismatch(order, known, fact)
  const state = STATE_OF[fact.status]
  if (known?.providerRefundId && RANK[known.state] >= RANK[state]) return 'repeated'
  const { providerRefundId, failureCode } = fact
  const isOver = state !== 'PENDING'
  const refund: Refund = {
    ...(known ?? externalRefund(clock, order, claims, fact)),
    ...{ providerRefundId, state, failureCode },
    nextAttemptAt: isOver ? null : (known?.nextAttemptAt ?? clock.now() + PENDING_CHECK_MS),
    closedAt: isOver ? clock.now() : null,
  }
  await bookRefund(client, clock, order, { before: claims, after: withRefund(claims, refund) }, refund, cause)
  return 'applied'
}

/**
 * The row that a fact is about. One that names our refund is about it only while no other `re_` is: whatever else the
 * provider has paid out under its name is money of its own, as is what it paid out after we had to take it for refused.
 */
function knownRefund({ refunds }: Claims, fact: RefundFact): Refund | undefined {
  return (
    refunds.find(({ providerRefundId }) => providerRefundId === fact.providerRefundId) ??
    refunds.find(
      ({ id, providerRefundId, provider, state }) =>
        id === fact.refundId && provider === 'STRIPE' && providerRefundId === null && state === 'PENDING',
    )
  )
}

function refuseMismatch(order: PaymentOrder, known: Refund | undefined, fact: RefundFact): void {
  const isOfOrder = fact.currency === order.currency && fact.amountMinor > 0n
  if (isOfOrder && (known === undefined || known.totalMinor === fact.amountMinor)) return
  throw new OrderError(
    'receipt_mismatch',
    `Refund ${fact.providerRefundId} of ${fact.amountMinor} ${fact.currency} (minor units) does not fit order ${order.reference}.`,
  )
}

/** A refund that was made at the provider's own dashboard. */
function externalRefund(clock: Clock, order: PaymentOrder, claims: Claims, fact: RefundFact): Refund {
  const before = refundedOrPending(claims)
  const { amountMinor, currency } = fact
  const after = before.totalMinor + amountMinor
  return {
    ...{ id: uuidV7(clock), orderId: order.id, accountId: order.accountId, provider: order.provider, currency },
    ...{ providerRefundId: fact.providerRefundId, state: 'PENDING' },
    ...splitPart(order, before, amountMinor),
    creditNano: fact.status === 'failed' ? 0n : creditsFor(order, after) - creditsFor(order, before.totalMinor),
    ...{ bonusNano: 0n, frozenNano: 0n, frozenBonusNano: 0n },
    ...{ external: true, reason: fact.reason ?? EXTERNAL_REASON, failureCode: null, actorId: null },
    ...{ attempts: 0, nextAttemptAt: null, createdAt: clock.now(), closedAt: null },
  }
}
