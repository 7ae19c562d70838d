import type { ApiKeyScope } from '../accounts/api-keys/api-key.ts'
import type { KeyScope } from '../accounts/keys/key-fields.ts'
import type { ApiCaller } from './api-caller.ts'
import { ApiRefusal } from './api-refusal.ts'

/** What an API key must be able to do itself before it gives an access key as much; null = whoever manages keys may. */
const NEEDED: Readonly<Record<KeyScope, ApiKeyScope | null>> = {
  inference: null,
  balance: 'credits:read',
  purchase: 'credits:purchase',
  billing: 'billing:write',
}

/**
 * Keys give other keys no more than they have.
 * @throws ApiRefusal `scope_not_yours`
 */
export function refuseWiderAccess({ scopes: own }: ApiCaller, given: readonly KeyScope[] | undefined): void {
  for (const scope of given ?? []) {
    const needed = NEEDED[scope]
    if (needed !== null && !own.includes(needed)) throw notYours(scope, needed)
  }
}

/** @throws ApiRefusal `scope_not_yours` */
export function refuseWiderApiKey({ scopes: own }: ApiCaller, given: readonly ApiKeyScope[]): void {
  const missing = given.find((scope) => !own.includes(scope))
  if (missing !== undefined) throw notYours(missing, missing)
}

/**
 * A key that ends makes none that outlives it.
 * @param expiresAt of the new key, in milliseconds since the epoch; null = never
 * @throws ApiRefusal `scope_not_yours`
 */
export function refuseLongerLife({ expiresAt: ownEnd }: ApiCaller, expiresAt: number | null): void {
  if (ownEnd === null || (expiresAt !== null && expiresAt <= ownEnd)) return
  const message = `This API key ends at ${new Date(ownEnd).toISOString()}; what it makes may not last longer.`
  throw new ApiRefusal('scope_not_yours', message, 'expiresAt')
}

function notYours(scope: string, needed: string): ApiRefusal {
  return new ApiRefusal('scope_not_yours', `To give '${scope}', an API key needs '${needed}' itself.`, 'scopes')
}
