import { z } from 'zod'
import type { Person } from '../accounts/person.ts'
import { inTransaction } from '../db/transaction.ts'
import { giveBack, takeAttempt } from './attempts.ts'
import { normalizeBackupCode } from './backup-codes.ts'
import { type Confirmed, confirmPassword } from './confirm-password.ts'
import { headersOf, type SignIn } from './create-sign-in.ts'
import { refusalOf } from './refusal.ts'
import { queueSecurityNotice } from './security-notice.ts'
import { withoutSession } from './sign-in-by-password.ts'
import type { Visit } from './sign-in-deps.ts'

/** As authenticator apps show it; blanks in it are how people type. */
const totpCode = z
  .string()
  .transform((typed) => typed.replace(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/))
const typedText = z.string().min(1).max(50)

export type FactorTaken =
  | { ok: true; cookies: string[] }
  | { ok: false; reason: 'wrong' }
  /** The password has to be given again: too late, or too many wrong codes. */
  | { ok: false; reason: 'begin again' }
  | { ok: false; reason: 'locked' }

/** The second step of a sign-in: a code of the authenticator app, or one of the backup codes. */
export async function takeSecondFactor(
  signIn: SignIn,
  visit: Visit,
  given: { code?: unknown; backupCode?: unknown },
): Promise<FactorTaken> {
  const call = { headers: headersOf(withoutSession(visit)), returnHeaders: true as const }
  try {
    if (given.backupCode !== undefined) {
      const typed = typedText.safeParse(given.backupCode)
      if (!typed.success) return { ok: false, reason: 'wrong' }
      const { headers } = await signIn.auth.api.verifyBackupCode({
        ...call,
        body: { code: normalizeBackupCode(typed.data) },
      })
      return { ok: true, cookies: headers.getSetCookie() }
    }
    const code = totpCode.safeParse(given.code)
    if (!code.success) return { ok: false, reason: 'wrong' }
    const { headers, response } = await signIn.auth.api.verifyTOTP({ ...call, body: { code: code.data } })
    if (await isFirstUse(signIn, response.user.id, code.data)) return { ok: true, cookies: headers.getSetCookie() }
    await signIn.pool.query('DELETE FROM session WHERE token = $1', [response.token])
    return { ok: false, reason: 'begin again' }
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === 'INVALID_CODE' || refusal === 'INVALID_BACKUP_CODE') return { ok: false, reason: 'wrong' }
    if (refusal === 'ACCOUNT_TEMPORARILY_LOCKED') return { ok: false, reason: 'locked' }
    if (refusal === null) throw error
    return { ok: false, reason: 'begin again' }
  }
}

/** A code that was seen over a shoulder is worth nothing: it opens once. */
async function isFirstUse(signIn: SignIn, userId: string, code: string): Promise<boolean> {
  return (await takeAttempt(signIn, 'usedCode', `${userId} ${code}`)).ok
}

export interface FactorSetUp {
  /** What the QR code says. */
  uri: string
  /** The same to type in: base32. */
  secret: string
  /** Shown once. */
  backupCodes: string[]
}

export type FactorBegun =
  | { ok: true; setUp: FactorSetUp }
  | Exclude<Confirmed, { ok: true }>
  | { ok: false; reason: 'is set up' }

/** Begins to set a second factor up. It counts from `confirmSecondFactor` on; until then a sign-in asks for none. */
export async function beginSecondFactor(
  signIn: SignIn,
  visit: Visit,
  person: Person,
  password: unknown,
): Promise<FactorBegun> {
  if (person.secondFactor) return { ok: false, reason: 'is set up' }
  const confirmed = await confirmPassword(signIn, person.userId, password)
  if (!confirmed.ok) return confirmed
  const begun = await signIn.auth.api.enableTwoFactor({
    headers: headersOf(visit),
    body: { password: z.string().parse(password) },
  })
  const secret = new URL(begun.totpURI).searchParams.get('secret') ?? ''
  return { ok: true, setUp: { uri: begun.totpURI, secret, backupCodes: begun.backupCodes } }
}

/**
 * The app shows the right code: from now on a sign-in asks for it. The session is another one from then on.
 * @returns the cookies of the new session
 */
export async function confirmSecondFactor(
  signIn: SignIn,
  visit: Visit,
  person: Person,
  given: unknown,
): Promise<FactorTaken> {
  const code = totpCode.safeParse(given)
  if (!code.success) return { ok: false, reason: 'wrong' }
  if (person.secondFactor) return { ok: false, reason: 'begin again' }
  const taken = await takeAttempt(signIn, 'confirmation', person.userId)
  if (!taken.ok) return { ok: false, reason: 'locked' }
  try {
    const { headers } = await signIn.auth.api.verifyTOTP({
      headers: headersOf(visit),
      body: { code: code.data },
      returnHeaders: true,
    })
    await giveBack(signIn.pool, taken)
    await isFirstUse(signIn, person.userId, code.data)
    await notify(signIn, person, 'A second factor was set up: signing in takes a code of your authenticator app.')
    return { ok: true, cookies: headers.getSetCookie() }
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === 'INVALID_CODE') return { ok: false, reason: 'wrong' }
    if (refusal === null) throw error
    return { ok: false, reason: 'begin again' }
  }
}

export type FactorRemoved = Confirmed & { cookies?: string[] }

/** Removes the second factor of somebody who knows their password. @returns the cookies of the new session */
export async function removeSecondFactor(
  signIn: SignIn,
  visit: Visit,
  person: Person,
  password: unknown,
): Promise<FactorRemoved> {
  const confirmed = await confirmPassword(signIn, person.userId, password)
  if (!confirmed.ok || !person.secondFactor) return confirmed
  const { headers } = await signIn.auth.api.disableTwoFactor({
    headers: headersOf(visit),
    body: { password: z.string().parse(password) },
    returnHeaders: true,
  })
  await notify(signIn, person, 'The second factor was removed: signing in takes the password alone.')
  return { ok: true, cookies: headers.getSetCookie() }
}

async function notify(signIn: SignIn, { email }: Person, what: string): Promise<void> {
  const mailId = await inTransaction(signIn.pool, (client) => queueSecurityNotice(client, signIn, email, what))
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
}
