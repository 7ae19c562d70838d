import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { moveOrder } from '../../src/orders/move-order.ts'
import { openOrder } from '../../src/orders/open-order.ts'
import { lockOrder, type OrderKind, type PaymentOrder, readOrder } from '../../src/orders/order.ts'
import { mayMove, ORDER_STATES, type OrderState, wasPaid } from '../../src/orders/order-state.ts'
import { payOrder } from '../../src/orders/pay-order.ts'
import { type LedgerFixture, openLedger } from '../ledger/ledger-fixture.ts'
import { count, entriesOf, walletOf } from '../ledger/ledger-reads.ts'

let ledger: LedgerFixture
let accountId: string

beforeAll(async () => {
  ledger = await openLedger()
  accountId = await ledger.account()
})
afterAll(() => ledger.close())

const PAIRS = ORDER_STATES.flatMap((from) => ORDER_STATES.map((to) => [from, to] as const))
const CAUSE = { cause: 'test', actorId: null }
/** PostgreSQL's restrict_violation: what the guards of orders raise. */
const REFUSED_BY_GUARD = { code: '23001' }

/** Writes an order in any state, as if it had come there. */
async function orderIn(state: OrderState, kind: OrderKind = 'CHECKOUT'): Promise<string> {
  const id = uuidV7(ledger.clock)
  const isPaid = wasPaid(state)
  await ledger.pool.query(
    `INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, tax_minor,
       total_minor, credit_nano, bonus_nano, created_at, paid_at, lot_id, bonus_lot_id)
     VALUES ($1::uuid, $1::text, $2, $3, $4, $5, false, 'USD', 1000, 190, 1190, 10000000000, 500000000, now(), $6, $7, $8)`,
    [
      ...[id, accountId, kind, state, kind === 'MANUAL' ? 'BANK' : 'STRIPE'],
      ...[isPaid ? new Date() : null, isPaid ? uuidV7(ledger.clock) : null, isPaid ? uuidV7(ledger.clock) : null],
    ],
  )
  return id
}

/** The move alone, with what the new state needs beside it, by plain SQL. */
async function moveBySql(id: string, to: OrderState): Promise<void> {
  const [order] = await rows<{ paid_at: Date | null }>('SELECT paid_at FROM payment_order WHERE id = $1', id)
  const isBecomingPaid = wasPaid(to) && order?.paid_at === null
  const isBecomingUnpaid = !wasPaid(to) && order?.paid_at !== null
  const paid = isBecomingPaid ? `, paid_at = now(), lot_id = gen_random_uuid()` : ''
  const unpaid = isBecomingUnpaid ? ', paid_at = NULL, lot_id = NULL, bonus_lot_id = NULL' : ''
  await ledger.pool.query(`UPDATE payment_order SET state = $2${paid}${unpaid} WHERE id = $1`, [id, to])
}

const rows = async <Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]) =>
  (await ledger.pool.query<Row>(sql, values)).rows
const rowOf = async (id: string) => (await rows('SELECT t::text AS row FROM payment_order t WHERE id = $1', id))[0]?.row

describe('the table of moves', () => {
  test('is the same in the program and in the database, for each of the hundred pairs of states', async () => {
    expect(PAIRS).toHaveLength(100)
    const known = await rows<{ state: OrderState }>('SELECT unnest(enum_range(NULL::order_state)) AS state')
    expect(new Set(known.map(({ state }) => state))).toEqual(new Set(ORDER_STATES))
    const answers = await rows<{ from: OrderState; to: OrderState; allowed: boolean }>(
      `SELECT a AS "from", b AS "to", order_move_allowed(a, b) AS allowed
       FROM unnest(enum_range(NULL::order_state)) a, unnest(enum_range(NULL::order_state)) b`,
    )
    const database = answers.filter(({ allowed }) => allowed).map(({ from, to }) => `${from} to ${to}`)
    const program = PAIRS.filter(([from, to]) => mayMove(from, to)).map(([from, to]) => `${from} to ${to}`)
    expect(database.sort()).toEqual(program.sort())
  })

  test.each(PAIRS.filter(([from, to]) => from !== to && mayMove(from, to)))('lets %s become %s', async (from, to) => {
    const id = await orderIn(from)
    await moveBySql(id, to)
    expect(await rows('SELECT state FROM payment_order WHERE id = $1', id)).toEqual([{ state: to }])
  })

  test.each(PAIRS.filter(([from, to]) => from !== to && !mayMove(from, to)))(
    'refuses that %s becomes %s, by the program and by plain SQL',
    async (from, to) => {
      const id = await orderIn(from)
      const before = await rowOf(id)
      await expect(moveBySql(id, to)).rejects.toMatchObject({
        ...REFUSED_BY_GUARD,
        message: `payment_order: ${from} may not become ${to}`,
      })
      const moving = inTransaction(ledger.pool, async (client) =>
        moveOrder(client, ledger.clock, (await lockOrder(client, id)) as PaymentOrder, to, CAUSE),
      )
      await expect(moving).rejects.toMatchObject({ code: 'order_move_refused' })
      expect(await rowOf(id)).toBe(before)
      expect(await count(ledger.pool, 'order_transition', 'order_id = $1', id)).toBe(0)
    },
  )

  test('has no way out of paid: whatever was credited stays one of the four states that have credits', () => {
    const leaving = PAIRS.filter(([from, to]) => wasPaid(from) && !wasPaid(to) && mayMove(from, to))
    expect(leaving).toEqual([])
  })
})

