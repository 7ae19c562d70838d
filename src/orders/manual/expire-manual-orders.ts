import { inTransaction } from '../../db/transaction.ts'
import { moveOrder } from '../move-order.ts'
import { findOrders } from '../order.ts'
import type { ManualOrderDeps } from './manual-order.ts'

/** Locked in one transaction, for that long. */
const ORDERS_PER_BATCH_MAX = 200
/** A run ends, whatever happens; the next one takes the rest. */
const BATCHES_PER_RUN_MAX = 1_000

/**
 * Expires orders whose time has passed with nothing received. One that received a part waits for a person. Safe to run
 * anywhere, any time: orders that somebody has in hand are left to them.
 *
 * @returns how many expired
 */
export async function expireManualOrders({ pool, clock }: Pick<ManualOrderDeps, 'pool' | 'clock'>): Promise<number> {
  let expired = 0
  for (let batch = 0; batch < BATCHES_PER_RUN_MAX; batch += 1) {
    const count = await inTransaction(pool, async (client) => {
      const due = await findOrders(
        client,
        `kind = 'MANUAL' AND state = 'AWAITING_PAYMENT' AND received_minor = 0 AND expires_at < $1
         ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [new Date(clock.now()), ORDERS_PER_BATCH_MAX],
      )
      const cause = { cause: 'not paid in time', actorId: null }
      for (const order of due) await moveOrder(client, clock, order, 'EXPIRED', cause)
      return due.length
    })
    expired += count
    if (count < ORDERS_PER_BATCH_MAX) break
  }
  return expired
}
