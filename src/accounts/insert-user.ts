import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { MemberRole, StaffRole } from './actor.ts'

export interface UserRow {
  /** In lower case. */
  email: string
  name: string
  emailVerified: boolean
  passwordHash: string
  staffRole: StaffRole | null
}

/**
 * Writes a person with their password in the caller's transaction.
 * @returns their id; null = the address is somebody's already
 */
export async function insertUser(client: ClientBase, clock: Clock, user: UserRow): Promise<string | null> {
  const id = uuidV7(clock)
  const now = new Date(clock.now())
  const { rowCount } = await client.query(
    `INSERT INTO "user" (id, email, name, email_verified, staff_role, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (email) DO NOTHING`,
    [id, user.email, user.name, user.emailVerified, user.staffRole, now],
  )
  if (rowCount === 0) return null
  await client.query(
    `INSERT INTO sign_in_method (id, user_id, provider_id, subject_id, password_hash, created_at, updated_at)
     VALUES ($1, $2, 'credential', $2::uuid::text, $3, $4, $4)`,
    [uuidV7(clock), id, user.passwordHash, now],
  )
  return id
}

/** Makes a person a member of an account, in the caller's transaction; who is one already keeps their role. */
export async function insertMembership(
  client: ClientBase,
  clock: Clock,
  { userId, accountId, role }: { userId: string; accountId: string; role: MemberRole },
): Promise<void> {
  await client.query(
    `INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (user_id, account_id) DO NOTHING`,
    [uuidV7(clock), userId, accountId, role, new Date(clock.now())],
  )
}
