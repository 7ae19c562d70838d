import { z } from 'zod'
import { forgetAttempts, giveBack, takeAttempt } from './attempts.ts'
import { headersOf, type SignIn } from './create-sign-in.ts'
import { email } from './fields.ts'
import { PASSWORD_LENGTH_MAX } from './password-rules.ts'
import { refusalOf } from './refusal.ts'
import type { Visit } from './sign-in-deps.ts'
import { sendVerification } from './verify-email.ts'

const input = z.object({ email, password: z.string().min(1).max(PASSWORD_LENGTH_MAX) })

export type SignedIn =
  /** `cookies` go to the browser as they are. */
  | { ok: true; next: 'home' | 'second factor'; cookies: string[] }
  | { ok: false; reason: 'wrong' }
  /** Too many failures; `retryAt` in milliseconds since the epoch. */
  | { ok: false; reason: 'locked'; retryAt: number }
  /** The password was right, and the address is yet to be confirmed: a mail is on its way. */
  | { ok: false; reason: 'unverified' }

/**
 * Signs somebody in, or leads them to their second factor. What a wrong password, an unknown address and a disabled person
 * are told is the same, after the same work.
 */
export async function signInByPassword(signIn: SignIn, visit: Visit, given: unknown): Promise<SignedIn> {
  const parsed = input.safeParse(given)
  if (!parsed.success) return { ok: false, reason: 'wrong' }
  const fromNetwork = await takeAttempt(signIn, 'network', visit.ip)
  if (!fromNetwork.ok) return { ok: false, reason: 'locked', retryAt: fromNetwork.retryAt }
  const ofAddress = await takeAttempt(signIn, 'password', parsed.data.email)
  if (!ofAddress.ok) return { ok: false, reason: 'locked', retryAt: ofAddress.retryAt }
  try {
    const { headers, response } = await signIn.auth.api.signInEmail({
      body: parsed.data,
      headers: headersOf(withoutSession(visit)),
      returnHeaders: true,
    })
    await giveBack(signIn.pool, fromNetwork)
    await forgetAttempts(signIn.pool, 'password', parsed.data.email)
    const next = 'twoFactorRedirect' in response ? 'second factor' : 'home'
    return { ok: true, next, cookies: headers.getSetCookie() }
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === 'INVALID_EMAIL_OR_PASSWORD') return { ok: false, reason: 'wrong' }
    if (refusal !== 'EMAIL_NOT_VERIFIED') throw error
    await sendVerification(signIn, parsed.data.email)
    return { ok: false, reason: 'unverified' }
  }
}

/** A sign-in knows nothing of who was there before. */
export function withoutSession(visit: Visit): Visit {
  const cookie = visit.cookie
    ?.split(';')
    .filter((pair) => !pair.includes('farebox.session_token='))
    .join(';')
  return { ...visit, cookie }
}
