import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { type BillingProfileVersion, readBillingProfile } from '../accounts/billing-profile.ts'
import { freeCreditNano } from '../adjustments/wallet-reads.ts'
import type { Clock } from '../lib/clock.ts'
import { findOrders, type PaymentOrder } from '../orders/order.ts'
import { type ListedLot, listLots } from './list-lots.ts'
import { type AccountMember, listMembers } from './members.ts'
import { type AccountNote, listNotes } from './notes.ts'
import { accountWithin } from './scope.ts'

const KEYS_SHOWN_MAX = 100
const ORDERS_SHOWN_MAX = 10

/** Amounts in nano. */
export interface WalletOverview {
  readonly currency: string
  readonly balanceNano: bigint
  readonly heldNano: bigint
  readonly debtNano: bigint
  /** What a new request could reserve: neither held, nor claimed by disputes and refunds, nor expired. */
  readonly availableNano: bigint
}

export interface KeyOverview {
  readonly id: string
  readonly name: string
  /** The start of the secret, enough to recognise it by; the rest is known to nobody. */
  readonly masked: string
  readonly projectName: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | null
  readonly disabledAt: Date | null
  readonly createdAt: Date
}

export interface AccountFacts {
  readonly id: string
  readonly kind: 'CUSTOMER' | 'RESELLER'
  readonly name: string
  readonly slug: string
  readonly development: boolean
  readonly disabledAt: Date | null
  readonly createdAt: Date
  readonly planId: string | null
  readonly planName: string | null
  readonly resellerId: string | null
  readonly resellerName: string | null
}

/** An account as its page in the back office shows it. */
export interface AccountOverview {
  readonly account: AccountFacts
  readonly wallet: WalletOverview
  /** With credit left, in the order in which they are drawn. */
  readonly lots: readonly ListedLot[]
  readonly members: readonly AccountMember[]
  readonly keys: readonly KeyOverview[]
  readonly billingProfile: BillingProfileVersion | null
  /** The latest first. */
  readonly orders: readonly PaymentOrder[]
  /** Of the actor's own side. */
  readonly notes: readonly AccountNote[]
}

/**
 * Everything about an account that is theirs to see.
 * @throws OfficeError `account_not_found`
 */
export async function accountOverview(
  client: Pool | ClientBase,
  clock: Clock,
  actor: Actor,
  accountId: string,
): Promise<AccountOverview> {
  const { id } = await accountWithin(client, actor, accountId)
  const orders = `account_id = $1 ORDER BY created_at DESC, id DESC LIMIT ${ORDERS_SHOWN_MAX}`
  return {
    account: await readFacts(client, id),
    wallet: await readWallet(client, clock, id),
    lots: await listLots(client, 'account_id = $1 AND open', [id]),
    members: await listMembers(client, actor, id),
    keys: await readKeys(client, id),
    billingProfile: await readBillingProfile(client, id),
    orders: await findOrders(client, orders, [id]),
    notes: await listNotes(client, actor, id),
  }
}

async function readFacts(client: Pool | ClientBase, accountId: string): Promise<AccountFacts> {
  const { rows } = await client.query<AccountFacts>(
    `SELECT account.id, account.kind, account.name, account.slug, account.development, account.disabled_at AS "disabledAt",
            account.created_at AS "createdAt", account.plan_id AS "planId", plan.name AS "planName",
            account.reseller_id AS "resellerId", reseller.name AS "resellerName"
     FROM account LEFT JOIN plan ON plan.id = account.plan_id LEFT JOIN account reseller ON reseller.id = account.reseller_id
     WHERE account.id = $1`,
    [accountId],
  )
  return rows[0] as AccountFacts
}

async function readWallet(client: Pool | ClientBase, clock: Clock, accountId: string): Promise<WalletOverview> {
  const { rows } = await client.query<Record<'currency' | 'balance' | 'held' | 'debt', string>>(
    'SELECT currency, balance_nano AS balance, held_nano AS held, debt_nano AS debt FROM wallet WHERE account_id = $1',
    [accountId],
  )
  const [row] = rows
  if (!row) throw new Error(`account ${accountId} has no wallet`)
  return {
    ...{ currency: row.currency, balanceNano: BigInt(row.balance), heldNano: BigInt(row.held) },
    ...{ debtNano: BigInt(row.debt), availableNano: await freeCreditNano(client, accountId, clock.now()) },
  }
}

async function readKeys(client: Pool | ClientBase, accountId: string): Promise<KeyOverview[]> {
  const { rows } = await client.query<KeyOverview>(
    `SELECT key.id, key.name, key.prefix || '…' AS masked, project.name AS "projectName", key.scopes,
            key.expires_at AS "expiresAt", key.disabled_at AS "disabledAt", key.created_at AS "createdAt"
     FROM access_key key JOIN project ON project.id = key.project_id
     WHERE key.account_id = $1 ORDER BY key.created_at DESC, key.id DESC LIMIT ${KEYS_SHOWN_MAX}`,
    [accountId],
  )
  return rows
}
