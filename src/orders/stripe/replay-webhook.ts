import type Stripe from 'stripe'
import type { Witness } from '../../lib/witness.ts'
import { OrderError } from '../order-error.ts'
import type { Applied } from './apply-payment.ts'
import { applyOnce, type InboxDeps, rememberFailure } from './webhook-inbox.ts'

interface EventRow {
  state: string
  payload: Stripe.Event
}

/**
 * Applies a webhook once more that was believed and then failed, as it was kept. What was applied before is not applied
 * again.
 * @throws OrderError `order_not_found` where there is no such event, `order_move_refused` where it has not failed;
 *   whatever keeps it from being applied still
 */
export async function replayWebhook(
  deps: Pick<InboxDeps, 'pool' | 'clock' | 'stripe' | 'vatRegister' | 'nudge' | 'count'>,
  eventId: string,
  witness?: Witness<Applied>,
): Promise<Applied> {
  const { rows } = await deps.pool.query<EventRow>('SELECT state, payload FROM webhook_event WHERE id = $1', [eventId])
  const [row] = rows
  if (!row) throw new OrderError('order_not_found', 'There is no such webhook.', { field: 'eventId' })
  if (row.state !== 'FAILED') {
    const problem = `A webhook that was ${row.state.toLowerCase()} is not applied again: only one that failed is.`
    throw new OrderError('order_move_refused', problem, { field: 'eventId' })
  }
  try {
    const applied = await applyOnce(deps, row.payload, witness)
    deps.count(applied.result)
    if (applied.nudged) deps.nudge(applied.nudged)
    return applied
  } catch (error) {
    deps.count('failed')
    await rememberFailure(deps, row.payload, error)
    throw error
  }
}
