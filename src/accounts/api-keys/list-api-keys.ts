import type { Pool } from 'pg'
import { type ApiKey, type ApiKeyRow, apiKeyOf, SELECT_API_KEYS } from './api-key.ts'

/** An account's API keys that are not revoked, the latest first: all of them, for there are few. */
export async function listApiKeys(pool: Pool, accountId: string): Promise<ApiKey[]> {
  const { rows } = await pool.query<ApiKeyRow>(
    `${SELECT_API_KEYS} WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id DESC`,
    [accountId],
  )
  return rows.map(apiKeyOf)
}
