import { inTransaction } from '../../db/transaction.ts'
import type { AccessDeps, AccessWrite } from '../keys/access-write.ts'
import { type ApiKey, readApiKey } from './api-key.ts'

interface Named {
  accountId: string
  apiKeyId: string
}

/**
 * Ends an API key for ever; every serving process refuses it at once. One that is revoked already is left as it is.
 * @throws AccessError `api_key_not_found`
 */
export function revokeApiKey(deps: AccessDeps, named: Named, write: AccessWrite<ApiKey>): Promise<ApiKey> {
  return end(deps, named, write, 'revoked_at = $2, disabled_at = coalesce(disabled_at, $2)')
}

/**
 * Has an API key refused, or served again.
 * @throws AccessError `api_key_not_found`
 */
export function setApiKeyDisabled(
  deps: AccessDeps,
  { disabled, ...named }: Named & { disabled: boolean },
  write: AccessWrite<ApiKey>,
): Promise<ApiKey> {
  return end(deps, named, write, disabled ? 'disabled_at = coalesce(disabled_at, $2)' : 'disabled_at = NULL')
}

function end(
  { pool, clock }: AccessDeps,
  { accountId, apiKeyId }: Named,
  { record }: AccessWrite<ApiKey>,
  change: string,
): Promise<ApiKey> {
  return inTransaction(pool, async (client) => {
    const before = await readApiKey(client, accountId, apiKeyId, { lock: true })
    if (before.revokedAt !== null) return before
    const values = change.includes('$2') ? [before.id, new Date(clock.now())] : [before.id]
    await client.query(`UPDATE api_key SET ${change} WHERE id = $1`, values)
    const after = await readApiKey(client, accountId, apiKeyId)
    await record?.(client, { before, after })
    return after
  })
}
