import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { requestOf } from '../ledger/ledger-fixture.ts'
import { balanceCents, buy, startedCheckout } from '../orders/money-in-calls.ts'
import type { Customer, Farebox } from '../support/farebox.ts'
import { cents, customerWithOwner, entriesOf, mailsOf, spend, toppedUpCustomer } from './paying-customer-world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STAFF = '01900000-0000-7000-8000-0000000000aa'

/** Customers for whom every kind of job has something to do. */
export interface Work {
  /** Its balance has fallen under the threshold. */
  toppedUp: Customer
  /** A request of it never ended. */
  holding: Customer
  /** Some of its credit has expired, some will within thirty days, some stays. */
  expiring: Customer
  /** It paid an hour ago, and no webhook told us. */
  untold: Customer
  untoldOrderId: string
  /** It paid just now, and no webhook told us: only the comparison with all payments finds it. */
  untoldLate: Customer
  /** Its refund was asked for. */
  refunded: Customer
  refundId: string
  /** It has used models. */
  using: Customer
}

/** Makes all of it; an hour passes. */
export async function makeWork(farebox: Farebox): Promise<Work> {
  const holding = await farebox.customer()
  const expiring = await customerWithOwner(farebox)
  const using = await farebox.customer()
  const [untold, untoldLate, refunded] = [
    await customerWithOwner(farebox),
    await customerWithOwner(farebox),
    await customerWithOwner(farebox),
  ]
  const toppedUp = await toppedUpCustomer(farebox)
  const bought = await buy(farebox, refunded, 1_000)
  await spend(farebox, refunded, cents(250))
  const now = farebox.clock.now()
  await farebox.credit(expiring.accountId, cents(500), now + HOUR_MS / 2)
  await farebox.credit(expiring.accountId, cents(300), now + 20 * DAY_MS)
  await farebox.credit(expiring.accountId, cents(100))
  await using.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
  const hold = requestOf(farebox.clock, holding.accountId, { price: cents(20) }, { deadlineAt: now + HOUR_MS / 2 })
  if (!(await farebox.running.gateway.ledger.authorize(hold)).granted) throw new Error('not affordable')
  const untoldOrderId = await payUntold(farebox, untold)
  farebox.clock.advance(HOUR_MS)
  await payUntold(farebox, untoldLate)
  await spend(farebox, toppedUp, cents(900))
  const refund = await requestRefund(farebox.running.desk, {
    ...{ orderId: bought, accountId: null, totalMinor: null, reason: 'A customer asked', actorId: STAFF },
    idempotencyKey: null,
  })
  const customers = { toppedUp, holding, expiring, untold, untoldLate, refunded, using }
  return { ...customers, untoldOrderId, refundId: refund.id }
}

/** A purchase that was paid, whose webhooks are never sent. */
async function payUntold(farebox: Farebox, customer: Customer): Promise<string> {
  const { control } = farebox.stripe
  const { id, orderId } = await startedCheckout(farebox, customer, { amount: 1_000 })
  control.drop()
  await control.pay(id, { card: '4242424242424242' })
  control.deliver({ mode: 'normal' })
  return orderId
}

/** How the work ended, in words that are the same for everybody for whom it ended in the same way. */
export async function endOf(farebox: Farebox, work: Work): Promise<Record<string, unknown>> {
  const { toppedUp, holding, expiring, untold, untoldLate, refunded, using } = work
  const customers = Object.entries({ toppedUp, holding, expiring, untold, untoldLate, refunded, using })
  const ends = customers.map(async ([name, customer]) => [
    name,
    {
      balanceCents: await balanceCents(farebox, customer),
      entries: await entriesOf(farebox, customer),
      ...(await countsOf(farebox, customer)),
      mails: (await mailsOf(farebox, customer)).map((mail) => `${mail.template} ${mail.state} ${mail.attempts}`).sort(),
    },
  ])
  return Object.fromEntries(await Promise.all(ends))
}

async function countsOf(farebox: Farebox, { accountId }: Customer): Promise<object> {
  const [row] = await farebox.rows(
    `SELECT (SELECT array_agg(kind || ' ' || state ORDER BY id) FROM payment_order WHERE account_id = $1) AS orders,
       (SELECT array_agg(state::text || ' ' || total_minor ORDER BY id) FROM refund WHERE account_id = $1) AS refunds,
       (SELECT array_agg(status::text ORDER BY id) FROM usage_event WHERE account_id = $1) AS usage,
       (SELECT sum(requests)::int FROM usage_rollup WHERE account_id = $1) AS summed,
       (SELECT count(*)::int FROM hold WHERE account_id = $1) AS holds,
       (SELECT array_agg(days_before) FROM expiry_notice JOIN credit_lot ON id = lot_id WHERE account_id = $1) AS notices`,
    accountId,
  )
  return row as object
}

const TABLES = [
  ...['wallet', 'credit_lot', 'ledger_entry', 'hold', 'budget', 'usage_event', 'route_attempt', 'usage_rollup'],
  ...['payment_order', 'order_transition', 'refund', 'dispute', 'bank_receipt', 'idempotency_key', 'redemption_code'],
  ...['payment_customer', 'payment_method', 'auto_top_up', 'top_up_consent', 'mail', 'expiry_notice', 'account'],
]

/**
 * Everything about money and mail, row by row, and each mail's file with the time at which it was written. When an order
 * was last asked about is left out: asking again is no change of it.
 */
export async function everything(farebox: Farebox): Promise<Record<string, unknown>> {
  const tables = TABLES.map(async (table) => [
    table,
    await farebox.rows(`SELECT (to_jsonb(t) - 'checked_at')::text AS row FROM ${table} t ORDER BY 1`),
  ])
  return { ...Object.fromEntries(await Promise.all(tables)), outbox: await outboxOf(farebox) }
}

export interface MailFile {
  name: string
  source: string
  writtenAt: number
}

/** The mails that became files, by name. */
export async function outboxOf({ outbox }: Farebox): Promise<MailFile[]> {
  const names = await readdir(outbox).catch(() => [])
  const files = names.sort().map(async (name) => {
    const path = join(outbox, name)
    return { name, source: await readFile(path, 'utf8'), writtenAt: (await stat(path)).mtimeMs }
  })
  return Promise.all(files)
}
