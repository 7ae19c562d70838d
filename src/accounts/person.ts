import type { ClientBase, Pool } from 'pg'
import type { MemberRole, StaffRole } from './actor.ts'

/** Somebody who may act, with everything that says for whom. */
export interface Person {
  userId: string
  name: string
  email: string
  emailVerified: boolean
  /** Whether their sign-in asks for a code as well. */
  secondFactor: boolean
  /** IANA; null = as their browser has it. */
  timeZone: string | null
  staffRole: StaffRole | null
  /** The oldest first. */
  memberships: readonly PersonMembership[]
}

export interface PersonMembership {
  accountId: string
  accountKind: 'CUSTOMER' | 'RESELLER'
  accountName: string
  role: MemberRole
}

/** A person as they are now; null = no such user, or a disabled one. */
export async function readPerson(client: Pool | ClientBase, userId: string): Promise<Person | null> {
  const { rows } = await client.query<Person>({
    name: 'read_person',
    text: `SELECT id AS "userId", name, email, email_verified AS "emailVerified", two_factor_enabled AS "secondFactor",
                  time_zone AS "timeZone", staff_role AS "staffRole", coalesce((
             SELECT jsonb_agg(jsonb_build_object('accountId', account.id, 'accountKind', account.kind,
                                                 'accountName', account.name, 'role', membership.role)
                              ORDER BY membership.created_at, membership.id)
             FROM membership JOIN account ON account.id = membership.account_id
             WHERE membership.user_id = "user".id), '[]') AS memberships
           FROM "user" WHERE id = $1 AND disabled_at IS NULL`,
    values: [userId],
  })
  return rows[0] ?? null
}
