import type pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { draftInvoice } from '../../src/invoicing/draft-invoice.ts'
import { issueDocument } from '../../src/invoicing/issue-document.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { lockOrder } from '../../src/orders/order.ts'
import { payOrder, soldCredits } from '../../src/orders/pay-order.ts'
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
import { assertPaidOnce, createAwaitingOrders } from './money-in-orders.ts'

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
const BARE = 'bare transaction'

interface Shop {
  pool: pg.Pool
  postgresPid: number
}
type Booking = (pool: pg.Pool, orderId: string, index: number) => Promise<void>

/**
 * Pays orders without a seller, issues their invoices into one series, pays others with a seller; each in rounds beside as
 * many bare transactions. Returns how many invoices there are to be.
 */
export async function measureIssuing(ground: Ground, shop: Shop, size: IssuingSize): Promise<number> {
  const { pool } = shop
  await pool.query(BARE_TABLE)
  const accountIds = await createBuyers(pool, size.accounts)
  const ordersOf = async (count: number) =>
    (await createAwaitingOrders(pool, accountIds, count, 'CHECKOUT')).map(({ id }) => id)
  const warmUp = await ordersOf(size.warmUp)
  const early = await createAwaitingOrders(pool, accountIds, size.invoices, 'CHECKOUT')
  const late = await createAwaitingOrders(pool, accountIds, size.payments, 'CHECKOUT')
  const earlyIds = early.map(({ id }) => id)
  const measure = (what: string, orderIds: readonly string[], work: Booking) =>
    measureScenario(ground, shop, { what, orderIds, work, rounds: size.rounds })
  await runBookings(shop, warmUp, pay)
  await measure('order paid, no seller', earlyIds, pay)
  await setUpSeller(pool)
  await runBookings(shop, warmUp, issueTried)
  const issued = await measure('invoice issued, 5 % rolled back', earlyIds, issueTried)
  await measure(
    'order paid and invoiced',
    late.map(({ id }) => id),
    pay,
  )
  const reached = Math.round(perSecond(together(issued)))
  const figures = `invoices issued into one series by ${WORKERS} workers: ${reached} a second (rounds: ${spreadOf(issued)})`
  noteAim(ground.result, figures, `at least ${ISSUED_PER_SECOND_MIN}`, reached >= ISSUED_PER_SECOND_MIN)
  await assertPaidOnce(pool, [...early, ...late])
  return size.warmUp + size.invoices + size.payments
}

interface Scenario {
  what: string
  orderIds: readonly string[]
  work: Booking
  rounds: number
}

async function measureScenario(
  { progress, result }: Ground,
  shop: Shop,
  { what, orderIds, work, rounds }: Scenario,
): Promise<InvoicesLoad[]> {
  progress(`invoices: ${what}`)
  const perRound = Math.ceil(orderIds.length / rounds)
  const ours: InvoicesLoad[] = []
  const bare: InvoicesLoad[] = []
  for (let round = 0; round < rounds; round += 1) {
    const turn = orderIds.slice(round * perRound, (round + 1) * perRound)
    const sides = [
      async () => ours.push(await runBookings(shop, turn, work)),
      async () => bare.push(await runBookings(shop, turn, insertBare)),
    ]
    // Each round begins with the other one, so that drift of the machine meets both.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  result.rows.push(
    invoicesRow(what, FAREBOX, WORKERS, together(ours)),
    invoicesRow(what, BARE, WORKERS, together(bare)),
  )
  result.ratios.push({ what, figure: 'per second', of: FAREBOX, to: BARE, value: ratioOf(ours, bare) })
  return ours
}

function runBookings({ pool, postgresPid }: Shop, orderIds: readonly string[], work: Booking): Promise<InvoicesLoad> {
  const items = orderIds.map((orderId, index) => ({ orderId, index }))
  return withCpuTime(postgresPid, () => inParallel(items, WORKERS, ({ orderId, index }) => work(pool, orderId, index)))
}

/** The whole of the PAID transaction, as an event of the payment or an approval runs it. */
const pay: Booking = (pool, orderId) =>
  inTransaction(pool, async (client) => {
    const order = await locked(client, orderId)
    const paid = await payOrder(client, systemClock, order, { cause: 'bench', actorId: null })
    if (paid.state !== 'PAID') throw new Error(`order ${orderId} is ${paid.state}`)
  })

class RolledBack extends Error {}

/** One in twenty changes its mind after the number was taken, and comes again. */
const issueTried: Booking = async (pool, orderId, index) => {
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

const BARE_TABLE = 'CREATE TABLE bench_bare (id uuid PRIMARY KEY, noted_at timestamptz NOT NULL)'
const BARE_INSERT = 'INSERT INTO bench_bare (id, noted_at) VALUES ($1, now())'

/** The least that remembering anything costs: a transaction that inserts one row, over the same connections. */
const insertBare: Booking = (pool) =>
  inTransaction(pool, async (client) => void (await client.query(BARE_INSERT, [uuidV7(systemClock)])))
