import type { ClientBase } from 'pg'
import { z } from 'zod'
import type { Actor } from '../accounts/actor.ts'
import { actAs } from './acting.ts'
import { OfficeError } from './office-error.ts'
import type { AccountDeps } from './open-account.ts'
import { accountName, flag, id, readInput, reason } from './read-input.ts'
import { isOwnAccount } from './scope.ts'

const asked = { accountId: id, reason }
const renaming = z.strictObject({ ...asked, name: accountName })
/** Null = no plan. */
const planChange = z.strictObject({ ...asked, planId: id.nullable() })
const developmentChange = z.strictObject({ ...asked, development: flag })
const accessChange = z.strictObject({ ...asked, disabled: flag })

/** What may change of an account; times in milliseconds since the epoch. */
export interface ChangeableAccount {
  readonly id: string
  readonly name: string
  readonly planId: string | null
  readonly development: boolean
  readonly disabledAt: number | null
}
type Changes = Partial<Omit<ChangeableAccount, 'id'>>

/** @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found` */
export function renameAccount(
  deps: AccountDeps,
  actor: Actor,
  input: z.input<typeof renaming>,
): Promise<ChangeableAccount> {
  return change(deps, actor, 'account.rename', renaming, input, async (_client, { name }) => ({ name }))
}

/**
 * Puts an account on a plan, whatever it was on. A reseller's plan says what it pays: that is for the operator.
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `own_account`, `plan_not_found`
 */
export function changePlan(
  deps: AccountDeps,
  actor: Actor,
  input: z.input<typeof planChange>,
): Promise<ChangeableAccount> {
  return change(deps, actor, 'account.change-plan', planChange, input, async (client, { accountId, planId }) => {
    refuseOwnAccount(actor, accountId)
    const { rows } = await client.query('SELECT FROM plan WHERE id = $1', [planId])
    if (planId !== null && rows.length === 0) throw new OfficeError('plan_not_found', { field: 'planId' })
    return { planId }
  })
}

/**
 * In the sandbox, lets credits be granted to an account without a payment, or no longer.
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `own_account`, `only_in_sandbox`
 */
export function setDevelopment(
  deps: AccountDeps,
  actor: Actor,
  input: z.input<typeof developmentChange>,
): Promise<ChangeableAccount> {
  return change(
    deps,
    actor,
    'account.set-development',
    developmentChange,
    input,
    async (_client, { accountId, development }) => {
      refuseOwnAccount(actor, accountId)
      if (development && !deps.isSandbox) throw new OfficeError('only_in_sandbox', { field: 'development' })
      return { development }
    },
  )
}

/**
 * Has the gateway refuse an account's keys at once (of a reseller, those of its customers as well), or serve them again.
 * What the operator has disabled, a reseller's people do not enable.
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `own_account`, `disabled_by_operator`
 */
export function setAccountAccess(
  deps: AccountDeps,
  actor: Actor,
  input: z.input<typeof accessChange>,
): Promise<ChangeableAccount> {
  const action = input.disabled ? 'account.disable' : 'account.enable'
  return change(deps, actor, action, accessChange, input, async (client, { accountId, disabled }, before) => {
    refuseOwnAccount(actor, accountId)
    if (disabled) return { disabledAt: before.disabledAt ?? deps.clock.now() }
    if (before.disabledAt !== null) await refuseIfOperatorDisabled(client, actor, accountId)
    return { disabledAt: null }
  })
}

function refuseOwnAccount(actor: Actor, accountId: string): void {
  if (isOwnAccount(actor, accountId)) throw new OfficeError('own_account', { field: 'accountId' })
}

/** Whoever disabled it last stands in the audit log; where nobody does, it was not the reseller. */
async function refuseIfOperatorDisabled(client: ClientBase, actor: Actor, accountId: string): Promise<void> {
  if (actor.side === 'OPERATOR') return
  const { rows } = await client.query<{ reseller_id: string | null }>(
    `SELECT reseller_id FROM audit_entry
     WHERE subject_kind = 'account' AND subject_id = $1 AND action = 'account.disable' AND outcome = 'DONE'
     ORDER BY seq DESC LIMIT 1`,
    [accountId],
  )
  if (rows[0]?.reseller_id !== actor.resellerId) throw new OfficeError('disabled_by_operator', { field: 'accountId' })
}

const COLUMNS: Readonly<Record<keyof Changes, string>> = {
  name: 'name',
  planId: 'plan_id',
  development: 'development',
  disabledAt: 'disabled_at',
}

/** What is as it was asked for already is not changed, and nothing is written down. */
function change<Schema extends z.ZodType<{ accountId: string; reason: string | null }>>(
  deps: AccountDeps,
  actor: Actor,
  action: string,
  schema: Schema,
  input: z.input<Schema>,
  decide: (client: ClientBase, asked: z.output<Schema>, before: ChangeableAccount) => Promise<Changes>,
): Promise<ChangeableAccount> {
  const named = input as { accountId: string; reason?: string | null }
  const subject = { kind: 'account', id: named.accountId, accountId: named.accountId }
  const deed = { permission: 'change accounts', action, reason: named.reason ?? null, subject } as const
  return actAs(deps, actor, deed, async (client) => {
    const asked = readInput(schema, input)
    const before = await lockAccount(client, asked.accountId)
    const changes = await decide(client, asked, before)
    const fields = (Object.keys(changes) as (keyof Changes)[]).filter((field) => changes[field] !== before[field])
    if (fields.length === 0) return { result: before, change: null }
    const after: ChangeableAccount = { ...before, ...changes }
    const sets = fields.map((field, index) => `${COLUMNS[field]} = $${index + 2}`)
    // The database tells every serving process, which asks anew who a key belongs to.
    await client.query(`UPDATE account SET ${sets.join(', ')} WHERE id = $1`, [
      asked.accountId,
      ...fields.map((field) => (field === 'disabledAt' ? timeOf(after.disabledAt) : after[field])),
    ])
    return { result: after, change: { before, after } }
  })
}

const timeOf = (time: number | null) => (time === null ? null : new Date(time))

async function lockAccount(client: ClientBase, accountId: string): Promise<ChangeableAccount> {
  const { rows } = await client.query<Omit<ChangeableAccount, 'disabledAt'> & { disabledAt: Date | null }>(
    `SELECT id, name, plan_id AS "planId", development, disabled_at AS "disabledAt"
     FROM account WHERE id = $1 FOR NO KEY UPDATE`,
    [accountId],
  )
  const [row] = rows
  if (!row) throw new OfficeError('account_not_found', { field: 'accountId' })
  return { ...row, disabledAt: row.disabledAt?.getTime() ?? null }
}
