import { expect } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { Nudged } from '../../src/lib/nudge.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { applyDisputeFact } from '../../src/orders/disputes/apply-dispute.ts'
import { findDisputes } from '../../src/orders/disputes/dispute.ts'
import type { DisputeFact } from '../../src/orders/disputes/dispute-fact.ts'
import { openOrder } from '../../src/orders/open-order.ts'
import { lockOrder, type PaymentOrder, type PaymentProvider, readOrder } from '../../src/orders/order.ts'
import { payOrder } from '../../src/orders/pay-order.ts'
import { applyRefundFact } from '../../src/orders/refunds/apply-refund.ts'
import { findRefunds } from '../../src/orders/refunds/refund.ts'
import { type RefundFact, type RefundProvider, RefundRefused } from '../../src/orders/refunds/refund-fact.ts'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { createRefundRuns } from '../../src/orders/refunds/run-refund.ts'
import { CLAIMS_CHECKS } from '../../src/orders/verify/claims-checks.ts'
import { ORDER_CHECKS } from '../../src/orders/verify/order-checks.ts'
import { captureOf, openLedger, requestOf } from '../ledger/ledger-fixture.ts'

export const CENT = 10_000_000n
export const DAY_MS = 86_400_000

export interface Purchase {
  netMinor: bigint
  taxMinor: bigint
  creditNano: bigint
  bonusNano: bigint
  provider: PaymentProvider
}

type Failure = 'crash before' | 'crash after' | 'refuse' | 'pending' | null

