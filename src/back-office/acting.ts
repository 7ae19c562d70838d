import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { may, type Permission } from '../accounts/permissions.ts'
import type { Act } from '../audit/act.ts'
import { recordAct } from '../audit/record-act.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import type { Witness, Witnessed } from '../lib/witness.ts'
import { OfficeError } from './office-error.ts'
import { refusalOf } from './refusal.ts'
import { accountWithin, isUuid } from './scope.ts'

export interface ActingDeps {
  pool: Pool
  clock: Clock
}

/** What an act is about. */
export interface Subject {
  /** Such as `payment_order`: a table's name where it is a row. */
  readonly kind: string
  /** Null = it is only made by the act. */
  readonly id: string | null
  /** Whose books it concerns; null = nobody's in particular. */
  readonly accountId: string | null
}

/** What somebody is about to do. */
export interface Deed {
  readonly permission: Permission
  /** A verb and its object, such as `adjustment.approve`. */
  readonly action: string
  readonly subject: Subject
  /** Why, in the words of who does it. */
  readonly reason?: string | null
}

/** Refusals that are about who acts rather than about what is asked for: they are written down like a missing right. */
const WRITTEN_DOWN: ReadonlySet<string> = new Set([
  ...['approval_by_same_person', 'decision_by_same_person', 'own_wallet', 'own_account', 'operator_sells'],
  ...['disabled_by_operator', 'not_oneself'],
])
const SUBJECT_LENGTH_MAX = 100

/**
 * Passes who may, and writes down who may not, in a transaction of its own.
 * @throws OfficeError `not_allowed`
 */
export async function requireMay(
  deps: ActingDeps,
  actor: Actor,
  permission: Permission,
  subject: Subject,
  action: string = permission,
): Promise<void> {
  if (may(actor, permission)) return
  const refusal = new OfficeError('not_allowed')
  await noteRefusal(deps, actor, { permission, action, subject }, refusal.message)
  throw refusal
}

/** What an act has changed; null = nothing, and nothing is written down. */
export interface Outcome<Result> {
  readonly result: Result
  readonly change: (Witnessed<unknown> & { readonly subjectId?: string; readonly accountId?: string }) | null
}

/**
 * Does something in one transaction, with the role for it, within one's scope, and with its audit row.
 * @throws OfficeError `not_allowed`, `account_not_found`; whatever the work throws
 */
export async function actAs<Result>(
  deps: ActingDeps,
  actor: Actor,
  deed: Deed,
  work: (client: ClientBase) => Promise<Outcome<Result>>,
): Promise<Result> {
  await requireMay(deps, actor, deed.permission, deed.subject, deed.action)
  return noting(deps, actor, deed, () =>
    inTransaction(deps.pool, async (client) => {
      if (deed.subject.accountId !== null) await accountWithin(client, actor, deed.subject.accountId)
      const { result, change } = await work(client)
      if (change) await record(client, deps.clock, actor, deed, change)
      return result
    }),
  )
}

/**
 * Has a use case that opens a transaction of its own done, with the role for it, within one's scope; its witness writes
 * the audit row within that transaction.
 * @throws OfficeError `not_allowed`, `account_not_found`; whatever the use case throws
 */
export async function actThrough<Subject, Result>(
  deps: ActingDeps,
  actor: Actor,
  deed: Deed,
  work: (witness: Witness<Subject>) => Promise<Result>,
): Promise<Result> {
  await requireMay(deps, actor, deed.permission, deed.subject, deed.action)
  const { accountId } = deed.subject
  if (accountId !== null) await accountWithin(deps.pool, actor, accountId)
  return noting(deps, actor, deed, () =>
    work(async (client, witnessed) => {
      if (accountId !== null) await accountWithin(client, actor, accountId)
      await record(client, deps.clock, actor, deed, witnessed)
    }),
  )
}

async function record(
  client: ClientBase,
  clock: Clock,
  actor: Actor,
  { action, subject, reason = null }: Deed,
  change: NonNullable<Outcome<unknown>['change']>,
): Promise<void> {
  const { before, after } = change
  await recordAct(client, clock, {
    ...{ actor: whoOf(actor), action, subjectKind: subject.kind, outcome: 'DONE', reason, before, after },
    subjectId: change.subjectId ?? subject.id ?? idOf(after) ?? idOf(before) ?? subject.kind,
    // As the database writes it: the log compares the two.
    accountId: (change.accountId ?? subject.accountId)?.toLowerCase() ?? null,
  })
}

function idOf(row: unknown): string | null {
  const id = row !== null && typeof row === 'object' && 'id' in row ? row.id : null
  return typeof id === 'string' ? id : null
}

async function noting<Result>(
  deps: ActingDeps,
  actor: Actor,
  deed: Deed,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal && WRITTEN_DOWN.has(refusal.code)) await noteRefusal(deps, actor, deed, refusal.message)
    throw error
  }
}

/** Of what was asked for, only what it was about is kept: nobody has checked the rest. */
async function noteRefusal(
  { pool, clock }: ActingDeps,
  actor: Actor,
  { action, subject }: Deed,
  reason: string,
): Promise<void> {
  const asked = subject.id === null ? subject.kind : subject.id.replace(/[^ -~]/g, '?').slice(0, SUBJECT_LENGTH_MAX)
  const accountId = isUuid(subject.accountId) ? subject.accountId.toLowerCase() : null
  await inTransaction(pool, (client) =>
    recordAct(client, clock, {
      ...{ actor: whoOf(actor), action, subjectKind: subject.kind, subjectId: asked, accountId },
      ...{ outcome: 'REFUSED', reason, before: null, after: null },
    }),
  )
}

function whoOf({ userId, name, role, side, resellerId, clientIp }: Actor): Act['actor'] {
  return { userId, name, role, side, resellerId, clientIp }
}
