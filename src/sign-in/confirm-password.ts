import { z } from 'zod'
import { verifyPassword } from '../accounts/password.ts'
import { giveBack, takeAttempt } from './attempts.ts'
import type { SignIn } from './create-sign-in.ts'
import { PASSWORD_LENGTH_MAX } from './password-rules.ts'

export type Confirmed = { ok: true } | { ok: false; reason: 'wrong' } | { ok: false; reason: 'locked'; retryAt: number }

/** Whether somebody who is signed in knows their password: asked before anything that an open browser must not do alone. */
export async function confirmPassword(signIn: SignIn, userId: string, given: unknown): Promise<Confirmed> {
  const password = z.string().max(PASSWORD_LENGTH_MAX).safeParse(given)
  if (!password.success) return { ok: false, reason: 'wrong' }
  const taken = await takeAttempt(signIn, 'confirmation', userId)
  if (!taken.ok) return { ok: false, reason: 'locked', retryAt: taken.retryAt }
  const { rows } = await signIn.pool.query<{ password_hash: string | null }>(
    `SELECT password_hash FROM sign_in_method WHERE user_id = $1 AND provider_id = 'credential'`,
    [userId],
  )
  const hash = rows[0]?.password_hash
  if (!hash || !(await verifyPassword(password.data, hash))) return { ok: false, reason: 'wrong' }
  await giveBack(signIn.pool, taken)
  return { ok: true }
}
