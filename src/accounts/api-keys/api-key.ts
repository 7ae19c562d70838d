import type { ClientBase, Pool } from 'pg'
import { apiKeyNotFound } from '../keys/access-error.ts'
import { isId } from '../keys/access-write.ts'

/** What an API key lets a program do. `…:write` is without `…:read`. */
export const API_KEY_SCOPES = [
  'keys:read',
  'keys:write',
  'usage:read',
  'credits:read',
  'credits:purchase',
  'billing:read',
  'billing:write',
  'settings:read',
  'settings:write',
] as const
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number]

/** A credential of the management API as its owners see it: never its secret. Times in milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** The start of the secret, enough to recognise it by. */
  readonly prefix: string
  readonly scopes: readonly ApiKeyScope[]
  readonly expiresAt: number | null
  readonly disabledAt: number | null
  readonly revokedAt: number | null
  /** To the minute; null = never. */
  readonly lastUsedAt: number | null
  readonly createdById: string | null
  readonly createdAt: number
}

export interface ApiKeyRow {
  id: string
  account_id: string
  name: string
  prefix: string
  scopes: ApiKeyScope[]
  expires_at: Date | null
  disabled_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
  created_by_id: string | null
  created_at: Date
}

export const SELECT_API_KEYS = `
  SELECT id, account_id, name, prefix, scopes, expires_at, disabled_at, revoked_at, last_used_at, created_by_id, created_at
  FROM api_key`

const timeOf = (date: Date | null) => date?.getTime() ?? null

export function apiKeyOf(row: ApiKeyRow): ApiKey {
  const { id, account_id: accountId, name, prefix, scopes } = row
  return {
    ...{ id, accountId, name, prefix, scopes, createdById: row.created_by_id, createdAt: row.created_at.getTime() },
    ...{ expiresAt: timeOf(row.expires_at), disabledAt: timeOf(row.disabled_at) },
    ...{ revokedAt: timeOf(row.revoked_at), lastUsedAt: timeOf(row.last_used_at) },
  }
}

/**
 * One API key of an account, revoked ones too.
 * @throws AccessError `api_key_not_found`, also for somebody else's
 */
export async function readApiKey(
  client: ClientBase | Pool,
  accountId: string,
  apiKeyId: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<ApiKey> {
  if (!isId(apiKeyId)) throw apiKeyNotFound()
  const { rows } = await client.query<ApiKeyRow>(
    `${SELECT_API_KEYS} WHERE id = $1 AND account_id = $2 ${lock ? 'FOR NO KEY UPDATE' : ''}`,
    [apiKeyId, accountId],
  )
  if (rows[0]) return apiKeyOf(rows[0])
  throw apiKeyNotFound()
}
