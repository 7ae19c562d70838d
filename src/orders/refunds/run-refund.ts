import type { Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { lockOrder, type PaymentOrder, readOrder } from '../order.ts'
import { applyRefundFact } from './apply-refund.ts'
import { bookRefund } from './book-refund.ts'
import { lockClaims, withRefund } from './order-claims.ts'
import { findRefunds, type Refund } from './refund.ts'
import { type RefundFact, type RefundProvider, RefundRefused } from './refund-fact.ts'

export interface RefundRunDeps {
  pool: Pool
  clock: Clock
  provider: RefundProvider
  report: (error: Error) => void
}

/** What a run has done. `later` = the provider has not decided or could not be asked; `idle` = there was nothing to do. */
export type RefundRun = 'succeeded' | 'failed' | 'later' | 'idle'

export interface RefundRuns {
  /** Asks the provider for a refund, or what became of it, and books the answer. Safe to run twice, also at once. */
  run(refundId: string): Promise<RefundRun>
  /** Pending refunds that may be run now, the most overdue first. */
  due(limit: number): Promise<string[]>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** After each attempt; the last one from then on. */
const BACK_OFF_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS] as const
/** The provider keeps idempotency keys for 24 hours. An hour less, for clocks that differ and requests under way. */
const KEY_IS_SAFE_MS = 23 * HOUR_MS

/**
 * A crash anywhere leaves a pending row with a next attempt. Asking again is safe: by the provider's idempotency while
 * its key lives, after that because its own list of the payment's refunds is searched first.
 */
export function createRefundRuns(deps: RefundRunDeps): RefundRuns {
  const { pool, clock, report } = deps
  return {
    async run(refundId) {
      const refund = await takeAttempt(deps, refundId)
      if (!refund) return 'idle'
      try {
        const order = await readOrder(pool, refund.orderId)
        if (!order?.paymentIntentId) throw new Error(`refund ${refundId}: its order names no payment`)
        return await conclude(deps, refund, await ask(deps, refund, order.paymentIntentId))
      } catch (error) {
        report(error instanceof Error ? error : new Error(String(error)))
        return 'later'
      }
    },
    async due(limit) {
      const condition = `state = 'PENDING' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2`
      const refunds = await findRefunds(pool, condition, [new Date(clock.now()), limit])
      return refunds.map(({ id }) => id)
    },
  }
}

/** Whoever moves the next attempt into the future makes this one; null = it is not due, or not ours to make. */
async function takeAttempt({ pool, clock }: RefundRunDeps, refundId: string): Promise<Refund | null> {
  return inTransaction(pool, async (client) => {
    const condition = `id = $1 AND state = 'PENDING' AND provider = 'STRIPE' AND next_attempt_at <= $2 FOR UPDATE`
    const [refund] = await findRefunds(client, condition, [refundId, new Date(clock.now())])
    if (!refund) return null
    const backOffMs = BACK_OFF_MS[Math.min(refund.attempts, BACK_OFF_MS.length - 1)] as number
    const nextAttemptAt = clock.now() + backOffMs
    await client.query('UPDATE refund SET attempts = attempts + 1, next_attempt_at = $2 WHERE id = $1', [
      refundId,
      new Date(nextAttemptAt),
    ])
    return { ...refund, attempts: refund.attempts + 1, nextAttemptAt }
  })
}

/** The provider's answer; null = it has none yet. */
async function ask(
  deps: RefundRunDeps,
  refund: Refund,
  paymentIntentId: string,
): Promise<RefundFact | RefundRefused | null> {
  const { provider, clock } = deps
  const isKnownThere = refund.providerRefundId !== null
  if (isKnownThere || clock.now() - refund.createdAt >= KEY_IS_SAFE_MS) {
    const made = await findMade(deps, refund, paymentIntentId)
    if (made || isKnownThere) return made
  }
  const { id: refundId, totalMinor: amountMinor, currency, reason } = refund
  try {
    return await provider.createRefund({ refundId, paymentIntentId, amountMinor, currency, reason })
  } catch (error) {
    if (!(error instanceof RefundRefused)) throw error
    // Refused now, but an attempt whose answer never came may have been granted.
    return (await findMade(deps, refund, paymentIntentId)) ?? error
  }
}

async function findMade(
  { provider }: RefundRunDeps,
  refund: Refund,
  paymentIntentId: string,
): Promise<RefundFact | null> {
  const facts = await provider.refundsOf(paymentIntentId)
  const { id, providerRefundId } = refund
  const named = facts.filter((fact) =>
    providerRefundId === null ? fact.refundId === id : fact.providerRefundId === providerRefundId,
  )
  return named.find(({ status }) => status !== 'failed') ?? named[0] ?? null
}

async function conclude(
  { pool, clock }: RefundRunDeps,
  { id, orderId }: Refund,
  answer: RefundFact | RefundRefused | null,
): Promise<RefundRun> {
  if (answer === null) return 'later'
  const cause = { cause: `refund ${id}`, actorId: null }
  return inTransaction(pool, async (client) => {
    const order = (await lockOrder(client, orderId)) as PaymentOrder
    if (!(answer instanceof RefundRefused)) {
      await applyRefundFact(client, clock, order, { ...answer, refundId: id }, cause)
      return answer.status === 'pending' ? 'later' : answer.status
    }
    const claims = await lockClaims(client, orderId)
    const refund = claims.refunds.find((candidate) => candidate.id === id)
    // Meanwhile a webhook may have told what the refusal did not know.
    if (refund?.state !== 'PENDING' || refund.providerRefundId !== null) return 'idle'
    const closed = { state: 'FAILED', failureCode: answer.code, nextAttemptAt: null, closedAt: clock.now() } as const
    const failed: Refund = { ...refund, ...closed }
    await bookRefund(client, clock, order, { before: claims, after: withRefund(claims, failed) }, failed, cause)
    return 'failed'
  })
}
