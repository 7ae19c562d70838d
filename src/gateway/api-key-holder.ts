import type { Pool } from 'pg'
import type { ApiKeyScope } from '../accounts/api-keys/api-key.ts'

/** Whoever calls the management API with an API key. */
export interface ApiKeyHolder {
  readonly apiKeyId: string
  readonly accountId: string
  readonly scopes: readonly ApiKeyScope[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
  readonly keyDisabled: boolean
  readonly accountDisabled: boolean
}

interface HolderRow {
  id: string
  account_id: string
  scopes: ApiKeyScope[]
  expires_at: Date | null
  disabled_at: Date | null
  account_disabled: boolean
}

const HOLDER_BY_HASH = `
  SELECT key.id, key.account_id, key.scopes, key.expires_at, key.disabled_at,
         account.disabled_at IS NOT NULL OR reseller.disabled_at IS NOT NULL AS account_disabled
  FROM api_key key
  JOIN account ON account.id = key.account_id
  LEFT JOIN account reseller ON reseller.id = account.reseller_id
  WHERE key.secret_hash = decode($1, 'hex')`

/** @param secretHash SHA-256 of the secret, hex */
export async function readApiKeyHolder(pool: Pool, secretHash: string): Promise<ApiKeyHolder | null> {
  const { rows } = await pool.query<HolderRow>({ name: 'api_key_by_hash', text: HOLDER_BY_HASH, values: [secretHash] })
  const [row] = rows
  if (!row) return null
  return Object.freeze({
    ...{ apiKeyId: row.id, accountId: row.account_id, scopes: row.scopes, accountDisabled: row.account_disabled },
    ...{ expiresAt: row.expires_at?.getTime() ?? null, keyDisabled: row.disabled_at !== null },
  })
}
