import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { accountWithin } from './scope.ts'

const DAYS = 30
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const CUSTOMERS_SHOWN_MAX = 1_000

/** Amounts in nano, of the last 30 days where they are sums; the margin is the reseller's. */
export interface ResellerCustomer {
  readonly id: string
  readonly name: string
  readonly disabledAt: Date | null
  readonly currency: string
  readonly balanceNano: bigint
  readonly debtNano: bigint
  readonly requests: bigint
  /** What its requests cost it. */
  readonly priceNano: bigint
  /** Less what the reseller paid for them. */
  readonly marginNano: bigint
}

export interface ResellerOverview {
  /** What the reseller's own requests and its customers' are paid from. */
  readonly wholesale: { readonly currency: string; readonly balanceNano: bigint; readonly debtNano: bigint }
  /** From which instant on the sums are (milliseconds since the epoch, a whole hour). */
  readonly since: number
  /** Those that used most first. */
  readonly customers: readonly ResellerCustomer[]
}

type Amounts = Record<'balance' | 'debt' | 'count' | 'price' | 'wholesale', string>

/**
 * A reseller's customers with what they used and brought it. Usage is as of the last time that it was summed, which is
 * done every few minutes.
 * @param resellerId whose; a reseller's people see their own
 * @throws OfficeError `account_not_found`
 */
export async function resellerCustomers(
  client: Pool | ClientBase,
  clock: Clock,
  actor: Actor,
  resellerId: string,
): Promise<ResellerOverview> {
  const { id } = await accountWithin(client, actor, resellerId)
  const since = Math.floor((clock.now() - DAYS * DAY_MS) / HOUR_MS) * HOUR_MS
  const { rows: wallets } = await client.query<{ currency: string; balance: string; debt: string }>(
    'SELECT currency, balance_nano AS balance, debt_nano AS debt FROM wallet WHERE account_id = $1',
    [id],
  )
  const [wallet] = wallets
  if (!wallet) throw new Error(`account ${id} has no wallet`)
  const { rows } = await client.query<Omit<ResellerCustomer, keyof Amounts> & Amounts>(
    `SELECT account.id, account.name, account.disabled_at AS "disabledAt", wallet.currency,
            wallet.balance_nano AS balance, wallet.debt_nano AS debt, used.count, used.price, used.wholesale
     FROM account JOIN wallet ON wallet.account_id = account.id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(requests), 0) AS count, coalesce(sum(price_nano), 0) AS price,
              coalesce(sum(wholesale_nano), 0) AS wholesale
       FROM usage_rollup WHERE account_id = account.id AND reseller_id = $1 AND hour >= $2
     ) used
     WHERE account.reseller_id = $1 ORDER BY used.price DESC, account.name, account.id LIMIT ${CUSTOMERS_SHOWN_MAX}`,
    [id, new Date(since)],
  )
  return {
    wholesale: { currency: wallet.currency, balanceNano: BigInt(wallet.balance), debtNano: BigInt(wallet.debt) },
    since,
    customers: rows.map(({ id, name, disabledAt, currency, balance, debt, count, price, wholesale }) => ({
      ...{ id, name, disabledAt, currency, balanceNano: BigInt(balance), debtNano: BigInt(debt) },
      ...{ requests: BigInt(count), priceNano: BigInt(price), marginNano: BigInt(price) - BigInt(wholesale) },
    })),
  }
}
