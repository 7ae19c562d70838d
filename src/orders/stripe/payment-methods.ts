import type { ClientBase, Pool } from 'pg'
import type Stripe from 'stripe'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { OrderError } from '../order-error.ts'
import { idOf } from './payment-fact.ts'
import { asProviderError } from './provider-error.ts'
import type { StripeAccount } from './stripe-client.ts'

/** A saved card, by what may be shown of it. */
export interface SavedPaymentMethod {
  id: string
  kind: string
  brand: string | null
  last4: string | null
  expMonth: number | null
  expYear: number | null
}

/** Notes a payment method that Stripe has saved for a customer of ours; returns its account, null where it is nobody's. */
export async function savePaymentMethod(
  client: ClientBase,
  clock: Clock,
  method: Stripe.PaymentMethod,
): Promise<string | null> {
  const accountId = await accountOfCustomer(client, idOf(method.customer))
  if (accountId === null) return null
  const { card } = method
  await client.query(
    `INSERT INTO payment_method (id, account_id, livemode, kind, brand, last4, exp_month, exp_year, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET brand = excluded.brand, last4 = excluded.last4, exp_month = excluded.exp_month, exp_year = excluded.exp_year`,
    [
      ...[method.id, accountId, method.livemode, method.type, card?.brand ?? null, card?.last4 ?? null],
      ...[card?.exp_month ?? null, card?.exp_year ?? null, new Date(clock.now())],
    ],
  )
  return accountId
}

/** Notes that a payment method is gone; one that was never noted stays so. */
export async function forgetPaymentMethod(client: ClientBase, clock: Clock, id: string): Promise<void> {
  await client.query('UPDATE payment_method SET detached_at = $2 WHERE id = $1 AND detached_at IS NULL', [
    id,
    new Date(clock.now()),
  ])
}

export async function accountOfCustomer(client: ClientBase | Pool, customerId: string | null): Promise<string | null> {
  if (customerId === null) return null
  const { rows } = await client.query<{ account_id: string }>(
    `SELECT account_id FROM payment_customer WHERE provider = 'STRIPE' AND customer_id = $1`,
    [customerId],
  )
  return rows[0]?.account_id ?? null
}

export async function listPaymentMethods(pool: Pool, accountId: string): Promise<SavedPaymentMethod[]> {
  const { rows } = await pool.query<SavedPaymentMethod>(
    `SELECT id, kind, brand, last4, exp_month AS "expMonth", exp_year AS "expYear" FROM payment_method
     WHERE account_id = $1 AND detached_at IS NULL ORDER BY created_at DESC, id`,
    [accountId],
  )
  return rows
}

/**
 * Removes a saved card at Stripe and here.
 * @throws OrderError `payment_method_not_found` for another account's as for none; `order_move_refused` while automatic
 * top-up charges it.
 */
export async function removePaymentMethod(
  deps: { pool: Pool; clock: Clock; stripe: StripeAccount },
  accountId: string,
  id: string,
): Promise<void> {
  const { pool, clock, stripe } = deps
  const { rows } = await pool.query<{ in_use: boolean }>(
    `SELECT EXISTS (SELECT FROM auto_top_up WHERE account_id = $2 AND enabled AND payment_method_id = $1) AS in_use
     FROM payment_method WHERE id = $1 AND account_id = $2 AND detached_at IS NULL`,
    [id, accountId],
  )
  const [found] = rows
  if (!found) throw paymentMethodNotFound()
  if (found.in_use) {
    throw new OrderError('order_move_refused', 'Automatic top-up charges this card. Choose another card there first.', {
      field: 'paymentMethodId',
    })
  }
  await asProviderError(() => stripe.api.paymentMethods.detach(id))
  await inTransaction(pool, (client) => forgetPaymentMethod(client, clock, id))
}

export function paymentMethodNotFound(): OrderError {
  return new OrderError(
    'payment_method_not_found',
    "'paymentMethodId' is not a saved payment method of this account.",
    {
      field: 'paymentMethodId',
    },
  )
}
