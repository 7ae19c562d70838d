import type { Pool } from 'pg'
import type { MemberRole } from '../accounts/actor.ts'
import type { SignIn } from './create-sign-in.ts'

/** Of one account at once: more are no team, but mail to strangers. */
export const OPEN_INVITATIONS_MAX = 50

export interface AccountInvitation {
  readonly id: string
  readonly email: string
  readonly role: MemberRole
  readonly expiresAt: Date
}

/** Invitations to an account that could be accepted now, the oldest first. */
export async function listInvitations(
  { pool, clock }: Pick<SignIn, 'pool' | 'clock'>,
  accountId: string,
): Promise<AccountInvitation[]> {
  const { rows } = await pool.query<AccountInvitation>(
    `SELECT id, email, role, expires_at AS "expiresAt" FROM invitation
     WHERE account_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 ORDER BY id LIMIT 500`,
    [accountId, new Date(clock.now())],
  )
  return rows
}

/** Takes an account's own invitation back. @returns whether there was one to take back */
export async function revokeAccountInvitation(
  { pool, clock }: { pool: Pool; clock: SignIn['clock'] },
  accountId: string,
  invitationId: string,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE invitation SET revoked_at = $3
     WHERE id = $1 AND account_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL`,
    [invitationId, accountId, new Date(clock.now())],
  )
  return rowCount === 1
}
