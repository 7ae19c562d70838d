import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { type Actor, MEMBER_ROLES, type MemberRole } from '../accounts/actor.ts'
import { type ActingDeps, actAs } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { id, readInput, reason } from './read-input.ts'
import { accountWithin } from './scope.ts'

const MEMBERS_SHOWN_MAX = 500

const roleChange = z.strictObject({
  accountId: id,
  userId: id,
  role: z.enum(MEMBER_ROLES, { error: `must be one of ${MEMBER_ROLES.join(', ')}` }),
  reason,
})
const removal = z.strictObject({ accountId: id, userId: id, reason })

export interface AccountMember {
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: MemberRole
  readonly disabledAt: Date | null
  readonly memberSince: Date
}

/**
 * Who is a member of an account, the oldest first.
 * @throws OfficeError `account_not_found`
 */
export async function listMembers(
  client: ClientBase | Pool,
  actor: Actor,
  accountId: string,
): Promise<AccountMember[]> {
  await accountWithin(client, actor, accountId)
  const { rows } = await client.query<AccountMember>(
    `SELECT person.id AS "userId", person.name, person.email, membership.role, person.disabled_at AS "disabledAt",
            membership.created_at AS "memberSince"
     FROM membership JOIN "user" person ON person.id = membership.user_id
     WHERE membership.account_id = $1 ORDER BY membership.created_at, membership.id LIMIT ${MEMBERS_SHOWN_MAX}`,
    [accountId],
  )
  return rows
}

/**
 * Gives a member another role. The last owner stays one.
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `person_not_found`, `last_owner`
 */
export function changeMemberRole(deps: ActingDeps, actor: Actor, input: z.input<typeof roleChange>): Promise<void> {
  return change(deps, actor, 'member.change-role', roleChange, input, ({ role }) => role)
}

/**
 * Removes a member; their person and their places elsewhere stay. The last owner stays.
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `person_not_found`, `last_owner`
 */
export function removeMember(deps: ActingDeps, actor: Actor, input: z.input<typeof removal>): Promise<void> {
  return change(deps, actor, 'member.remove', removal, input, () => null)
}

/** @param roleOf what they are to be; null = no member any more */
function change<Schema extends z.ZodType<{ accountId: string; userId: string; reason: string | null }>>(
  deps: ActingDeps,
  actor: Actor,
  action: string,
  schema: Schema,
  input: z.input<Schema>,
  roleOf: (asked: z.output<Schema>) => MemberRole | null,
): Promise<void> {
  const named = input as { accountId: string; userId: string; reason?: string | null }
  const subject = { kind: 'membership', id: named.userId, accountId: named.accountId }
  const deed = { permission: 'invite people', action, reason: named.reason ?? null, subject } as const
  return actAs(deps, actor, deed, async (client) => {
    const asked = readInput(schema, input)
    const { accountId, userId } = asked
    const members = await lockMembers(client, accountId)
    const role = members.get(userId)
    if (!role) throw new OfficeError('person_not_found', { field: 'userId' })
    const next = roleOf(asked)
    if (next === role) return { result: undefined, change: null }
    const owners = [...members.values()].filter((one) => one === 'OWNER').length
    if (role === 'OWNER' && owners === 1) throw new OfficeError('last_owner', { field: 'userId' })
    if (next === null) {
      await client.query('DELETE FROM membership WHERE account_id = $1 AND user_id = $2', [accountId, userId])
    } else {
      await client.query('UPDATE membership SET role = $3 WHERE account_id = $1 AND user_id = $2', [
        ...[accountId, userId, next],
      ])
    }
    const after = next === null ? null : { accountId, userId, role: next }
    return { result: undefined, change: { before: { accountId, userId, role }, after } }
  })
}

/** Two owners who remove each other at once wait here for each other. */
async function lockMembers(client: ClientBase, accountId: string): Promise<Map<string, MemberRole>> {
  const { rows } = await client.query<{ user_id: string; role: MemberRole }>(
    'SELECT user_id, role FROM membership WHERE account_id = $1 ORDER BY id FOR UPDATE',
    [accountId],
  )
  return new Map(rows.map(({ user_id, role }) => [user_id, role]))
}
