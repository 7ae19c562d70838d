import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { createAccessKeySecret } from '../access-key-secret.ts'
import { AccessError, projectNotFound } from './access-error.ts'
import { type AccessKey, readKey } from './access-key.ts'
import {
  type AccessCreation,
  type AccessDeps,
  accountIdField,
  actorIdOf,
  everyTime,
  readAsked,
  refuseWrongExpiry,
  takeTurns,
} from './access-write.ts'
import { budgetsField, expiresAtField, keyFields } from './key-fields.ts'
import { setBudgets } from './spend-budgets.ts'

/** Of one account, revoked ones aside. */
export const KEYS_MAX = 1_000

const newKey = z.strictObject({
  accountId: accountIdField,
  /** Null = the account's first project. */
  projectId: z.string().nullable().default(null),
  name: keyFields.name,
  scopes: keyFields.scopes.default(['inference']),
  allowedModels: keyFields.allowedModels.default([]),
  allowedIps: keyFields.allowedIps.default([]),
  maxOutputTokens: keyFields.maxOutputTokens.default(null),
  expiresAt: expiresAtField.default(null),
  budgets: budgetsField.default([]),
})
export type NewKey = z.input<typeof newKey>

export interface CreatedKey {
  readonly key: AccessKey
  /** Shown this once and kept nowhere; null = an earlier call made the key, and showed it. */
  readonly secret: string | null
}

/**
 * Makes an access key. Every serving process knows it at once.
 * @throws AccessError `invalid_request`, `project_not_found`, `too_many_keys`; whatever `once` throws
 */
export async function createKey(
  { pool, clock }: AccessDeps,
  input: NewKey,
  { actor, record, once = everyTime }: AccessCreation<AccessKey>,
): Promise<CreatedKey> {
  const asked = readAsked(newKey, input)
  refuseWrongExpiry(clock, asked.expiresAt)
  const { accountId } = asked
  return inTransaction(pool, async (client) => {
    let shown: string | null = null
    const { resultId } = await once(client, async () => {
      await takeTurns(client, 'access_key', accountId)
      await refuseTooMany(client, accountId)
      const id = uuidV7(clock)
      const { secret, prefix, hash } = createAccessKeySecret()
      await client.query(
        `INSERT INTO access_key (id, account_id, project_id, name, prefix, secret_hash, scopes, allowed_models, allowed_ips,
           max_output_tokens, expires_at, created_by_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          ...[id, accountId, await projectFor(client, accountId, asked.projectId), asked.name, prefix, hash],
          ...[asked.scopes, asked.allowedModels, asked.allowedIps, asked.maxOutputTokens],
          ...[asked.expiresAt === null ? null : new Date(asked.expiresAt), actorIdOf(actor), new Date(clock.now())],
        ],
      )
      if (asked.budgets.length > 0) await setBudgets(client, clock, { accountId, accessKeyId: id }, asked.budgets)
      await record?.(client, { before: null, after: await readKey(client, clock, accountId, id) })
      shown = secret
      return id
    })
    return { key: await readKey(client, clock, accountId, resultId), secret: shown }
  })
}

async function refuseTooMany(client: ClientBase, accountId: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM access_key WHERE account_id = $1 AND revoked_at IS NULL',
    [accountId],
  )
  if ((rows[0]?.count ?? 0) < KEYS_MAX) return
  throw new AccessError('too_many_keys', `An account has at most ${KEYS_MAX} access keys; revoke one of them first.`)
}

/** @throws AccessError `project_not_found`, also for somebody else's */
export async function projectFor(client: ClientBase, accountId: string, projectId: string | null): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM project WHERE account_id = $1 AND ($2::text IS NULL OR id::text = lower($2)) ORDER BY created_at, id LIMIT 1`,
    [accountId, projectId],
  )
  if (rows[0]) return rows[0].id
  throw projectNotFound('projectId')
}
