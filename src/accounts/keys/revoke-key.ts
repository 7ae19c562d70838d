import { inTransaction } from '../../db/transaction.ts'
import { type AccessKey, readKey } from './access-key.ts'
import type { AccessDeps, AccessWrite } from './access-write.ts'

/**
 * Ends an access key for ever; every serving process refuses it at once. Its row stays, for its usage names it. A key that
 * is revoked already is left as it is.
 * @throws AccessError `key_not_found`
 */
export async function revokeKey(
  { pool, clock }: AccessDeps,
  { accountId, keyId }: { accountId: string; keyId: string },
  { record }: AccessWrite<AccessKey>,
): Promise<AccessKey> {
  return inTransaction(pool, async (client) => {
    const before = await readKey(client, clock, accountId, keyId, { lock: true })
    if (before.revokedAt !== null) return before
    await client.query('UPDATE access_key SET revoked_at = $2, disabled_at = coalesce(disabled_at, $2) WHERE id = $1', [
      before.id,
      new Date(clock.now()),
    ])
    const after = await readKey(client, clock, accountId, keyId)
    await record?.(client, { before, after })
    return after
  })
}
