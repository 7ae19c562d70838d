import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { queueMailToAccount } from '../../mail/queue-mail.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import type { MoveCause } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { orderPath } from '../order-path.ts'
import { wasPaid } from '../order-state.ts'
import { bookClaims } from '../refunds/book-claims.ts'
import { lockClaims, withDispute } from '../refunds/order-claims.ts'
import { saveClaims } from '../refunds/save-claims.ts'
import { suspendTopUp } from '../top-up/suspend-top-up.ts'
import type { Dispute, DisputeState } from './dispute.ts'
import type { DisputeFact } from './dispute-fact.ts'

const STATE_OF: Readonly<Record<DisputeFact['status'], DisputeState>> = {
  warning_needs_response: 'INQUIRY',
  warning_under_review: 'INQUIRY',
  warning_closed: 'WON',
  needs_response: 'OPEN',
  under_review: 'OPEN',
  won: 'WON',
  lost: 'LOST',
}

/**
 * A dispute moves up these only, so an older fact that arrives late changes nothing. Won stands above lost: a dispute that
 * was lost and then won has had its money reinstated.
 */
const RANK: Readonly<Record<DisputeState, number>> = { INQUIRY: 0, OPEN: 1, LOST: 2, WON: 3, REINSTATED: 3 }

/**
 * Books what the provider says of a dispute, in the caller's transaction; the wallet is locked from then on. Facts may
 * come late, twice and in any order.
 *
 * @param order locked, with its credits granted
 * @throws OrderError `receipt_mismatch` for another currency than the order's.
 */
export async function applyDisputeFact(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  fact: DisputeFact,
  cause: MoveCause,
): Promise<'applied' | 'repeated'> {
  if (!wasPaid(order.state))
    throw new Error(`order ${order.id} was never paid, but ${fact.providerDisputeId} contests it`)
  if (fact.currency !== order.currency || fact.amountMinor <= 0n) {
    const amount = `${fact.amountMinor} ${fact.currency} (minor units)`
    const message = `Dispute ${fact.providerDisputeId} of ${amount} does not fit order ${order.reference}.`
    throw new OrderError('receipt_mismatch', message)
  }
  const before = await lockClaims(client, order.id)
  const known = before.disputes.find(({ providerDisputeId }) => providerDisputeId === fact.providerDisputeId)
  const told = fact.status === 'lost' && fact.reinstated ? 'WON' : STATE_OF[fact.status]
  if (known && RANK[known.state] >= RANK[told]) return 'repeated'
  const state = known?.state === 'LOST' ? 'REINSTATED' : told
  const dispute: Dispute = {
    ...(known ?? newDispute(clock, order, fact)),
    // A lost one gives back what it took, so it keeps the amount that it was lost with.
    amountMinor: known?.state === 'LOST' ? known.amountMinor : fact.amountMinor,
    state,
    reason: fact.reason,
    closedAt: RANK[state] > RANK.OPEN ? clock.now() : null,
  }
  if (state === 'OPEN' || state === 'LOST') {
    await suspendTopUp(client, clock, order.accountId, { reason: 'dispute', code: 'dispute', said: null })
  }
  const disputed = formatMoney(dispute.amountMinor * NANO_PER_CENT, dispute.currency, 'exact')
  const reason = `Dispute of ${disputed}${state === 'REINSTATED' ? ', reinstated' : ''}, order ${order.reference}`
  const act = { kind: 'DISPUTE', id: dispute.id, actorId: cause.actorId, reason } as const
  const booked = await bookClaims(client, clock, order, withDispute(before, dispute), act, cause)
  let after = booked.claims
  const written = after.disputes.find(({ id }) => id === dispute.id) ?? dispute
  if (state === 'LOST') {
    after = withDispute(after, { ...written, clawedBackNano: booked.creditNano + booked.bonusNano })
  }
  await saveClaims(client, before, after)
  if (state === 'OPEN') await tellBuyer(client, clock, order, written)
  return 'applied'
}

function newDispute(clock: Clock, order: PaymentOrder, fact: DisputeFact): Dispute {
  const { providerDisputeId, currency, amountMinor, reason, openedAt } = fact
  return {
    ...{ id: uuidV7(clock), orderId: order.id, accountId: order.accountId, providerDisputeId, state: 'INQUIRY' },
    ...{ currency, amountMinor, reason, openedAt, closedAt: null },
    ...{ frozenNano: 0n, frozenBonusNano: 0n, clawedBackNano: 0n },
  }
}

async function tellBuyer(client: ClientBase, clock: Clock, order: PaymentOrder, dispute: Dispute): Promise<void> {
  const { id, currency, amountMinor, frozenNano, frozenBonusNano, reason } = dispute
  await queueMailToAccount(
    client,
    clock,
    order.accountId,
    'dispute-opened',
    {
      amount: formatMoney(amountMinor * NANO_PER_CENT, currency, 'exact'),
      frozen: formatMoney(frozenNano + frozenBonusNano, currency, 'balance'),
      reference: order.reference,
      reason,
      path: orderPath(order.id),
    },
    `dispute-opened:${id}`,
  )
}
