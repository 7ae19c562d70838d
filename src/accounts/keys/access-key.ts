import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { keyNotFound } from './access-error.ts'
import { isId } from './access-write.ts'
import { readBudgets, type SpendBudget } from './spend-budgets.ts'

export const KEY_STATES = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED'] as const
export type KeyState = (typeof KEY_STATES)[number]

/** An access key as its owners see it: never its secret. Times in milliseconds since the epoch. */
export interface AccessKey {
  readonly id: string
  readonly accountId: string
  readonly projectId: string
  readonly projectName: string
  readonly name: string
  /** The start of the secret, enough to recognise it by. */
  readonly prefix: string
  readonly scopes: readonly string[]
  /** Empty = every model. */
  readonly allowedModels: readonly string[]
  /** Addresses and CIDR blocks; empty = from anywhere. */
  readonly allowedIps: readonly string[]
  readonly maxOutputTokens: number | null
  readonly expiresAt: number | null
  readonly disabledAt: number | null
  readonly revokedAt: number | null
  readonly createdById: string | null
  readonly createdAt: number
  readonly budgets: readonly SpendBudget[]
}

export interface KeyRow {
  id: string
  account_id: string
  project_id: string
  project_name: string
  name: string
  prefix: string
  scopes: string[]
  allowed_models: string[]
  allowed_ips: string[]
  max_output_tokens: number | null
  expires_at: Date | null
  disabled_at: Date | null
  revoked_at: Date | null
  created_by_id: string | null
  created_at: Date
}

/** Everything but the secret. */
export const SELECT_KEYS = `
  SELECT key.id, key.account_id, key.project_id, project.name AS project_name, key.name, key.prefix, key.scopes, key.allowed_models,
         key.allowed_ips, key.max_output_tokens, key.expires_at, key.disabled_at, key.revoked_at, key.created_by_id, key.created_at
  FROM access_key key JOIN project ON project.id = key.project_id`

const timeOf = (date: Date | null) => date?.getTime() ?? null

export function keyOf(row: KeyRow, budgets: readonly SpendBudget[]): AccessKey {
  return {
    ...{ id: row.id, accountId: row.account_id, projectId: row.project_id, projectName: row.project_name },
    ...{ name: row.name, prefix: row.prefix, scopes: row.scopes, allowedModels: row.allowed_models },
    ...{ allowedIps: row.allowed_ips, maxOutputTokens: row.max_output_tokens, createdById: row.created_by_id },
    ...{ expiresAt: timeOf(row.expires_at), disabledAt: timeOf(row.disabled_at), revokedAt: timeOf(row.revoked_at) },
    ...{ createdAt: row.created_at.getTime(), budgets },
  }
}

/** What counts first is what lasts longest. */
export function keyStateAt(
  { revokedAt, disabledAt, expiresAt }: Pick<AccessKey, 'revokedAt' | 'disabledAt' | 'expiresAt'>,
  now: number,
): KeyState {
  if (revokedAt !== null) return 'REVOKED'
  if (disabledAt !== null) return 'DISABLED'
  return expiresAt !== null && expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

/**
 * One access key of an account, revoked ones too.
 * @throws AccessError `key_not_found`, also for somebody else's
 */
export async function readKey(
  client: ClientBase | Pool,
  clock: Clock,
  accountId: string,
  keyId: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<AccessKey> {
  if (!isId(keyId)) throw keyNotFound()
  const { rows } = await client.query<KeyRow>(
    `${SELECT_KEYS} WHERE key.id = $1 AND key.account_id = $2 ${lock ? 'FOR NO KEY UPDATE OF key' : ''}`,
    [keyId, accountId],
  )
  const [row] = rows
  if (!row) throw keyNotFound()
  const budgets = await readBudgets(client, clock, accountId, [row.id])
  return keyOf(row, budgets.get(row.id) ?? [])
}
