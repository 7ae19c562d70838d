import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { OfficeError } from './office-error.ts'

export interface AccountWithin {
  readonly id: string
  readonly kind: 'CUSTOMER' | 'RESELLER'
  readonly name: string
  readonly resellerId: string | null
}

/** A UUID as the database writes it. What is none is the id of nothing. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text)
}

/**
 * An account that is theirs to act on: any for the operator's staff; for a reseller's people, the reseller itself and its
 * customers. Null = it is not, or there is none.
 */
export async function findAccountWithin(
  client: ClientBase | Pool,
  actor: Actor,
  accountId: string,
): Promise<AccountWithin | null> {
  if (!isUuid(accountId)) return null
  const { rows } = await client.query<AccountWithin>(
    `SELECT id, kind, name, reseller_id AS "resellerId" FROM account
     WHERE id = $1 AND ($2::uuid IS NULL OR id = $2 OR reseller_id = $2)`,
    [accountId, actor.resellerId],
  )
  return rows[0] ?? null
}

/** @throws OfficeError `account_not_found`, the same for somebody else's account as for none. */
export async function accountWithin(
  client: ClientBase | Pool,
  actor: Actor,
  accountId: string,
): Promise<AccountWithin> {
  const account = await findAccountWithin(client, actor, accountId)
  if (!account) throw new OfficeError('account_not_found', { field: 'accountId' })
  return account
}

/** Whether it is the reseller's own account, whose wallet pays the operator. */
export function isOwnAccount(actor: Actor, accountId: string): boolean {
  return actor.side === 'RESELLER' && actor.resellerId === accountId.toLowerCase()
}
