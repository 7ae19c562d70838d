import type { Actor } from '../accounts/actor.ts'
import { type Adjustment, findAdjustments, readAdjustment } from '../adjustments/adjustment.ts'
import { adjustmentNotFound } from '../adjustments/adjustment-error.ts'
import type { NewAdjustment } from '../adjustments/adjustment-request.ts'
import { readAttachment } from '../adjustments/attachment.ts'
import { type AdjustmentDecision, decideAdjustment } from '../adjustments/decide-adjustment.ts'
import { type AdjustmentDeps, requestAdjustment } from '../adjustments/request-adjustment.ts'
import { actThrough, requireMay } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { findAccountWithin, isOwnAccount, isUuid } from './scope.ts'

const SHOWN_MAX = 200

type WithoutActor<Request> = Request extends unknown ? Omit<Request, 'actorId' | 'resellerId'> : never
export type AdjustmentFor = WithoutActor<NewAdjustment>

/**
 * Gives credit, takes it, or lets it last longer. A reseller's people do so for its customers, never for the reseller's
 * own wallet.
 * @throws OfficeError `not_allowed`, `account_not_found`, `own_wallet`; what `requestAdjustment` throws
 */
export function requestAdjustmentFor(deps: AdjustmentDeps, actor: Actor, input: AdjustmentFor): Promise<Adjustment> {
  const { accountId, kind, reason } = input
  const deed = {
    ...({ permission: 'adjust credits', action: `adjustment.${String(kind).toLowerCase()}` } as const),
    ...{ subject: { kind: 'adjustment', id: null, accountId }, reason },
  }
  return actThrough<Adjustment, Adjustment>(deps, actor, deed, async (witness) => {
    if (isOwnAccount(actor, accountId)) throw new OfficeError('own_wallet', { field: 'accountId' })
    return requestAdjustment(deps, { ...input, actorId: actor.userId, resellerId: actor.resellerId }, witness)
  })
}

/**
 * Books or rejects what waits. A reseller's people decide about what their own people asked for; what the operator's
 * asked for, the operator decides.
 * @throws OfficeError `not_allowed`; what `decideAdjustment` throws
 */
export async function decideAdjustmentFor(
  deps: AdjustmentDeps,
  actor: Actor,
  input: Omit<AdjustmentDecision, 'actorId'>,
): Promise<Adjustment> {
  const { adjustmentId, decision, note = null } = input
  const action = decision === 'approve' ? 'adjustment.approve' : 'adjustment.reject'
  await requireMay(
    deps,
    actor,
    'approve adjustments',
    { kind: 'adjustment', id: adjustmentId, accountId: null },
    action,
  )
  const { id, accountId } = await adjustmentWithin(deps, actor, adjustmentId)
  const deed = {
    ...({ permission: 'approve adjustments', action, reason: note } as const),
    subject: { kind: 'adjustment', id, accountId },
  }
  return actThrough<Adjustment, Adjustment>(deps, actor, deed, (witness) =>
    decideAdjustment(deps, { ...input, actorId: actor.userId }, witness),
  )
}

/**
 * One that is theirs to see and to decide about.
 * @throws AdjustmentError `adjustment_not_found`, also for one of the other side
 */
export async function adjustmentWithin(
  { pool }: Pick<AdjustmentDeps, 'pool'>,
  actor: Actor,
  adjustmentId: string,
): Promise<Adjustment> {
  const adjustment = isUuid(adjustmentId) ? await readAdjustment(pool, adjustmentId) : null
  if (!adjustment) throw adjustmentNotFound()
  const isTheirs = actor.side === 'OPERATOR' || adjustment.resellerId === actor.resellerId
  if (!isTheirs || !(await findAccountWithin(pool, actor, adjustment.accountId))) throw adjustmentNotFound()
  return adjustment
}

/** The latest first: all that wait, or all of an account. A reseller's people see what their own side asked for. */
export function listAdjustments(
  { pool }: Pick<AdjustmentDeps, 'pool'>,
  actor: Actor,
  { state = null, accountId = null }: { state?: Adjustment['state'] | null; accountId?: string | null } = {},
): Promise<Adjustment[]> {
  return findAdjustments(
    pool,
    `($1::adjustment_state IS NULL OR state = $1) AND ($2::uuid IS NULL OR account_id = $2)
       AND ($3::uuid IS NULL OR reseller_id = $3)
     ORDER BY created_at DESC, id DESC LIMIT ${SHOWN_MAX}`,
    [state, accountId, actor.resellerId],
  )
}

/**
 * The file that founds an adjustment, for the side whose it is.
 * @throws AdjustmentError `adjustment_not_found`
 */
export async function adjustmentAttachment(
  deps: Pick<AdjustmentDeps, 'pool' | 'storage'>,
  actor: Actor,
  adjustmentId: string,
): Promise<{ name: string; type: string; content: Buffer }> {
  const { id } = await adjustmentWithin(deps, actor, adjustmentId)
  return readAttachment(deps, id)
}
