import type { ClientBase } from 'pg'
import { draftCreditNote } from '../../invoicing/draft-credit-note.ts'
import { issueDocument } from '../../invoicing/issue-document.ts'
import type { Clock } from '../../lib/clock.ts'
import { queueMailToAccount } from '../../mail/queue-mail.ts'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import type { MoveCause } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { orderPath } from '../order-path.ts'
import { bookClaims } from './book-claims.ts'
import { type Claims, withRefund } from './order-claims.ts'
import type { Refund } from './refund.ts'
import { saveClaims } from './save-claims.ts'

/**
 * Books a refund's new state and writes it, in the caller's transaction; the wallet is locked from then on.
 *
 * @param claims as they were read, and with `refund` as it is to be
 * @returns the refund as written
 */
export async function bookRefund(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  claims: { before: Claims; after: Claims },
  refund: Refund,
  cause: MoveCause,
): Promise<Refund> {
  const { id } = refund
  const paid = formatMoney(refund.totalMinor * NANO_PER_CENT, refund.currency, 'exact')
  const actorId = refund.actorId ?? cause.actorId
  const reason = `Refund of ${paid}${refund.state === 'FAILED' ? ' that failed' : ''}, order ${order.reference}`
  const booked = await bookClaims(client, clock, order, claims.after, { kind: 'REFUND', id, actorId, reason }, cause)
  let after = booked.claims
  if (refund.state === 'SUCCEEDED') {
    const { creditNano, bonusNano } = booked
    const thawed = after.refunds.find((candidate) => candidate.id === id) ?? refund
    after = withRefund(after, { ...thawed, creditNano, bonusNano })
    await tellBuyer(client, clock, order, refund, creditNano + bonusNano)
  }
  await saveClaims(client, claims.before, after)
  if (refund.state === 'SUCCEEDED') await creditInvoice(client, clock, order, refund)
  return after.refunds.find((candidate) => candidate.id === id) ?? refund
}

/** The credit note takes its number last: until the commit, everybody else who issues waits for it. */
async function creditInvoice(client: ClientBase, clock: Clock, order: PaymentOrder, refund: Refund): Promise<void> {
  const { id: refundId, totalMinor } = refund
  const returned = { orderId: order.id, refundId, totalMinor, returnedAt: refund.closedAt ?? clock.now() }
  const note = await draftCreditNote(client, clock, returned)
  if (note) await issueDocument(client, clock, note)
}

async function tellBuyer(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  { id, totalMinor, currency, external, reason }: Refund,
  takenNano: bigint,
): Promise<void> {
  await queueMailToAccount(
    client,
    clock,
    order.accountId,
    'refund-made',
    {
      amount: formatMoney(totalMinor * NANO_PER_CENT, currency, 'exact'),
      credits: formatMoney(takenNano, currency, 'balance'),
      reference: order.reference,
      reason: external ? null : reason,
      path: orderPath(order.id),
    },
    `refund-made:${id}`,
  )
}
