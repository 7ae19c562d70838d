import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { AccessError } from '../keys/access-error.ts'
import {
  type AccessCreation,
  type AccessDeps,
  accountIdField,
  actorIdOf,
  everyTime,
  givenName,
  readAsked,
  refuseWrongExpiry,
  takeTurns,
} from '../keys/access-write.ts'
import { expiresAtField } from '../keys/key-fields.ts'
import { API_KEY_SCOPES, type ApiKey, readApiKey } from './api-key.ts'
import { createApiKeySecret } from './api-key-secret.ts'

/** Of one account, revoked ones aside. */
export const API_KEYS_MAX = 100

export const apiKeyFields = {
  name: givenName,
  scopes: z
    .array(z.enum(API_KEY_SCOPES, { error: `expected ${API_KEY_SCOPES.join(', ')}` }), {
      error: 'expected a list of scopes',
    })
    .min(1, { error: 'expected at least one scope' })
    .max(API_KEY_SCOPES.length, { error: 'expected each scope once' })
    .transform((scopes) => [...new Set(scopes)]),
}

const newApiKey = z.strictObject({
  accountId: accountIdField,
  ...apiKeyFields,
  expiresAt: expiresAtField.default(null),
})
export type NewApiKey = z.input<typeof newApiKey>

export interface CreatedApiKey {
  readonly apiKey: ApiKey
  /** Shown this once and kept nowhere; null = an earlier call made the key, and showed it. */
  readonly secret: string | null
}

/**
 * Makes a credential of the management API.
 * @throws AccessError `invalid_request`, `too_many_api_keys`; whatever `once` throws
 */
export async function createApiKey(
  { pool, clock }: AccessDeps,
  input: NewApiKey,
  { actor, record, once = everyTime }: AccessCreation<ApiKey>,
): Promise<CreatedApiKey> {
  const { accountId, name, scopes, expiresAt } = readAsked(newApiKey, input)
  refuseWrongExpiry(clock, expiresAt)
  return inTransaction(pool, async (client) => {
    let shown: string | null = null
    const { resultId } = await once(client, async () => {
      await takeTurns(client, 'api_key', accountId)
      await refuseTooMany(client, accountId)
      const id = uuidV7(clock)
      const { secret, prefix, hash } = createApiKeySecret()
      await client.query(
        `INSERT INTO api_key (id, account_id, name, prefix, secret_hash, scopes, expires_at, created_by_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          ...[id, accountId, name, prefix, hash, scopes, expiresAt === null ? null : new Date(expiresAt)],
          ...[actorIdOf(actor), new Date(clock.now())],
        ],
      )
      await record?.(client, { before: null, after: await readApiKey(client, accountId, id) })
      shown = secret
      return id
    })
    return { apiKey: await readApiKey(client, accountId, resultId), secret: shown }
  })
}

async function refuseTooMany(client: ClientBase, accountId: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM api_key WHERE account_id = $1 AND revoked_at IS NULL',
    [accountId],
  )
  if ((rows[0]?.count ?? 0) < API_KEYS_MAX) return
  throw new AccessError(
    'too_many_api_keys',
    `An account has at most ${API_KEYS_MAX} API keys; revoke one of them first.`,
  )
}
