import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { OrderError } from './order-error.ts'

/** Longer keys are a mistake; the payment provider has the same limit. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255

export interface IdempotentCall {
  /** The account that calls, or the person of the staff: keys of different callers never meet. */
  scopeId: string
  verb: string
  /** Null = the caller named none, and each call stands for itself. */
  key: string | null
  /** Everything that was asked for. The same key with another body is refused. */
  body: unknown
}

/**
 * Does the work once per key, in the caller's transaction: the key and what it made are one fact. A second call with the
 * same key waits for the first and gets what that one made.
 * @throws OrderError `idempotency_conflict` where the key was used with another body.
 */
export async function oncePerKey(
  client: ClientBase,
  clock: Clock,
  { scopeId, verb, key, body }: IdempotentCall,
  work: () => Promise<string>,
): Promise<{ resultId: string; repeated: boolean }> {
  if (key === null) return { resultId: await work(), repeated: false }
  const bodyHash = hash('sha256', canonical(body), 'buffer')
  // The lock makes the second of two callers wait until the first one's fact is written or undone.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${scopeId} ${verb} ${key}`])
  const { rows } = await client.query<{ body_hash: Buffer; result_id: string }>(
    'SELECT body_hash, result_id FROM idempotency_key WHERE scope_id = $1 AND verb = $2 AND key = $3',
    [scopeId, verb, key],
  )
  const [known] = rows
  if (known) {
    if (known.body_hash.equals(bodyHash)) return { resultId: known.result_id, repeated: true }
    throw new OrderError('idempotency_conflict', 'This Idempotency-Key was used before with another request.', {
      field: 'Idempotency-Key',
    })
  }
  const resultId = await work()
  await client.query(
    'INSERT INTO idempotency_key (scope_id, verb, key, body_hash, result_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [scopeId, verb, key, bodyHash, resultId, new Date(clock.now())],
  )
  return { resultId, repeated: false }
}

/** The same text for the same content: keys in order, bigints as digits. */
function canonical(body: unknown): string {
  return JSON.stringify(body, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}
