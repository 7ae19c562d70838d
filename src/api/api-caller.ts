import { hash } from 'node:crypto'
import type { Request } from 'express'
import type { ApiKeyScope } from '../accounts/api-keys/api-key.ts'
import { API_KEY_START } from '../accounts/api-keys/api-key-secret.ts'
import type { AccessActor } from '../accounts/keys/access-write.ts'
import type { ApiKeyHolder } from '../gateway/api-key-holder.ts'
import { authenticate, clientAddress, SECRET_LENGTH_MAX, secretOf } from '../gateway/authenticate.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway/gateway-error.ts'
import type { Access } from './operation.ts'

/** Whoever calls the management API, and for which account. */
export interface ApiCaller {
  readonly accountId: string
  /** The key that was used: what it does is done in its name. */
  readonly credentialId: string
  readonly kind: 'api_key' | 'access_key'
  /** Of an API key; empty for an access key, which may do what the operation is open to. */
  readonly scopes: readonly ApiKeyScope[]
  /** Milliseconds since the epoch; null = never. */
  readonly expiresAt: number | null
  readonly clientIp: string | null
}

type CallerGateway = Pick<Gateway, 'directory' | 'clock'>

/**
 * Who calls. An API key needs one of the operation's scopes; an access key its own, where the operation takes any.
 * @throws GatewayError 401 where the key is missing, unknown, disabled or expired; 403 where it may not do this
 */
export async function identifyCaller(
  gateway: CallerGateway,
  request: Request,
  { scopes, accessKey }: Exclude<Access, 'anybody'>,
): Promise<ApiCaller> {
  const secret = secretOf(request)
  if (secret === null) {
    throw new GatewayError(
      'missing_api_key',
      "No key was sent. Send an API key in the 'Authorization' header as 'Bearer YOUR_API_KEY'.",
    )
  }
  const clientIp = clientAddress(request)
  if (secret.startsWith(API_KEY_START)) {
    const { apiKeyId, accountId, scopes: own, expiresAt } = await holderOf(gateway, secret)
    if (!scopes.some((scope) => own.includes(scope))) {
      throw new GatewayError('scope_missing', `This API key lacks the scope '${scopes.join("' or '")}'.`)
    }
    return { accountId, credentialId: apiKeyId, kind: 'api_key', scopes: own, expiresAt, clientIp }
  }
  const { accountId, accessKeyId, expiresAt } = await authenticate(request, gateway.directory, gateway.clock, accessKey)
  if (accessKey === null) {
    throw new GatewayError(
      'scope_missing',
      `Access keys call models and are not accepted here: use an API key with the scope '${scopes.join("' or '")}'.`,
    )
  }
  return { accountId, credentialId: accessKeyId, kind: 'access_key', scopes: [], expiresAt, clientIp }
}

async function holderOf({ directory, clock }: CallerGateway, secret: string): Promise<ApiKeyHolder> {
  const holder = secret.length > SECRET_LENGTH_MAX ? null : await findHolder(directory.apiKeys, secret)
  if (!holder) {
    throw new GatewayError('invalid_api_key', 'This API key is not known. Check for a missing character.')
  }
  if (holder.keyDisabled) throw new GatewayError('api_key_disabled', 'This API key is disabled or revoked.')
  if (holder.expiresAt !== null && holder.expiresAt <= clock.now()) {
    const at = new Date(holder.expiresAt).toISOString()
    throw new GatewayError('api_key_expired', `This API key expired at ${at}.`)
  }
  if (holder.accountDisabled) throw new GatewayError('account_disabled', 'This account is disabled.')
  return holder
}

async function findHolder(apiKeys: Gateway['directory']['apiKeys'], secret: string): Promise<ApiKeyHolder | null> {
  const secretHash = hash('sha256', secret, 'hex')
  return apiKeys.known(secretHash) ?? (await apiKeys.find(secretHash))
}

/** In whose name keys and the like are changed; access keys change none. */
export function actorOf({ kind, credentialId }: ApiCaller): AccessActor {
  if (kind !== 'api_key') throw new Error('an access key was let in where only API keys are')
  return { apiKeyId: credentialId }
}
