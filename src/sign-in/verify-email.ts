import type { ClientBase } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import { queueMail } from '../mail/queue-mail.ts'
import { takeAttempt } from './attempts.ts'
import type { SignIn } from './create-sign-in.ts'
import { issueLink, takeLink } from './one-time-link.ts'

/** Sends a new link to somebody who has not confirmed their address yet; to nobody else, and not too often. */
export async function sendVerification(signIn: SignIn, email: string): Promise<void> {
  const taken = await takeAttempt(signIn, 'mail', email)
  if (!taken.ok) return
  const mailId = await inTransaction(signIn.pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM "user" WHERE email = $1 AND NOT email_verified AND disabled_at IS NULL FOR UPDATE',
      [email],
    )
    return rows[0] ? queueVerification(client, signIn, rows[0].id, email) : null
  })
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
}

/** Writes the mail with a new link in the caller's transaction. @returns the mail's id */
export async function queueVerification(
  client: ClientBase,
  { clock }: SignIn,
  userId: string,
  recipient: string,
): Promise<string | null> {
  const { id, token, expiresAt } = await issueLink(client, clock, userId, 'VERIFY_EMAIL')
  return queueMail(client, clock, {
    accountId: null,
    recipient,
    template: 'verify-email',
    data: { expiresAt: expiresAt.toISOString(), path: `/verify-email?token=${token}` },
    dedupeKey: `verify-email:${id}`,
  })
}

/** Confirms an address, once. @returns the address; null = the link cannot be used (any more) */
export function verifyEmail({ pool, clock }: SignIn, token: string): Promise<string | null> {
  return inTransaction(pool, async (client) => {
    const userId = await takeLink(client, clock, token, 'VERIFY_EMAIL')
    if (userId === null) return null
    const { rows } = await client.query<{ email: string }>(
      `UPDATE "user" SET email_verified = true, updated_at = $2 WHERE id = $1 AND disabled_at IS NULL RETURNING email`,
      [userId, new Date(clock.now())],
    )
    return rows[0]?.email ?? null
  })
}
