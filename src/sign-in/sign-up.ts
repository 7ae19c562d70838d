import { z } from 'zod'
import { insertUser } from '../accounts/insert-user.ts'
import { openCustomer } from '../accounts/open-customer.ts'
import { hashPassword } from '../accounts/password.ts'
import { inTransaction } from '../db/transaction.ts'
import { queueMail } from '../mail/queue-mail.ts'
import { takeAttempt } from './attempts.ts'
import type { SignIn } from './create-sign-in.ts'
import { email, shortName } from './fields.ts'
import { passwordProblem } from './password-rules.ts'
import type { Visit } from './sign-in-deps.ts'
import { queueVerification } from './verify-email.ts'

const input = z.object({
  name: shortName,
  company: shortName,
  email,
  password: z.string(),
})

export type SignUpField = 'name' | 'company' | 'email' | 'password'

export type SignedUp =
  /** A mail is on its way: to confirm the address, or to say that it is known already. */
  | { ok: true; email: string }
  | { ok: false; reason: 'invalid'; problems: Partial<Record<SignUpField, string>> }
  | { ok: false; reason: 'too many'; retryAt: number }

const PROBLEMS: Readonly<Record<Exclude<SignUpField, 'password'>, string>> = {
  name: 'Enter your name, at most 100 characters.',
  company: 'Enter the name of your company or project, at most 100 characters.',
  email: 'Enter an e-mail address such as name@example.com.',
}

/**
 * A new customer: the person, their account with its wallet and first project, and their ownership, all or nothing. For an
 * address that is somebody's already nothing is made, and its owner is told by mail; whoever asked sees no difference.
 */
export async function signUp(signIn: SignIn, visit: Visit, given: unknown): Promise<SignedUp> {
  const parsed = input.safeParse(given)
  const problems = problemsOf(parsed, given)
  if (!parsed.success || Object.keys(problems).length > 0) return { ok: false, reason: 'invalid', problems }
  const fromNetwork = await takeAttempt(signIn, 'networkMail', visit.ip)
  if (!fromNetwork.ok) return { ok: false, reason: 'too many', retryAt: fromNetwork.retryAt }
  const toAddress = await takeAttempt(signIn, 'mail', parsed.data.email)
  if (!toAddress.ok) return { ok: false, reason: 'too many', retryAt: toAddress.retryAt }
  const { clock, currency, isSandbox } = signIn
  const { name, company, email: address, password } = parsed.data
  const passwordHash = await hashPassword(password)
  const mailId = await inTransaction(signIn.pool, async (client) => {
    const person = { email: address, name, emailVerified: false, passwordHash, staffRole: null }
    const ownerId = await insertUser(client, clock, person)
    if (ownerId === null) {
      return queueMail(client, clock, {
        accountId: null,
        recipient: address,
        template: 'sign-up-again',
        data: { path: '/sign-in' },
        dedupeKey: `sign-up-again:${toAddress.attemptId}`,
      })
    }
    await openCustomer(client, clock, { name: company, currency, ownerId, development: isSandbox })
    return queueVerification(client, signIn, ownerId, address)
  })
  if (mailId !== null) signIn.nudge({ job: 'mail', mailId })
  return { ok: true, email: address }
}

function problemsOf(parsed: ReturnType<typeof input.safeParse>, given: unknown): Partial<Record<SignUpField, string>> {
  const problems: Partial<Record<SignUpField, string>> = {}
  for (const { path } of parsed.error?.issues ?? []) {
    const field = path[0] as SignUpField
    problems[field] = field === 'password' ? 'Choose a password.' : PROBLEMS[field]
  }
  const typed = z.object({ email: z.string(), name: z.string(), password: z.string() }).safeParse(given)
  const weak = typed.success ? passwordProblem(typed.data.password, typed.data) : null
  if (weak !== null) problems.password = weak
  return problems
}
