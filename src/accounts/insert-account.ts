import type { ClientBase } from 'pg'
import { GENESIS_HASH } from '../ledger/entry.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

export interface AccountRow {
  kind: 'CUSTOMER' | 'RESELLER'
  name: string
  /** Of a customer, whose it is; null = the operator's own. */
  resellerId: string | null
  /** ISO 4217: what its wallet is in. */
  currency: string
  /** In the sandbox, credits may be granted to it without a payment. */
  development: boolean
}

const SLUG_WORDS_LENGTH_MAX = 40
const SLUG_CHANCE_LENGTH = 8

/**
 * Writes an account in the caller's transaction, with its wallet and a first project. Nobody is a member of it yet.
 * @returns its id
 */
export async function insertAccount(client: ClientBase, clock: Clock, account: AccountRow): Promise<string> {
  const id = uuidV7(clock)
  const now = new Date(clock.now())
  const { kind, name, resellerId, currency, development } = account
  await client.query(
    `INSERT INTO account (id, kind, name, slug, reseller_id, development, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, kind, name, slugOf(account, id), resellerId, development, now],
  )
  await client.query('INSERT INTO wallet (account_id, currency, entry_hash) VALUES ($1, $2, $3)', [
    ...[id, currency, Buffer.from(GENESIS_HASH, 'hex')],
  ])
  await client.query(`INSERT INTO project (id, account_id, name, created_at) VALUES ($1, $2, 'Default', $3)`, [
    ...[uuidV7(clock), id, now],
  ])
  return id
}

/** Readable, and nobody else's: the end of the id is chance. */
function slugOf({ name, kind }: AccountRow, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_WORDS_LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return `${words || kind.toLowerCase()}-${id.slice(-SLUG_CHANCE_LENGTH)}`
}
