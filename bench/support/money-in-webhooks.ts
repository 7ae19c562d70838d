import type pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { median, rounded } from './bench.ts'
import { createAccounts } from './money-in-accounts.ts'
import { createWebhookSender, type EventType, signedEvent, WEBHOOKS_AT_ONCE } from './money-in-events.ts'
import { type Ground, noteAim, type Scene } from './money-in-ground.ts'
import { inParallel, type MoneyInLoad, moneyInRow, perSecond } from './money-in-load.ts'
import { type AwaitingOrder, assertPaidOnce, createAwaitingOrders } from './money-in-orders.ts'

const FAREBOX = 'farebox'
const BARE = 'bare transaction'
const PER_SECOND_MIN = 200

/** Paid webhooks of distinct orders in rounds, each beside as many bare transactions; then the second event of some. */
export async function measureWebhooks(ground: Ground, { pool, farebox, examples }: Scene): Promise<void> {
  const { size, result } = ground
  await pool.query(BARE_TABLE)
  const sender = createWebhookSender(farebox)
  const events = (orders: readonly AwaitingOrder[]) =>
    orders.map((order) => signedEvent(examples, confirms(order), order))
  const pay: Pay = (orders) => sender.send(events(orders), 'applied')
  const [warmUp, many, one] = [
    await createAccounts(pool, size.warmUp),
    await createAccounts(pool, size.accounts),
    await createAccounts(pool, 1),
  ]
  await pay(await ordersInTurn(pool, warmUp))
  const ofMany = await ordersInTurn(pool, many)
  await measureScenario(ground, pool, `paid webhooks, ${size.accounts.toLocaleString('en-US')} accounts`, ofMany, pay)
  const ofOne = await createAwaitingOrders(pool, one, size.ordersOfOne, 'CHECKOUT')
  await measureScenario(ground, pool, 'paid webhooks, one account', ofOne, pay)
  // Stripe sends a second event of each payment on a page: nothing more is booked.
  const second = ofOne.map((order) => signedEvent(examples, 'payment_intent.succeeded', order))
  const again = await sender.send(second, 'repeated')
  const what = 'second event of a paid order'
  result.rows.push(moneyInRow({ what, target: FAREBOX, inFlight: WEBHOOKS_AT_ONCE, ...again }))
  await assertPaidOnce(pool, [...ofMany, ...ofOne])
  await sender.close()
}

type Pay = (orders: readonly AwaitingOrder[]) => Promise<MoneyInLoad>

function confirms({ kind }: AwaitingOrder): EventType {
  return kind === 'CHECKOUT' ? 'checkout.session.completed' : 'payment_intent.succeeded'
}

/** Two orders of each account, so that pages and automatic charges take turns. */
async function ordersInTurn(pool: pg.Pool, accountIds: readonly string[]): Promise<AwaitingOrder[]> {
  const checkouts = await createAwaitingOrders(pool, accountIds, accountIds.length, 'CHECKOUT')
  const topUps = await createAwaitingOrders(pool, accountIds, accountIds.length, 'AUTO_TOP_UP')
  return checkouts.flatMap((order, index) => [order, topUps[index] as AwaitingOrder])
}

async function measureScenario(
  { size, progress, result }: Ground,
  pool: pg.Pool,
  what: string,
  orders: readonly AwaitingOrder[],
  pay: Pay,
): Promise<void> {
  progress(`money-in: ${what}`)
  const perRound = orders.length / size.rounds
  const webhooks: MoneyInLoad[] = []
  const bare: MoneyInLoad[] = []
  for (let round = 0; round < size.rounds; round += 1) {
    const turn = orders.slice(round * perRound, (round + 1) * perRound)
    const sides = [
      async () => webhooks.push(await pay(turn)),
      async () => bare.push(await runBareTransactions(pool, perRound)),
    ]
    // Each round begins with the other one, so that drift of the machine meets both.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  result.rows.push(
    moneyInRow({ what, target: FAREBOX, inFlight: WEBHOOKS_AT_ONCE, ...together(webhooks) }),
    moneyInRow({ what, target: BARE, inFlight: WEBHOOKS_AT_ONCE, ...together(bare) }),
  )
  const ratios = webhooks.map((load, round) => perSecond(load) / perSecond(bare[round] as MoneyInLoad))
  result.ratios.push({ what, figure: 'per second', of: FAREBOX, to: BARE, value: rounded(median(ratios)) })
  const reached = Math.round(perSecond(together(webhooks)))
  noteAim(result, `${what}: ${reached} a second`, `at least ${PER_SECOND_MIN}`, reached >= PER_SECOND_MIN)
}

function together(loads: readonly MoneyInLoad[]): MoneyInLoad {
  const sum = (pick: (load: MoneyInLoad) => number) => loads.reduce((total, load) => total + pick(load), 0)
  return {
    count: sum(({ count }) => count),
    durationMs: sum(({ durationMs }) => durationMs),
    latenciesMs: loads.flatMap((load) => load.latenciesMs),
  }
}

const BARE_TABLE = 'CREATE TABLE bench_bare (id uuid PRIMARY KEY, noted_at timestamptz NOT NULL)'
const BARE_INSERT = 'INSERT INTO bench_bare (id, noted_at) VALUES ($1, now())'

/** The least that remembering anything costs: a transaction that inserts one row, over as many connections. */
function runBareTransactions(pool: pg.Pool, count: number): Promise<MoneyInLoad> {
  const ids = Array.from({ length: count }, () => uuidV7(systemClock))
  return inParallel(ids, WEBHOOKS_AT_ONCE, (id) =>
    inTransaction(pool, async (client) => void (await client.query(BARE_INSERT, [id]))),
  )
}