const BOUND = [
  ...['id', 'number', 'reference', 'account_id', 'kind', 'provider', 'livemode', 'currency', 'created_at'],
  ...['net_minor', 'tax_minor', 'total_minor', 'credit_nano', 'bonus_nano', 'credit_days'],
] as const

/** Another value of the column's type. */
const OTHER: Readonly<Record<(typeof BOUND)[number], string>> = {
  id: 'gen_random_uuid()',
  number: 'number + 1000000',
  reference: `reference || 'x'`,
  account_id: 'gen_random_uuid()',
  kind: `(CASE kind WHEN 'CHECKOUT' THEN 'AUTO_TOP_UP' ELSE 'CHECKOUT' END)::order_kind`,
  provider: `(CASE provider WHEN 'STRIPE' THEN 'BANK' ELSE 'STRIPE' END)::payment_provider`,
  livemode: 'NOT livemode',
  currency: `'EUR'`,
  created_at: `created_at - interval '1 second'`,
  net_minor: 'net_minor - 1',
  tax_minor: 'tax_minor + 1',
  total_minor: 'total_minor + 1',
  credit_nano: 'credit_nano + 1',
  bonus_nano: 'bonus_nano + 1',
  credit_days: 'credit_days + 1',
}

describe('what an order is bound to', () => {
  test.each(BOUND)('never changes by SQL, in no state and for no kind of order: %s', async (column) => {
    for (const state of ORDER_STATES) {
      for (const kind of ['CHECKOUT', 'AUTO_TOP_UP', 'MANUAL'] as const) {
        // At most one automatic top-up of an account may be open.
        if (kind === 'AUTO_TOP_UP' && !wasPaid(state)) continue
        const id = await orderIn(state, kind)
        const before = await rowOf(id)
        await expect(
          ledger.pool.query(`UPDATE payment_order SET ${column} = ${OTHER[column]} WHERE id = $1`, [id]),
        ).rejects.toMatchObject(REFUSED_BY_GUARD)
        expect(await rowOf(id)).toBe(before)
      }
    }
  })

  test.each(['CHECKOUT', 'MANUAL'] as const)(
    'changes with the payment only for the amounts of a bank transfer: %s',
    async (kind) => {
      const id = await orderIn('AWAITING_PAYMENT', kind)
      const paying = ledger.pool.query(
        `UPDATE payment_order SET state = 'PAID', paid_at = now(), lot_id = gen_random_uuid(), net_minor = 500, total_minor = 690,
         credit_nano = 5000000000 WHERE id = $1`,
        [id],
      )
      if (kind === 'MANUAL') await expect(paying).resolves.toMatchObject({ rowCount: 1 })
      else await expect(paying).rejects.toMatchObject(REFUSED_BY_GUARD)
    },
  )

  test('and neither an order nor its history can be deleted or emptied', async () => {
    const id = await orderIn('EXPIRED')
    await ledger.pool.query(`INSERT INTO order_transition VALUES ($1, 1, NULL, 'EXPIRED', 'test', NULL, now())`, [id])
    for (const sql of [
      'DELETE FROM payment_order',
      'TRUNCATE payment_order CASCADE',
      'DELETE FROM order_transition',
      `UPDATE order_transition SET to_state = 'PAID'`,
      'TRUNCATE order_transition',
    ]) {
      await expect(ledger.pool.query(sql), sql).rejects.toMatchObject(REFUSED_BY_GUARD)
    }
    expect(await count(ledger.pool, 'order_transition', 'order_id = $1', id)).toBe(1)
  })
})

