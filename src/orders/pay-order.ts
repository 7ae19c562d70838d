import pg, { type ClientBase } from 'pg'
import { draftInvoice, type SoldCredits } from '../invoicing/draft-invoice.ts'
import { type IssueRequest, issueDocument } from '../invoicing/issue-document.ts'
import { type BookableWithin, bookWithin } from '../ledger/book-within.ts'
import type { Credited } from '../ledger/operations.ts'
import type { Clock } from '../lib/clock.ts'
import { isDatabaseAway } from '../lib/database-away.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { queueMailToAccount } from '../mail/queue-mail.ts'
import { wantsMail } from '../mail/wanted-mail.ts'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { type MoveCause, moveOrder, type OrderChanges } from './move-order.ts'
import type { OrderKind, PaymentOrder } from './order.ts'
import { orderPath } from './order-path.ts'
import { wasPaid } from './order-state.ts'

const DAY_MS = 86_400_000

const ENTRY_KIND: Readonly<Record<OrderKind, 'PURCHASE' | 'AUTO_TOP_UP' | 'MANUAL_SETTLEMENT'>> = {
  CHECKOUT: 'PURCHASE',
  AUTO_TOP_UP: 'AUTO_TOP_UP',
  MANUAL: 'MANUAL_SETTLEMENT',
}

/**
 * Makes a locked order paid within the caller's transaction: its credits and bonus as lots with their entries, its plan,
 * its mail, its state, its invoice. All of it or nothing; an order that was paid before is left as it is. Vouchers are
 * invoiced month by month, as they are used.
 *
 * The wallet is locked from the credits on, so the caller commits right after.
 */
export async function payOrder(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  cause: MoveCause,
  changes: OrderChanges = {},
): Promise<PaymentOrder> {
  if (wasPaid(order.state)) return order
  // A confirmation may overtake our own note that the order awaits it.
  const awaited = order.state === 'DRAFT' ? await moveOrder(client, clock, order, 'AWAITING_PAYMENT', cause) : order
  const due = { ...awaited, ...changes }
  const paidAt = clock.now()
  await raisePlan(client, due)
  const invoice = due.taxPoint === 'PURCHASE' ? await draftOrLater(client, clock, due, paidAt) : null
  // Whatever can be written before the wallet is locked is: its owner's requests wait meanwhile.
  const lots = { lotId: uuidV7(clock), bonusLotId: due.bonusNano > 0n ? uuidV7(clock) : null }
  const paid = { ...changes, ...lots, paidAt, failureCode: null, failureMessage: null }
  const moved = await moveOrder(client, clock, awaited, 'PAID', cause, paid)
  const balanceNano = await grantCredits(client, clock, { ...due, ...lots }, paidAt)
  await tellBuyer(client, clock, due, paidAt, balanceNano)
  // The number comes last: until the commit, everybody else who issues waits for it.
  if (invoice) await issueDocument(client, clock, invoice)
  return moved
}

/** A seller that is not set up right must not keep the credits from whoever paid: the invoice is made up for later. */
async function draftOrLater(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  paidAt: number,
): Promise<IssueRequest | null> {
  try {
    return await draftInvoice(client, clock, soldCredits(order, paidAt))
  } catch (error) {
    if (error instanceof pg.DatabaseError || isDatabaseAway(error)) throw error
    return null
  }
}

/** What the invoice is about. */
export function soldCredits(order: PaymentOrder, paidAt: number): SoldCredits {
  const { accountId, id, reference, currency, netMinor, taxMinor, totalMinor, taxDecision, bonusNano } = order
  return {
    ...{ accountId, orderId: id, reference, currency, netMinor, taxMinor, totalMinor, tax: taxDecision, paidAt },
    bonus: bonusNano > 0n ? formatMoney(bonusNano, currency, 'balance') : null,
    means: order.provider === 'STRIPE' ? 'CARD' : 'TRANSFER',
  }
}

/** Books the order's credits and its bonus as the lots it names; returns the balance with them. Locks the wallet. */
async function grantCredits(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder & { lotId: string },
  paidAt: number,
): Promise<bigint> {
  const source = { accountId: order.accountId, sourceId: order.id, actorId: order.approvedById }
  const expiresAt = paidAt + order.creditDays * DAY_MS
  const reason = `Order ${order.reference}, ${formatMoney(order.totalMinor * NANO_PER_CENT, order.currency, 'exact')}`
  const paid = { ...source, kind: ENTRY_KIND[order.kind], amountNano: order.creditNano, promotional: false, expiresAt }
  const bookings: BookableWithin[] = [{ kind: 'credit', lotId: order.lotId, request: { ...paid, reason } }]
  if (order.bonusLotId !== null) {
    const bonus = { ...source, kind: 'GRANT', amountNano: order.bonusNano, promotional: true, expiresAt } as const
    const because = `Bonus of order ${order.reference}`
    bookings.push({ kind: 'credit', lotId: order.bonusLotId, request: { ...bonus, reason: because } })
  }
  const booked = (await bookWithin(client, clock, bookings)) as Credited[]
  let balanceNano = 0n
  for (const one of booked) {
    if (one.outcome !== 'booked') throw new Error(`order ${order.id} is not paid, but its credits are booked`)
    balanceNano = one.balanceNano
  }
  return balanceNano
}

/** A package may bring a plan; an account never falls back to a lower one by buying. */
async function raisePlan(client: ClientBase, order: PaymentOrder): Promise<void> {
  if (order.planId === null) return
  await client.query(
    `UPDATE account SET plan_id = $2
     WHERE id = $1 AND coalesce((SELECT rank FROM plan WHERE id = account.plan_id), -1) < (SELECT rank FROM plan WHERE id = $2)`,
    [order.accountId, order.planId],
  )
}

async function tellBuyer(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  paidAt: number,
  balanceNano: bigint,
): Promise<void> {
  const { currency, reference } = order
  const data = {
    amount: formatMoney(order.totalMinor * NANO_PER_CENT, currency, 'exact'),
    credits: formatMoney(order.creditNano, currency, 'balance'),
    bonus: order.bonusNano > 0n ? formatMoney(order.bonusNano, currency, 'balance') : null,
    expiresAt: new Date(paidAt + order.creditDays * DAY_MS).toISOString(),
    balance: formatMoney(balanceNano, currency, 'balance'),
    path: orderPath(order.id),
  }
  const key = `order-paid:${order.id}`
  if (order.kind === 'AUTO_TOP_UP' && !(await wantsMail(client, order.accountId, 'top-up'))) return
  if (order.kind === 'MANUAL') {
    await queueMailToAccount(client, clock, order.accountId, 'manual-order-paid', { ...data, reference }, key)
  } else {
    await queueMailToAccount(client, clock, order.accountId, 'credits-added', data, key)
  }
}
