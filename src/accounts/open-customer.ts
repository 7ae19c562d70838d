import type { ClientBase } from 'pg'
import { GENESIS_HASH } from '../ledger/entry.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { insertMembership } from './insert-user.ts'

export interface NewCustomer {
  name: string
  currency: string
  ownerId: string
  /** In the sandbox, credits may be granted to it without a payment. */
  development: boolean
}

const SLUG_LENGTH_MAX = 40
const SLUG_CHANCE_LENGTH = 8

/**
 * Opens a direct customer's account in the caller's transaction: with its wallet, a first project, and its owner.
 * @returns the account's id
 */
export async function openCustomer(client: ClientBase, clock: Clock, customer: NewCustomer): Promise<string> {
  const id = uuidV7(clock)
  const now = new Date(clock.now())
  await client.query(
    `INSERT INTO account (id, kind, name, slug, development, created_at) VALUES ($1, 'CUSTOMER', $2, $3, $4, $5)`,
    [id, customer.name, slugOf(customer.name, id), customer.development, now],
  )
  await client.query('INSERT INTO wallet (account_id, currency, entry_hash) VALUES ($1, $2, $3)', [
    id,
    customer.currency,
    Buffer.from(GENESIS_HASH, 'hex'),
  ])
  await client.query(`INSERT INTO project (id, account_id, name, created_at) VALUES ($1, $2, 'Default', $3)`, [
    ...[uuidV7(clock), id, now],
  ])
  await insertMembership(client, clock, { userId: customer.ownerId, accountId: id, role: 'OWNER' })
  return id
}

/** Readable, and nobody else's: the end of the id is chance. */
function slugOf(name: string, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, SLUG_LENGTH_MAX)
  return `${words || 'customer'}-${id.slice(-SLUG_CHANCE_LENGTH)}`
}
