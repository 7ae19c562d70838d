import type { Pool } from 'pg'
import type { Clock } from '../../../lib/clock.ts'

const SHOWN_MAX = 100

export interface ListedInvitation {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/**
 * Who was invited and has not come yet.
 * @param accountId to which account; null = to the staff. That it is the reader's, the caller has decided
 */
export async function openInvitations(pool: Pool, clock: Clock, accountId: string | null): Promise<ListedInvitation[]> {
  const { rows } = await pool.query<ListedInvitation>(
    `SELECT id, email, coalesce(role::text, staff_role::text) AS role, created_at AS "createdAt", expires_at AS "expiresAt"
     FROM invitation WHERE account_id IS NOT DISTINCT FROM $1::uuid AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2
     ORDER BY created_at DESC, id DESC LIMIT ${SHOWN_MAX}`,
    [accountId, new Date(clock.now())],
  )
  return rows
}
