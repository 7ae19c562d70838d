import { z } from 'zod'
import { hashPassword } from '../accounts/password.ts'
import { inTransaction } from '../db/transaction.ts'
import { queueMail } from '../mail/queue-mail.ts'
import { forgetAttempts, takeAttempt } from './attempts.ts'
import type { SignIn } from './create-sign-in.ts'
import { email } from './fields.ts'
import { issueLink, readLink, takeLink, voidLinks } from './one-time-link.ts'
import { passwordProblem } from './password-rules.ts'
import { queueSecurityNotice } from './security-notice.ts'
import { endSessions } from './sessions.ts'
import type { Visit } from './sign-in-deps.ts'
import { writePassword } from './write-password.ts'

/** Mails a link to choose a new password, if there is somebody to mail it to; the answer is the same either way. */
export async function requestPasswordReset(signIn: SignIn, visit: Visit, given: unknown): Promise<void> {
  const address = email.safeParse(given)
  if (!address.success) return
  if (!(await takeAttempt(signIn, 'networkMail', visit.ip)).ok) return
  if (!(await takeAttempt(signIn, 'mail', address.data)).ok) return
  const { pool, clock } = signIn
  const mailId = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM "user" WHERE email = $1 AND disabled_at IS NULL FOR UPDATE',
      [address.data],
    )
    if (!rows[0]) return null
    const { id, token, expiresAt } = await issueLink(client, clock, rows[0].id, 'RESET_PASSWORD')
    return queueMail(client, clock, {
      accountId: null,
      recipient: address.data,
      template: 'reset-password',
      data: { expiresAt: expiresAt.toISOString(), path: `/reset-password?token=${token}` },
      dedupeKey: `reset-password:${id}`,
    })
  })
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
}

export type PasswordReset =
  | { ok: true; email: string }
  | { ok: false; reason: 'link' }
  | { ok: false; reason: 'password'; problem: string }

/**
 * Sets a new password by a mailed link, once. All sessions end, and the address is confirmed with it: only its owner has
 * the link. The second factor stays: a mailbox alone opens nothing that has one.
 */
export async function resetPassword(signIn: SignIn, token: string, given: unknown): Promise<PasswordReset> {
  const { pool, clock } = signIn
  const person = await readLink(pool, clock, token, 'RESET_PASSWORD')
  if (person === null) return { ok: false, reason: 'link' }
  const password = z.string().catch('').parse(given)
  const problem = passwordProblem(password, person)
  if (problem !== null) return { ok: false, reason: 'password', problem }
  const passwordHash = await hashPassword(password)
  const done = await inTransaction(pool, async (client) => {
    const userId = await takeLink(client, clock, token, 'RESET_PASSWORD')
    if (userId === null) return null
    await writePassword(client, clock, userId, passwordHash)
    await client.query('UPDATE "user" SET email_verified = true WHERE id = $1', [userId])
    await voidLinks(client, clock, userId, 'VERIFY_EMAIL')
    await endSessions(client, userId, null)
    return { mailId: await queueSecurityNotice(client, signIn, person.email, 'Your password was set anew.') }
  })
  if (done === null) return { ok: false, reason: 'link' }
  await forgetAttempts(pool, 'password', person.email)
  if (done.mailId !== null) signIn.nudge({ job: 'mail', mailId: done.mailId })
  return { ok: true, email: person.email }
}
