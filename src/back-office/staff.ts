import type { ClientBase } from 'pg'
import { z } from 'zod'
import { type Actor, STAFF_ROLES, type StaffRole } from '../accounts/actor.ts'
import { type ActingDeps, actAs, requireMay } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { flag, id, readInput, reason } from './read-input.ts'

const PEOPLE_SHOWN_MAX = 500

const roleChange = z.strictObject({
  userId: id,
  /** Null = no longer of the staff. */
  staffRole: z.enum(STAFF_ROLES, { error: `must be one of ${STAFF_ROLES.join(', ')}` }).nullable(),
  reason,
})
const accessChange = z.strictObject({ userId: id, disabled: flag, reason })

/** Times in milliseconds since the epoch. */
export interface StaffMember {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly staffRole: StaffRole | null
  readonly disabledAt: number | null
}

const COLUMNS = 'id, name, email, staff_role AS "staffRole", disabled_at AS "disabledAt"'
type Row = Omit<StaffMember, 'disabledAt'> & { disabledAt: Date | null }
const memberOf = (row: Row): StaffMember => ({ ...row, disabledAt: row.disabledAt?.getTime() ?? null })

/**
 * The operator's people, disabled ones included.
 * @throws OfficeError `not_allowed`
 */
export async function listStaff(deps: ActingDeps, actor: Actor): Promise<StaffMember[]> {
  await requireMay(deps, actor, 'manage staff', { kind: 'user', id: null, accountId: null }, 'staff.list')
  const { rows } = await deps.pool.query<Row>(
    `SELECT ${COLUMNS} FROM "user" WHERE staff_role IS NOT NULL ORDER BY staff_role, name, id LIMIT ${PEOPLE_SHOWN_MAX}`,
  )
  return rows.map(memberOf)
}

/**
 * Gives somebody a role of the staff, another one, or none. Never one's own, and never the last administrator's.
 * @throws OfficeError `not_allowed`, `invalid_request`, `person_not_found`, `not_oneself`, `last_admin`
 */
export function changeStaffRole(
  deps: ActingDeps,
  actor: Actor,
  input: z.input<typeof roleChange>,
): Promise<StaffMember> {
  return change(deps, actor, 'staff.change-role', roleChange, input, ({ staffRole }) => ({ staffRole }))
}

/**
 * Ends somebody's access at once, wherever they are signed in, or lets them sign in again.
 * @throws OfficeError `not_allowed`, `invalid_request`, `person_not_found`, `not_oneself`, `last_admin`
 */
export function setPersonAccess(
  deps: ActingDeps,
  actor: Actor,
  input: z.input<typeof accessChange>,
): Promise<StaffMember> {
  const action = input.disabled ? 'person.disable' : 'person.enable'
  return change(deps, actor, action, accessChange, input, ({ disabled }, before) => ({
    disabledAt: disabled ? (before.disabledAt ?? deps.clock.now()) : null,
  }))
}

function change<Schema extends z.ZodType<{ userId: string; reason: string | null }>>(
  deps: ActingDeps,
  actor: Actor,
  action: string,
  schema: Schema,
  input: z.input<Schema>,
  decide: (asked: z.output<Schema>, before: StaffMember) => Partial<StaffMember>,
): Promise<StaffMember> {
  const named = input as { userId: string; reason?: string | null }
  const subject = { kind: 'user', id: named.userId, accountId: null }
  const deed = { permission: 'manage staff', action, reason: named.reason ?? null, subject } as const
  return actAs(deps, actor, deed, async (client) => {
    const asked = readInput(schema, input)
    if (asked.userId === actor.userId) throw new OfficeError('not_oneself', { field: 'userId' })
    const adminIds = await lockAdministrators(client)
    const before = await lockPerson(client, asked.userId)
    const after: StaffMember = { ...before, ...decide(asked, before) }
    if (before.staffRole === after.staffRole && before.disabledAt === after.disabledAt) {
      return { result: before, change: null }
    }
    const remains = after.staffRole === 'ADMIN' && after.disabledAt === null
    if (!remains && adminIds.every((adminId) => adminId === asked.userId) && adminIds.length > 0) {
      throw new OfficeError('last_admin', { field: 'userId' })
    }
    await write(client, deps, after)
    return { result: after, change: { before, after } }
  })
}

/** Two administrators who demote each other at once wait here for each other. */
async function lockAdministrators(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM "user" WHERE staff_role = 'ADMIN' AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
  )
  return rows.map((row) => row.id)
}

async function lockPerson(client: ClientBase, userId: string): Promise<StaffMember> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM "user" WHERE id = $1 FOR NO KEY UPDATE`, [userId])
  if (!rows[0]) throw new OfficeError('person_not_found', { field: 'userId' })
  return memberOf(rows[0])
}

async function write(client: ClientBase, { clock }: ActingDeps, after: StaffMember): Promise<void> {
  const disabledAt = after.disabledAt === null ? null : new Date(after.disabledAt)
  await client.query('UPDATE "user" SET staff_role = $2, disabled_at = $3, updated_at = $4 WHERE id = $1', [
    ...[after.id, after.staffRole, disabledAt, new Date(clock.now())],
  ])
  if (disabledAt) await client.query('DELETE FROM session WHERE user_id = $1', [after.id])
}
