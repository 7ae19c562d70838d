import { z } from 'zod'
import { hashPassword } from '../accounts/password.ts'
import type { Person } from '../accounts/person.ts'
import { inTransaction } from '../db/transaction.ts'
import { type Confirmed, confirmPassword } from './confirm-password.ts'
import type { SignIn } from './create-sign-in.ts'
import { voidLinks } from './one-time-link.ts'
import { passwordProblem } from './password-rules.ts'
import { queueSecurityNotice } from './security-notice.ts'
import { endSessions } from './sessions.ts'
import { writePassword } from './write-password.ts'

export type PasswordChanged = Confirmed | { ok: false; reason: 'weak'; problem: string }

/** Changes a password that its owner knows. All their other sessions end with it. */
export async function changePassword(
  signIn: SignIn,
  person: Person,
  sessionId: string,
  given: { current: unknown; next: unknown },
): Promise<PasswordChanged> {
  const next = z.string().catch('').parse(given.next)
  const problem = passwordProblem(next, person)
  if (problem !== null) return { ok: false, reason: 'weak', problem }
  const confirmed = await confirmPassword(signIn, person.userId, given.current)
  if (!confirmed.ok) return confirmed
  const { pool, clock } = signIn
  const hash = await hashPassword(next)
  const mailId = await inTransaction(pool, async (client) => {
    await writePassword(client, clock, person.userId, hash)
    await voidLinks(client, clock, person.userId, 'RESET_PASSWORD')
    await endSessions(client, person.userId, sessionId)
    return queueSecurityNotice(client, signIn, person.email, 'Your password was changed.')
  })
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
  return { ok: true }
}
