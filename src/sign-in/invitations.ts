import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { MEMBER_ROLES, type MemberRole, STAFF_ROLES, type StaffRole } from '../accounts/actor.ts'
import { inTransaction } from '../db/transaction.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { queueMail } from '../mail/queue-mail.ts'
import type { SignIn } from './create-sign-in.ts'
import { email } from './fields.ts'
import { createToken, tokenHash } from './token.ts'

const DAY_MS = 86_400_000
export const INVITATION_LIFETIME_MS = 7 * DAY_MS

const input = z.object({
  email,
  to: z.union([
    z.strictObject({ accountId: z.uuid(), role: z.enum(MEMBER_ROLES) }),
    z.strictObject({ staffRole: z.enum(STAFF_ROLES) }),
  ]),
  /** Null = the program itself, such as its command line. */
  invitedById: z.uuid().nullable(),
})

export type NewInvitation = z.input<typeof input>

/**
 * Invites somebody by mail, to an account or to the staff. Whether the inviter may, the caller has decided. An earlier
 * invitation of the same address to the same place is void from then on.
 * @param inside more of the same fact, such as an audit entry, written in the same transaction
 * @returns the invitation's id
 * @throws z.ZodError for what is no address or role
 */
export async function inviteMember(
  signIn: Pick<SignIn, 'pool' | 'clock' | 'nudge'>,
  given: NewInvitation,
  inside?: (client: ClientBase, invitationId: string) => Promise<void>,
): Promise<string> {
  const { email: recipient, to, invitedById } = input.parse(given)
  const { pool, clock } = signIn
  const [accountId, role, staffRole] = 'accountId' in to ? [to.accountId, to.role, null] : [null, null, to.staffRole]
  const { id, mailId } = await inTransaction(pool, async (client) => {
    const now = new Date(clock.now())
    const expiresAt = new Date(clock.now() + INVITATION_LIFETIME_MS)
    await client.query(
      `UPDATE invitation SET revoked_at = $3 WHERE email = $1 AND account_id IS NOT DISTINCT FROM $2::uuid
       AND accepted_at IS NULL AND revoked_at IS NULL`,
      [recipient, accountId, now],
    )
    const { token, hash } = createToken()
    const id = uuidV7(clock)
    await client.query(
      `INSERT INTO invitation (id, email, token_hash, account_id, role, staff_role, invited_by_id, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, recipient, hash, accountId, role, staffRole, invitedById, now, expiresAt],
    )
    const invitation = await readInvitation(client, signIn, token)
    const mailId = await queueMail(client, clock, {
      accountId: null,
      recipient,
      template: 'invitation',
      data: {
        to: invitation?.accountName ?? null,
        invitedBy: invitation?.invitedBy ?? null,
        expiresAt: expiresAt.toISOString(),
        path: `/invitations/${token}`,
      },
      dedupeKey: `invitation:${id}`,
    })
    await inside?.(client, id)
    return { id, mailId }
  })
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
  return id
}

export interface OpenInvitation {
  id: string
  email: string
  accountId: string | null
  /** Null = the operator's staff. */
  accountName: string | null
  role: MemberRole | null
  staffRole: StaffRole | null
  /** The inviter's name. */
  invitedBy: string | null
  /** Whether the address is a person's who can sign in already. */
  isKnown: boolean
}

/** An invitation that could be accepted now; null = accepted, revoked, expired, or none of ours. */
export async function readInvitation(
  client: Pool | ClientBase,
  { clock }: Pick<SignIn, 'clock'>,
  token: string,
): Promise<OpenInvitation | null> {
  const { rows } = await client.query<OpenInvitation>(
    `SELECT invitation.id, invitation.email, account_id AS "accountId", account.name AS "accountName", role,
            invitation.staff_role AS "staffRole", inviter.name AS "invitedBy", invitee.id IS NOT NULL AS "isKnown"
     FROM invitation LEFT JOIN account ON account.id = account_id LEFT JOIN "user" AS inviter ON inviter.id = invited_by_id
     LEFT JOIN "user" AS invitee ON invitee.email = invitation.email
     WHERE token_hash = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2`,
    [tokenHash(token), new Date(clock.now())],
  )
  return rows[0] ?? null
}

/** Takes an invitation back that nobody has accepted. @returns whether there was one */
export async function revokeInvitation(client: Pool | ClientBase, { clock }: Pick<SignIn, 'clock'>, id: string) {
  const { rowCount } = await client.query(
    'UPDATE invitation SET revoked_at = $2 WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL',
    [id, new Date(clock.now())],
  )
  return rowCount === 1
}
