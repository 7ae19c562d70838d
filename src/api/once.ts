import type { Once } from '../accounts/keys/access-write.ts'
import type { Clock } from '../lib/clock.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import type { Call } from './operation.ts'

/** Makes something once per Idempotency-Key of an account, whichever of its keys sends it. */
export function onceFor(
  clock: Clock,
  verb: string,
  { caller, idempotencyKey: key }: Call<unknown, unknown, unknown>,
  body: unknown,
): Once {
  return (client, work) => oncePerKey(client, clock, { scopeId: caller.accountId, verb, key, body }, work)
}
