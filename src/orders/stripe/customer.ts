import { hash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import type { StripeAccount } from './stripe-client.ts'

export interface CustomerDeps {
  pool: Pool
  clock: Clock
  stripe: StripeAccount
}

/** Under this key a customer at Stripe names its account. */
export const ACCOUNT_METADATA = 'farebox_account'

/** Who the account is at Stripe, made there at its first purchase. Two at once get the same one. */
export async function ensureCustomer({ pool, clock, stripe }: CustomerDeps, accountId: string): Promise<string> {
  const known = await customerOf(pool, accountId, stripe.livemode)
  if (known !== null) return known
  const { rows } = await pool.query<{ name: string; email: string | null }>(
    `SELECT account.name, (
       SELECT email FROM membership JOIN "user" ON "user".id = membership.user_id
       WHERE membership.account_id = account.id AND role IN ('OWNER', 'BILLING') ORDER BY membership.created_at LIMIT 1
     ) AS email
     FROM account WHERE id = $1`,
    [accountId],
  )
  const [account] = rows
  if (!account) throw new Error(`account ${accountId} does not exist`)
  const { name, email } = account
  const { id } = await stripe.api.customers.create(
    { name, ...(email !== null && { email }), metadata: { [ACCOUNT_METADATA]: accountId } },
    // A key must always ask for the same: a name may change between a crash and the next attempt.
    { idempotencyKey: `customer-${accountId}-${hash('sha256', `${name} ${email}`).slice(0, 16)}` },
  )
  await pool.query(
    `INSERT INTO payment_customer (account_id, provider, livemode, customer_id, created_at) VALUES ($1, 'STRIPE', $2, $3, $4)
     ON CONFLICT (account_id, provider, livemode) DO NOTHING`,
    [accountId, stripe.livemode, id, new Date(clock.now())],
  )
  return (await customerOf(pool, accountId, stripe.livemode)) ?? id
}

export async function customerOf(pool: Pool, accountId: string, livemode: boolean): Promise<string | null> {
  const { rows } = await pool.query<{ customer_id: string }>(
    `SELECT customer_id FROM payment_customer WHERE account_id = $1 AND provider = 'STRIPE' AND livemode = $2`,
    [accountId, livemode],
  )
  return rows[0]?.customer_id ?? null
}
