import type { Actor } from '../accounts/actor.ts'
import { type ActingDeps, requireMay } from './acting.ts'

const ACTS_SHOWN_MAX = 200

/** An act as the audit log keeps it. */
export interface ListedAct {
  readonly id: string
  /** Its place in the log, from 1 on. */
  readonly seq: string
  readonly happenedAt: Date
  readonly actorName: string
  readonly actorRole: string
  readonly clientIp: string | null
  readonly action: string
  readonly subjectKind: string
  readonly subjectId: string
  readonly accountId: string | null
  readonly outcome: 'DONE' | 'REFUSED'
  readonly reason: string | null
  /** With before and after: the canonical text that is chained. */
  readonly content: string
}

/**
 * The audit log, the latest first: to the operator all of it, to a reseller what its own people did.
 * @param before the `seq` after those that are wanted; null = from the latest on
 * @throws OfficeError `not_allowed`
 */
export async function listActs(
  deps: ActingDeps,
  actor: Actor,
  { accountId = null, before = null }: { accountId?: string | null; before?: string | null } = {},
): Promise<ListedAct[]> {
  await requireMay(
    deps,
    actor,
    'look at the audit log',
    { kind: 'audit_entry', id: null, accountId: null },
    'audit.list',
  )
  const { rows } = await deps.pool.query<ListedAct>(
    `SELECT id, seq::text, happened_at AS "happenedAt", actor_name AS "actorName", actor_role AS "actorRole",
            client_ip AS "clientIp", action, subject_kind AS "subjectKind", subject_id AS "subjectId",
            account_id AS "accountId", outcome, reason, content
     FROM audit_entry
     WHERE ($1::uuid IS NULL OR reseller_id = $1) AND ($2::uuid IS NULL OR account_id = $2) AND ($3::bigint IS NULL OR seq < $3)
     ORDER BY seq DESC LIMIT ${ACTS_SHOWN_MAX}`,
    [actor.resellerId, accountId, before],
  )
  return rows
}
