import type { Actor } from '../accounts/actor.ts'
import {
  type CreatedCodes,
  createRedemptionCodes,
  type MadeCodes,
  type NewRedemptionCodes,
} from '../orders/codes/create-redemption-codes.ts'
import { type CodeInForce, type DisabledCode, disableRedemptionCode } from '../orders/codes/disable-redemption-code.ts'
import { type ActingDeps, actThrough } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { isUuid } from './scope.ts'

/**
 * Makes redemption codes and shows them once. The audit log keeps how many of what they are, not the codes.
 * @throws OfficeError `not_allowed`; what `createRedemptionCodes` throws
 */
export function createCodesFor(
  deps: ActingDeps,
  actor: Actor,
  input: Omit<NewRedemptionCodes, 'actorId'>,
): Promise<CreatedCodes> {
  const deed = {
    ...({ permission: 'make codes', action: 'code.create', reason: input.note } as const),
    subject: { kind: 'redemption_code', id: null, accountId: null },
  }
  return actThrough<MadeCodes, CreatedCodes>(deps, actor, deed, (witness) =>
    createRedemptionCodes(deps, { ...input, actorId: actor.userId }, async (client, { before, after }) => {
      // As the key remembers them: by the first.
      const id = after?.codes[0]?.id
      await witness(client, { before, after: after && id ? Object.assign({ id }, after) : after })
    }),
  )
}

/**
 * Nobody can redeem the code any more.
 * @throws OfficeError `not_allowed`, `code_not_found`, `code_redeemed`
 */
export async function disableCodeFor(deps: ActingDeps, actor: Actor, codeId: string): Promise<void> {
  const deed = {
    ...({ permission: 'make codes', action: 'code.disable' } as const),
    subject: { kind: 'redemption_code', id: codeId, accountId: null },
  }
  const disabled = await actThrough<CodeInForce, DisabledCode>(deps, actor, deed, async (witness) =>
    isUuid(codeId) ? disableRedemptionCode(deps, codeId, witness) : { ok: false, reason: 'unknown' },
  )
  if (disabled.ok) return
  throw new OfficeError(disabled.reason === 'redeemed' ? 'code_redeemed' : 'code_not_found', { field: 'codeId' })
}
