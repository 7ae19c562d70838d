import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type BlockList, isIPv6 } from 'node:net'
import { API_KEY_START } from '../accounts/api-keys/api-key-secret.ts'
import type { Clock } from '../lib/clock.ts'
import type { AccessKeyDirectory } from './access-key-directory.ts'
import { GatewayError } from './gateway-error.ts'

/** Whoever calls with an access key: everything that deciding and billing need to know, in one frozen record. */
export interface Caller {
  readonly accessKeyId: string
  readonly accountId: string
  readonly projectId: string
  readonly planId: string | null
  readonly reseller: { readonly id: string; readonly planId: string | null; readonly feeNano: bigint | null } | null
  readonly budgetIds: readonly string[]
  readonly scopes: readonly string[]
  /** Empty = every model. */
  readonly allowedModels: readonly string[]
  /** Null = from anywhere. */
  readonly allowedIps: BlockList | null
  /** The least of the key's cap and the account's. */
  readonly outputTokensMax: number | null
  /** How long the account lets a request wait for its answer to begin; null = as long as the gateway waits. */
  readonly requestTimeoutMs: number | null
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
  readonly keyDisabled: boolean
  readonly accountDisabled: boolean
}

export type Scope = 'inference' | 'balance' | 'purchase' | 'billing'

/** No secret of ours is longer; hashing more would be work for nothing. */
export const SECRET_LENGTH_MAX = 256

/**
 * Who calls. The key may stand in `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or `?key=`.
 * @param scope what it has to be for; null = anything
 * @throws GatewayError 401 where the key is missing, unknown, disabled or expired; 403 where it may not do this.
 */
export async function authenticate(
  request: IncomingMessage,
  directory: AccessKeyDirectory,
  clock: Clock,
  scope: Scope | null,
): Promise<Caller> {
  const secret = secretOf(request)
  if (secret === null) {
    throw new GatewayError(
      'missing_api_key',
      "No access key was sent. Send it in the 'Authorization' header as 'Bearer YOUR_KEY'.",
    )
  }
  if (secret.startsWith(API_KEY_START)) throw wrongKind()
  if (secret.length > SECRET_LENGTH_MAX) throw unknownKey()
  const secretHash = hash('sha256', secret, 'hex')
  const caller = directory.known(secretHash) ?? (await directory.find(secretHash))
  if (!caller) throw unknownKey()
  refuseInactive(caller, clock)
  refuseForbidden(caller, request, scope)
  return caller
}

function unknownKey(): GatewayError {
  return new GatewayError(
    'invalid_api_key',
    'This access key is not known. Check for a missing character or a revoked key.',
  )
}

function wrongKind(): GatewayError {
  return new GatewayError(
    'invalid_api_key',
    'This is an API key: it manages an account. Models are called with an access key.',
  )
}

function refuseInactive(caller: Caller, clock: Clock): void {
  if (caller.keyDisabled) throw new GatewayError('api_key_disabled', 'This access key is disabled.')
  if (caller.expiresAt !== null && caller.expiresAt <= clock.now()) {
    throw new GatewayError('api_key_expired', `This access key expired at ${new Date(caller.expiresAt).toISOString()}.`)
  }
  if (caller.accountDisabled) throw new GatewayError('account_disabled', 'This account is disabled.')
}

function refuseForbidden(caller: Caller, request: IncomingMessage, scope: Scope | null): void {
  if (scope !== null && !caller.scopes.includes(scope)) {
    throw new GatewayError('scope_missing', `This access key lacks the scope '${scope}'.`)
  }
  const address = clientAddress(request)
  if (caller.allowedIps && !(address && caller.allowedIps.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))) {
    throw new GatewayError('ip_not_allowed', 'This access key may not be used from this address.')
  }
}

/** The address of the connection; an IPv4 one in its own form. */
export function clientAddress(request: IncomingMessage): string | null {
  const address = request.socket.remoteAddress
  if (address === undefined) return null
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

/** The secret as it was sent; null = none was. */
export function secretOf(request: IncomingMessage): string | null {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization)
    if (bearer?.[1]) return bearer[1]
  }
  for (const header of ['x-api-key', 'x-goog-api-key']) {
    const value = request.headers[header]
    if (typeof value === 'string' && value !== '') return value
  }
  const query = request.url?.indexOf('?') ?? -1
  if (query === -1) return null
  return new URLSearchParams(request.url?.slice(query + 1)).get('key') || null
}
