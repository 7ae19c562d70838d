import type { ClientBase } from 'pg'
import { type BookableWithin, bookWithin } from '../ledger/book-within.ts'
import type { Credited } from '../ledger/operations.ts'
import type { Clock } from '../lib/clock.ts'
import { queueMailToAccount } from '../mail/queue-mail.ts'
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
 * its mail, its state. All of it or nothing; an order that was paid before is left as it is.
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
  const { paid, bonus } = await grantCredits(client, clock, due, paidAt)
  await tellBuyer(client, clock, due, paidAt, (bonus ?? paid).balanceNano)
  const { lotId } = paid
  return moveOrder(client, clock, awaited, 'PAID', cause, {
    ...changes,
    paidAt,
    lotId,
    bonusLotId: bonus?.lotId ?? null,
    failureCode: null,
    failureMessage: null,
  })
}

type Booked = Extract<Credited, { outcome: 'booked' }>

async function grantCredits(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  paidAt: number,
): Promise<{ paid: Booked; bonus: Booked | null }> {
  const source = { accountId: order.accountId, sourceId: order.id, actorId: order.approvedById }
  const expiresAt = paidAt + order.creditDays * DAY_MS
  const reason = `Order ${order.reference}, ${formatMoney(order.totalMinor * NANO_PER_CENT, order.currency, 'exact')}`
  const bookings: BookableWithin[] = [
    {
      kind: 'credit',
      request: {
        ...source,
        kind: ENTRY_KIND[order.kind],
        amountNano: order.creditNano,
        promotional: false,
        expiresAt,
        reason,
      },
    },
  ]
  if (order.bonusNano > 0n) {
    const bonus = { ...source, kind: 'GRANT', amountNano: order.bonusNano, promotional: true, expiresAt } as const
    bookings.push({ kind: 'credit', request: { ...bonus, reason: `Bonus of order ${order.reference}` } })
  }
  const [paid, bonus] = (await bookWithin(client, clock, bookings)) as Credited[]
  if (paid?.outcome !== 'booked' || (bonus && bonus.outcome !== 'booked')) {
    throw new Error(`order ${order.id} is not paid, but its credits are booked`)
  }
  return { paid, bonus: bonus ?? null }
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
  if (order.kind === 'MANUAL') {
    await queueMailToAccount(client, clock, order.accountId, 'manual-order-paid', { ...data, reference }, key)
  } else {
    await queueMailToAccount(client, clock, order.accountId, 'credits-added', data, key)
  }
}
