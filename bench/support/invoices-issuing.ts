import type pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { draftInvoice } from '../../src/invoicing/draft-invoice.ts'
import { issueDocument } from '../../src/invoicing/issue-document.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { lockOrder } from '../../src/orders/order.ts'
import { payOrder, soldCredits } from '../../src/orders/pay-order.ts'
import { type Booking, createBaselines, insertBare, insertNumbered } from './invoices-baselines.ts'
import {
  type Ground,
  type InvoicesLoad,
  invoicesRow,
  ratioOf,
  spreadOf,
  together,
  withCpuTime,
} from './invoices-load.ts'
import { createBuyers, setUpSeller } from './invoices-shop.ts'
import { noteAim } from './money-in-ground.ts'
import { inParallel, perSecond } from './money-in-load.ts'
import { type AwaitingOrder, assertPaidOnce, createAwaitingOrders } from './money-in-orders.ts'

export interface IssuingSize {
  accounts: number
  /** Paid before there was a seller, then invoiced. */
  invoices: number
  /** Paid with a seller set up. */
  payments: number
  rounds: number
  warmUp: number
}

/** Each with a connection of its own. */
export const WORKERS = 20
/** Every so many-th order is invoiced in a transaction that is rolled back, and then once more: 5 %. */
const ROLLED_BACK_EACH = 20
const ISSUED_PER_SECOND_MIN = 200

const FAREBOX = 'farebox'

interface Contender {
  target: string
  work: Booking
  /** Of the orders of a round: a baseline that is slow itself need not do them all. */
  share: number
}
const PAYING: Contender = { target: FAREBOX, work: pay, share: 1 }
const ISSUING: Contender = { target: FAREBOX, work: issueTried, share: 1 }
const BARE: Contender = { target: 'bare transaction', work: insertBare, share: 1 }
const NUMBERED: Contender = { target: 'bare, one counter', work: insertNumbered, share: 0.5 }

interface Shop {
  pool: pg.Pool
  postgresPid: number
}

/**
 * Pays orders without a seller, issues their invoices into one series, pays others with a seller; each in rounds beside
 * the baselines. Returns how many invoices there are to be.
 */
export async function measureIssuing(ground: Ground, shop: Shop, size: IssuingSize): Promise<number> {
  const { pool } = shop
  await createBaselines(pool)
  const accountIds = await createBuyers(pool, size.accounts)
  const ordersOf = (count: number) => createAwaitingOrders(pool, accountIds, count, 'CHECKOUT')
  const [warmUp, early, late] = [
    await ordersOf(size.warmUp),
    await ordersOf(size.invoices),
    await ordersOf(size.payments),
  ]
  const measure = (what: string, orders: readonly AwaitingOrder[], contenders: readonly Contender[]) =>
    measureScenario(ground, shop, { what, orders, contenders, rounds: size.rounds })
  for (const work of [pay, insertNumbered]) await runBookings(shop, warmUp, work)
  await measure('order paid, no seller', early, [PAYING, BARE])
  await setUpSeller(pool)
  await runBookings(shop, warmUp, issueTried)
  const issued = await measure('invoice issued, 5 % rolled back', early, [ISSUING, NUMBERED, BARE])
  await measure('order paid and invoiced', late, [PAYING, BARE])
  noteIssued(ground, issued)
  await assertPaidOnce(pool, [...warmUp, ...early, ...late])
  return size.warmUp + size.invoices + size.payments
}

function noteIssued({ result }: Ground, issued: readonly InvoicesLoad[]): void {
  const reached = Math.round(perSecond(together(issued)))
  const figures = `invoices issued into one series by ${WORKERS} workers: ${reached} a second (rounds: ${spreadOf(issued)})`
  noteAim(result, figures, `at least ${ISSUED_PER_SECOND_MIN}`, reached >= ISSUED_PER_SECOND_MIN)
}

interface Scenario {
  what: string
  orders: readonly AwaitingOrder[]
  /** Ours first. */
  contenders: readonly Contender[]
  rounds: number
}

/** Returns the rounds of the first contender. */
async function measureScenario(
  { progress, result }: Ground,
  shop: Shop,
  { what, orders, contenders, rounds }: Scenario,
): Promise<InvoicesLoad[]> {
  progress(`invoices: ${what}`)
  const perRound = Math.ceil(orders.length / rounds)
  const loads = contenders.map((): InvoicesLoad[] => [])
  for (let round = 0; round < rounds; round += 1) {
    const turn = orders.slice(round * perRound, (round + 1) * perRound)
    // Each round begins with another one, so that drift of the machine meets them all.
    for (const place of contenders.keys()) {
      const index = (place + round) % contenders.length
      const { work, share } = contenders[index] as Contender
      loads[index]?.push(await runBookings(shop, turn.slice(0, Math.ceil(turn.length * share)), work))
    }
  }
  const [ours = []] = loads
  for (const [index, { target }] of contenders.entries()) {
    const theirs = loads[index] ?? []
    result.rows.push(invoicesRow(what, target, WORKERS, together(theirs)))
    if (index === 0) continue
    result.ratios.push({ what, figure: 'per second', of: FAREBOX, to: target, value: ratioOf(ours, theirs) })
  }
  return ours
}

function runBookings(
  { pool, postgresPid }: Shop,
  orders: readonly AwaitingOrder[],
  work: Booking,
): Promise<InvoicesLoad> {
  const items = orders.map(({ id }, index) => ({ id, index }))
  return withCpuTime(postgresPid, () => inParallel(items, WORKERS, ({ id, index }) => work(pool, id, index)))
}

/** The whole of the PAID transaction, as an event of the payment or an approval runs it. */
function pay(pool: pg.Pool, orderId: string): Promise<void> {
  return inTransaction(pool, async (client) => {
    const order = await locked(client, orderId)
    const paid = await payOrder(client, systemClock, order, { cause: 'bench', actorId: null })
    if (paid.state !== 'PAID') throw new Error(`order ${orderId} is ${paid.state}`)
  })
}

class RolledBack extends Error {}

/** One in twenty changes its mind after the number was taken, and comes again. */
async function issueTried(pool: pg.Pool, orderId: string, index: number): Promise<void> {
  if (index % ROLLED_BACK_EACH === 0) {
    await issue(pool, orderId, () => {
      throw new RolledBack()
    }).catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
  }
  await issue(pool, orderId, () => undefined)
}

function issue(pool: pg.Pool, orderId: string, beforeCommit: () => void): Promise<void> {
  return inTransaction(pool, async (client) => {
    const order = await locked(client, orderId)
    const draft = await draftInvoice(client, systemClock, soldCredits(order, order.paidAt as number))
    if (!draft) throw new Error('no seller is set up')
    await issueDocument(client, systemClock, draft)
    beforeCommit()
  })
}

async function locked(client: pg.PoolClient, orderId: string) {
  const order = await lockOrder(client, orderId)
  if (!order) throw new Error(`order ${orderId} is gone`)
  return order
}