/** A payment provider that keeps idempotency keys for a day, and fails as it is told to. */
export class FakeProvider implements RefundProvider {
  readonly made: (RefundFact & { paymentIntentId: string; at: number })[] = []
  next: Failure = null
  asked = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async createRefund(ask: { refundId: string; paymentIntentId: string; amountMinor: bigint; currency: string }) {
    const failure = this.next
    this.next = null
    this.asked += 1
    if (failure === 'crash before') throw new Error('the connection broke')
    if (failure === 'refuse') throw new RefundRefused('charge_already_refunded', 'Charge has already been refunded.')
    const { refundId, paymentIntentId, amountMinor, currency } = ask
    const isSame = (fact: { refundId: string | null; at: number }) =>
      fact.refundId === refundId && this.#clock.now() - fact.at < DAY_MS
    let fact = this.made.find(isSame)
    if (!fact) {
      fact = {
        ...refundFact(
          `re_${this.made.length}_${refundId}`,
          amountMinor,
          failure === 'pending' ? 'pending' : 'succeeded',
        ),
        ...{ refundId, paymentIntentId, currency, at: this.#clock.now() },
      }
      this.made.push(fact)
    }
    if (failure === 'crash after') throw new Error('the connection broke')
    return fact
  }

  async refundsOf(paymentIntentId: string) {
    return this.made.filter((fact) => fact.paymentIntentId === paymentIntentId)
  }
}

export type RefundWorld = Awaited<ReturnType<typeof openRefundWorld>>

/** A database with a ledger, and all that may happen to a paid order. */
export async function openRefundWorld() {
  const { pool, clock, ledger, account, database, close } = await openLedger()
  const provider = new FakeProvider(clock)
  const nudged: Nudged[] = []
  const reported: Error[] = []
  const cause = { cause: 'test', actorId: null }
  const deps = { pool, clock, nudge: (one: Nudged) => nudged.push(one) }
  const order = async (id: string) => (await readOrder(pool, id)) as PaymentOrder

  return {
    ...{ pool, clock, ledger, account, close, provider, nudged, reported, deps, order },
    runs: createRefundRuns({ pool, clock, provider, report: (error) => reported.push(error) }),

    /** 100.00 of credits with nothing else, unless said otherwise. */
    async buy(accountId: string, asked: Partial<Purchase> = {}): Promise<PaymentOrder> {
      const netMinor = asked.netMinor ?? 10_000n
      const { taxMinor = 0n, creditNano = netMinor * CENT, bonusNano = 0n, provider = 'STRIPE' } = asked
      return inTransaction(pool, async (client) => {
        const kind = provider === 'BANK' ? 'MANUAL' : 'CHECKOUT'
        const nothing = { packageId: null, planId: null, paymentMethodId: null, createdById: null, note: null }
        const opened = await openOrder(client, clock, {
          ...{ accountId, kind, state: 'AWAITING_PAYMENT', provider, livemode: false, currency: 'USD' },
          ...{ netMinor, taxMinor, creditNano, bonusNano, ...nothing, expiresAt: null, cause: 'test' },
        })
        return payOrder(client, clock, opened, cause, { paymentIntentId: `pi_${opened.id}` })
      })
    },

    /** Reserves credit for a request; null where it is refused. The answer ends the request with its charge. */
    async hold(accountId: string, nano: bigint) {
      const request = requestOf(clock, accountId, { price: nano })
      const { granted } = await ledger.authorize(request)
      return granted ? (chargeNano: bigint) => ledger.resolve(captureOf(request, chargeNano)) : null
    },

    async spend(accountId: string, nano: bigint): Promise<void> {
      const finish = await this.hold(accountId, nano)
      if (!finish) throw new Error('the request was refused')
      await finish(nano)
    },

    refund: (orderId: string, fact: RefundFact) =>
      inTransaction(pool, async (client) => {
        const locked = (await lockOrder(client, orderId)) as PaymentOrder
        return applyRefundFact(client, clock, locked, fact, cause)
      }),

    dispute: (orderId: string, fact: DisputeFact) =>
      inTransaction(pool, async (client) => {
        const locked = (await lockOrder(client, orderId)) as PaymentOrder
        return applyDisputeFact(client, clock, locked, fact, cause)
      }),

    ask: (orderId: string, totalMinor: bigint | null, more: { idempotencyKey?: string; accountId?: string } = {}) =>
      requestRefund(deps, {
        ...{ orderId, accountId: null, totalMinor, reason: 'A customer asked', actorId: STAFF, idempotencyKey: null },
        ...more,
      }),

    async lot(id: string | null) {
      const { rows } = await pool.query<Record<'remaining_nano' | 'frozen_nano' | 'held_nano', string>>(
        'SELECT remaining_nano, frozen_nano, held_nano FROM credit_lot WHERE id = $1',
        [id],
      )
      const [row] = rows
      if (!row) throw new Error(`no lot ${id}`)
      return { left: BigInt(row.remaining_nano), frozen: BigInt(row.frozen_nano), held: BigInt(row.held_nano) }
    },

    refunds: (orderId: string) => findRefunds(pool, 'order_id = $1 ORDER BY created_at, id', [orderId]),
    disputes: (orderId: string) => findDisputes(pool, 'order_id = $1 ORDER BY opened_at, id', [orderId]),

    async expectClean(): Promise<void> {
      const { findings } = await verifyLedger(database.connectionString, [...ORDER_CHECKS, ...CLAIMS_CHECKS])
      expect(findings).toEqual([])
    },

    async mails(accountId: string): Promise<string[]> {
      const { rows } = await pool.query<{ template: string }>(
        'SELECT template FROM mail WHERE account_id = $1 ORDER BY created_at, template',
        [accountId],
      )
      return rows.map(({ template }) => template)
    },

    /** Gives an account somebody who is told of things. */
    async memberOf(accountId: string): Promise<void> {
      const userId = uuidV7(clock)
      await pool.query(`INSERT INTO "user" (id, email, name, created_at) VALUES ($1, $2, 'Test', now())`, [
        userId,
        `${userId}@example.com`,
      ])
      await pool.query(
        `INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES ($1, $2, $3, 'OWNER', now())`,
        [uuidV7(clock), userId, accountId],
      )
    },
  }
}

export const STAFF = '01900000-0000-7000-8000-0000000000aa'

export function refundFact(
  providerRefundId: string,
  amountMinor: bigint,
  status: RefundFact['status'] = 'succeeded',
): RefundFact {
  const failureCode = status === 'failed' ? 'expired_or_canceled_card' : null
  return { providerRefundId, amountMinor, currency: 'USD', status, refundId: null, reason: null, failureCode }
}

export function disputeFact(
  providerDisputeId: string,
  amountMinor: bigint,
  status: DisputeFact['status'],
  reinstated = false,
): DisputeFact {
  const told = { reason: 'fraudulent', openedAt: Date.UTC(2026, 10, 1) }
  return { providerDisputeId, amountMinor, currency: 'USD', status, reinstated, ...told }
}
