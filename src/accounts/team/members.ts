import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import type { MemberRole } from '../actor.ts'

const MEMBERS_SHOWN_MAX = 500

export interface Member {
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: MemberRole
  readonly since: Date
}

export type MemberChange = { ok: true } | { ok: false; reason: 'not a member' | 'last owner' }

/** Who is a member of an account, the oldest first. */
export async function listMembers(pool: Pool, accountId: string): Promise<Member[]> {
  const { rows } = await pool.query<Member>(
    `SELECT person.id AS "userId", person.name, person.email, membership.role, membership.created_at AS since
     FROM membership JOIN "user" person ON person.id = membership.user_id
     WHERE membership.account_id = $1 ORDER BY membership.created_at, membership.id LIMIT ${MEMBERS_SHOWN_MAX}`,
    [accountId],
  )
  return rows
}

/** Gives a member another role; the last owner stays one. Whether the caller may, it has decided. */
export function changeMemberRole(
  pool: Pool,
  { accountId, userId, role }: { accountId: string; userId: string; role: MemberRole },
): Promise<MemberChange> {
  return change(pool, accountId, userId, role)
}

/** Removes a member; their person, and their places elsewhere, stay. The last owner stays. */
export function removeMember(
  pool: Pool,
  { accountId, userId }: { accountId: string; userId: string },
): Promise<MemberChange> {
  return change(pool, accountId, userId, null)
}

/** @param next what they are to be; null = no member any more */
function change(pool: Pool, accountId: string, userId: string, next: MemberRole | null): Promise<MemberChange> {
  return inTransaction(pool, async (client) => {
    const members = await lockMembers(client, accountId)
    const role = members.get(userId.toLowerCase())
    if (role === undefined) return { ok: false, reason: 'not a member' }
    const owners = [...members.values()].filter((one) => one === 'OWNER').length
    if (role === 'OWNER' && next !== 'OWNER' && owners === 1) return { ok: false, reason: 'last owner' }
    if (next === null) {
      await client.query('DELETE FROM membership WHERE account_id = $1 AND user_id = $2', [accountId, userId])
    } else {
      await client.query('UPDATE membership SET role = $3 WHERE account_id = $1 AND user_id = $2', [
        ...[accountId, userId, next],
      ])
    }
    return { ok: true }
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
