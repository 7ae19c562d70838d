import type Stripe from 'stripe'
import { inTransaction } from '../../db/transaction.ts'
import { findOrders, type PaymentOrder } from '../order.ts'
import { wasPaid } from '../order-state.ts'
import { applyPayment } from './apply-payment.ts'
import { factOfIntent, factOfSession, ORDER_METADATA, type PaymentFact } from './payment-fact.ts'
import { type SyncDeps, syncOrder } from './sync-order.ts'

/** How far back both sides are compared, unless told otherwise. */
export const RECONCILE_DAYS = 35
const DAY_MS = 86_400_000
/** Of one kind of object in one run; beyond it, the run says that it did not see everything. */
const OBJECTS_MAX = 100_000
const PAGE = 100
const ORDERS_PER_PAGE = 200

export interface Difference {
  /** Ours or Stripe's id of what differs. */
  subject: string
  message: string
}

export interface Reconciliation {
  ordersAsked: number
  paymentsSeen: number
  /** What had been missed and is now booked. */
  healed: Difference[]
  /** What a person has to look at. */
  unresolved: Difference[]
}

export interface ReconcileOptions {
  /** Compare what is not older than so many days. */
  days?: number
  /** Hears how far it is. */
  progress?: (message: string) => void
}

/**
 * Compares orders with Stripe, both ways: each order of ours with its payment, and each payment, refund and dispute
 * there that names an order of ours with that order. Whatever a webhook would have told is booked; the rest is named.
 */
export async function reconcile(deps: SyncDeps, options: ReconcileOptions = {}): Promise<Reconciliation> {
  const { days = RECONCILE_DAYS, progress = () => undefined } = options
  const since = deps.clock.now() - days * DAY_MS
  const found: Reconciliation = { ordersAsked: 0, paymentsSeen: 0, healed: [], unresolved: [] }
  progress('Asking Stripe about our orders')
  await reconcileOurs(deps, since, found)
  progress('Looking for our orders among Stripe’s payments')
  await reconcileTheirs(deps, since, found)
  return found
}

async function reconcileOurs(deps: SyncDeps, since: number, found: Reconciliation): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    // Orders that ended before anything could be charged are only looked at from the other side.
    const orders = await findOrders(
      deps.pool,
      `provider = 'STRIPE' AND livemode = $1 AND id > $2 AND created_at >= $3
         AND (state IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION') OR paid_at IS NOT NULL OR checkout_session_id IS NOT NULL)
       ORDER BY id LIMIT ${ORDERS_PER_PAGE}`,
      [deps.stripe.livemode, after, new Date(since)],
    )
    for (const order of orders) await reconcileOrder(deps, order, found)
    const last = orders.at(-1)
    if (!last) return
    after = last.id
  }
}

async function reconcileOrder(deps: SyncDeps, order: PaymentOrder, found: Reconciliation): Promise<void> {
  found.ordersAsked += 1
  const applied = await syncOrder(deps, order.id, 'reconciliation')
  if (applied?.result === 'applied') {
    found.healed.push({ subject: order.id, message: `order ${order.reference} was brought in line with Stripe` })
  } else if (applied?.result === 'refused') {
    found.unresolved.push({ subject: order.id, message: `order ${order.reference}: ${inWords(applied.reason)}` })
  } else if (wasPaid(order.state) && applied?.reason === 'unknown_to_provider') {
    found.unresolved.push({
      subject: order.id,
      message: `order ${order.reference} is paid here, but Stripe does not know its payment`,
    })
  } else if (wasPaid(order.state) && applied?.result === 'ignored') {
    found.unresolved.push({ subject: order.id, message: `order ${order.reference} is paid here, but not at Stripe` })
  }
}

async function reconcileTheirs(deps: SyncDeps, since: number, found: Reconciliation): Promise<void> {
  const { api } = deps.stripe
  const recent = { created: { gte: Math.floor(since / 1000) }, limit: PAGE }
  await eachOf(api.checkout.sessions.list(recent), found, async (session) => {
    const fact = session.payment_status === 'paid' ? factOfSession(session) : null
    if (fact && session.metadata?.[ORDER_METADATA]) await reconcilePayment(deps, session.id, fact, found)
  })
  await eachOf(api.paymentIntents.list(recent), found, async (intent) => {
    if (intent.status !== 'succeeded' || !intent.metadata[ORDER_METADATA]) return
    found.paymentsSeen += 1
    await reconcilePayment(deps, intent.id, factOfIntent(intent), found)
  })
}

async function reconcilePayment(
  deps: SyncDeps,
  subject: string,
  fact: PaymentFact,
  found: Reconciliation,
): Promise<void> {
  const applied = await inTransaction(deps.pool, (client) =>
    applyPayment(client, deps.clock, fact, { cause: `reconciliation ${subject}`, actorId: null }),
  )
  if (applied.result === 'applied') {
    found.healed.push({ subject, message: `payment ${subject} had not been credited to order ${applied.orderId}` })
  } else if (applied.reason === 'unknown_order') {
    found.unresolved.push({ subject, message: `payment ${subject} names an order that does not exist here` })
  } else if (applied.result === 'refused' && !found.unresolved.some((known) => known.subject === applied.orderId)) {
    found.unresolved.push({
      subject,
      message: `payment ${subject} does not fit order ${applied.orderId}: ${inWords(applied.reason)}`,
    })
  }
}

async function eachOf<Item>(
  list: Stripe.ApiListPromise<Item>,
  found: Reconciliation,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let seen = 0
  for await (const item of list) {
    await work(item)
    seen += 1
    if (seen < OBJECTS_MAX) continue
    found.unresolved.push({
      subject: 'stripe',
      message: `more than ${OBJECTS_MAX} objects: not all were looked at; ask for fewer days`,
    })
    return
  }
}

function inWords(reason: string | null): string {
  return (reason ?? 'it differs').replaceAll('_', ' ')
}

/** The findings as lines for people. */
export function formatReconciliation({ ordersAsked, paymentsSeen, healed, unresolved }: Reconciliation): string[] {
  return [
    `${ordersAsked} orders and ${paymentsSeen} payments compared.`,
    ...healed.map(({ message }) => `healed: ${message}`),
    ...unresolved.map(({ message }) => `UNRESOLVED: ${message}`),
    unresolved.length === 0 ? 'Orders and Stripe agree.' : `${unresolved.length} differences need a person.`,
  ]
}
