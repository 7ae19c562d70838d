import type { MemberRole } from '../../accounts/actor.ts'
import { API_KEY_SCOPES, type ApiKeyScope } from '../../accounts/api-keys/api-key.ts'

/**
 * What each role may give to a program: no more than it may do itself. Who may change settings may make further keys, so
 * that is for owners.
 */
const GRANTABLE: Readonly<Record<MemberRole, readonly ApiKeyScope[]>> = {
  OWNER: API_KEY_SCOPES,
  BILLING: ['usage:read', 'credits:read', 'credits:purchase', 'billing:read', 'billing:write'],
  DEVELOPER: ['keys:read', 'keys:write', 'usage:read', 'credits:read'],
  VIEWER: [],
}

export function grantableScopes(role: MemberRole): readonly ApiKeyScope[] {
  return GRANTABLE[role]
}

/** Whether they may disable or revoke a key: one that they might have made. */
export function mayManage(role: MemberRole, scopes: readonly ApiKeyScope[]): boolean {
  return scopes.length > 0 && scopes.every((scope) => GRANTABLE[role].includes(scope))
}

/** What each lets a program do, in words. */
export const SCOPE_WORDS: Readonly<Record<ApiKeyScope, string>> = {
  'keys:read': 'See keys and projects',
  'keys:write': 'Make, change and revoke keys and projects',
  'usage:read': 'See usage and requests',
  'credits:read': 'See the balance and transactions',
  'credits:purchase': 'Buy credits',
  'billing:read': 'See invoices, statements and the billing profile',
  'billing:write': 'Change the billing profile and automatic top-up',
  'settings:read': 'See settings',
  'settings:write': 'Change settings, and make further API keys',
}
