import type { Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { recordAct } from '../audit/record-act.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'

export interface RefusedAct {
  readonly actor: Actor
  /** The resource and the action, such as `documents.delete`. */
  readonly action: string
  readonly subjectKind: string
  /** The row's address; '-' = the list itself. */
  readonly subjectId: string
}

const ID_LENGTH_MAX = 200

/** Writes down that somebody was refused. */
export async function recordRefusal(deps: { pool: Pool; clock: Clock }, refused: RefusedAct): Promise<void> {
  const { actor, action, subjectKind } = refused
  const subjectId = refused.subjectId.slice(0, ID_LENGTH_MAX).replaceAll('\0', '')
  await inTransaction(deps.pool, (client) =>
    recordAct(client, deps.clock, {
      ...{ actor, action, subjectKind, subjectId, accountId: null, outcome: 'REFUSED' },
      reason: 'The role does not allow it.',
      ...{ before: null, after: null },
    }),
  )
}