describe('an order is paid once', () => {
  async function awaiting(owner: string): Promise<PaymentOrder> {
    const nothing = { packageId: null, planId: null, paymentMethodId: null, createdById: null, note: null }
    const amounts = { netMinor: 1_000n, taxMinor: 0n, creditNano: 10_000_000_000n, bonusNano: 500_000_000n }
    return inTransaction(ledger.pool, (client) =>
      openOrder(client, ledger.clock, {
        ...{ accountId: owner, kind: 'CHECKOUT', state: 'AWAITING_PAYMENT', provider: 'STRIPE', livemode: false },
        ...{ ...nothing, ...amounts, currency: 'USD', expiresAt: null, cause: 'test' },
      }),
    )
  }

  async function expectPaidOnce(owner: string, orderId: string): Promise<void> {
    const credited = (await entriesOf(ledger.pool, owner)).map(({ kind, sourceId, amount }) => [kind, sourceId, amount])
    expect(credited).toEqual([
      ['PURCHASE', orderId, 10_000_000_000n],
      ['GRANT', orderId, 500_000_000n],
    ])
    expect((await walletOf(ledger.pool, owner)).balance).toBe(10_500_000_000n)
    expect(await count(ledger.pool, 'order_transition', `order_id = $1 AND to_state = 'PAID'`, orderId)).toBe(1)
  }

  test('when twenty payers lock it at once', async () => {
    const owner = await ledger.account()
    const { id } = await awaiting(owner)
    const pay = () =>
      inTransaction(ledger.pool, async (client) =>
        payOrder(client, ledger.clock, (await lockOrder(client, id)) as PaymentOrder, CAUSE),
      )
    const paid = await Promise.all(Array.from({ length: 20 }, pay))
    expect(new Set(paid.map(({ lotId }) => lotId)).size).toBe(1)
    await expectPaidOnce(owner, id)
  })

  test('also by somebody who forgot to lock it and still takes it for unpaid', async () => {
    const owner = await ledger.account()
    const stale = await awaiting(owner)
    const pay = () => inTransaction(ledger.pool, (client) => payOrder(client, ledger.clock, stale, CAUSE))
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, pay))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expectPaidOnce(owner, stale.id)
  })

  test.each([
    `paid_at = paid_at + interval '1 second'`,
    'lot_id = gen_random_uuid()',
    'bonus_lot_id = gen_random_uuid()',
    `state = 'AWAITING_PAYMENT', paid_at = NULL, lot_id = NULL, bonus_lot_id = NULL`,
  ])('and SQL cannot make it paid anew: %s', async (change) => {
    const owner = await ledger.account()
    const { id } = await awaiting(owner)
    await inTransaction(ledger.pool, async (client) =>
      payOrder(client, ledger.clock, (await lockOrder(client, id)) as PaymentOrder, CAUSE),
    )
    const before = await rowOf(id)
    await expect(ledger.pool.query(`UPDATE payment_order SET ${change} WHERE id = $1`, [id])).rejects.toMatchObject(
      REFUSED_BY_GUARD,
    )
    expect(await rowOf(id)).toBe(before)
    await expectPaidOnce(owner, id)
  })

  test('and neither paid without credits nor with credits unpaid', async () => {
    const { id } = await awaiting(await ledger.account())
    const VIOLATES_CHECK = { constraint: 'payment_order_has_lot_when_paid' }
    for (const change of [`state = 'PAID'`, `state = 'PAID', paid_at = now()`, 'lot_id = gen_random_uuid()']) {
      await expect(
        ledger.pool.query(`UPDATE payment_order SET ${change} WHERE id = $1`, [id]),
        change,
      ).rejects.toMatchObject(VIOLATES_CHECK)
    }
    expect((await readOrder(ledger.pool, id))?.state).toBe('AWAITING_PAYMENT')
  })
})
