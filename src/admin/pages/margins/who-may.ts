import type { Actor } from '../../../accounts/actor.ts'
import { may, type Permission } from '../../../accounts/permissions.ts'
import { PageError } from '../../../http/page-error.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { recordRefusal } from '../../refused-act.ts'

/** A reseller's cost is its wholesale price, which each of its members may see; a provider's is the operator's. */
export function permissionToLook({ side }: Actor): Permission {
  return side === 'OPERATOR' ? 'look at costs' : 'look'
}

/** What somebody needs to change, or to try a change, of this kind. */
export function permissionToChange(kind: unknown): Permission {
  return kind === 'COST_PROFILE' ? 'change costs' : 'change prices'
}

/**
 * Passes who may, and writes down who may not.
 * @throws PageError `not allowed`
 */
export async function requireMay(
  deps: Pick<AdminDeps, 'pool' | 'clock'>,
  actor: Actor,
  permission: Permission,
  action: string,
): Promise<void> {
  if (may(actor, permission)) return
  await recordRefusal(deps, { actor, action, subjectKind: 'page', subjectId: 'margins' })
  throw new PageError('not allowed')
}
