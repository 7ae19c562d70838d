import type { ClientBase } from 'pg'
import { z } from 'zod'
import { insertMembership, insertUser } from '../accounts/insert-user.ts'
import { hashPassword } from '../accounts/password.ts'
import type { Person } from '../accounts/person.ts'
import { inTransaction } from '../db/transaction.ts'
import type { SignIn } from './create-sign-in.ts'
import { shortName } from './fields.ts'
import { type OpenInvitation, readInvitation } from './invitations.ts'
import { passwordProblem } from './password-rules.ts'
import { tokenHash } from './token.ts'

export type InvitationField = 'name' | 'password'

export type Accepted =
  | { ok: true; email: string; isNew: boolean }
  /** Accepted, revoked, expired, or none of ours. */
  | { ok: false; reason: 'link' }
  /** Signed in as somebody else than was invited. */
  | { ok: false; reason: 'wrong person'; email: string }
  /** The address is a person's: they accept it signed in. */
  | { ok: false; reason: 'sign in'; email: string }
  | { ok: false; reason: 'invalid'; problems: Partial<Record<InvitationField, string>> }

/**
 * Accepts an invitation, once. Somebody new chooses a name and a password, and their address is confirmed with it: only
 * its owner has the link. Somebody known has to be signed in, so that a link that strayed opens nothing.
 * @param person who is signed in; null = nobody
 */
export async function acceptInvitation(
  signIn: SignIn,
  token: string,
  person: Person | null,
  given: { name?: unknown; password?: unknown },
): Promise<Accepted> {
  const invitation = await readInvitation(signIn.pool, signIn, token)
  if (invitation === null) return { ok: false, reason: 'link' }
  const { email } = invitation
  if (person !== null && person.email !== email) return { ok: false, reason: 'wrong person', email }
  if (person === null && invitation.isKnown) return { ok: false, reason: 'sign in', email }
  const newPerson = person === null ? await newPersonOf(email, given) : null
  if (newPerson !== null && !newPerson.ok) return newPerson
  return inTransaction(signIn.pool, async (client): Promise<Accepted> => {
    const userId = newPerson ? await insertUser(client, signIn.clock, newPerson.row) : (person?.userId ?? null)
    if (userId === null) return { ok: false, reason: 'sign in', email }
    if (!(await take(client, signIn, token, userId))) throw new LinkUsed()
    await giveRole(client, signIn, userId, invitation)
    return { ok: true, email, isNew: newPerson !== null }
  }).catch((error): Accepted => {
    if (error instanceof LinkUsed) return { ok: false, reason: 'link' }
    throw error
  })
}

/** Somebody else was faster; the person that was about to be made is undone with it. */
class LinkUsed extends Error {}

async function newPersonOf(email: string, given: { name?: unknown; password?: unknown }) {
  const name = shortName.safeParse(given.name)
  const password = z.string().catch('').parse(given.password)
  const problems: Partial<Record<InvitationField, string>> = {}
  if (!name.success) problems.name = 'Enter your name, at most 100 characters.'
  const weak = passwordProblem(password, { email, name: name.data ?? '' })
  if (weak !== null) problems.password = weak
  if (!name.success || weak !== null) return { ok: false as const, reason: 'invalid' as const, problems }
  const passwordHash = await hashPassword(password)
  return { ok: true as const, row: { email, name: name.data, emailVerified: true, passwordHash, staffRole: null } }
}

async function take(client: ClientBase, { clock }: SignIn, token: string, userId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE invitation SET accepted_at = $3, accepted_by_id = $2
     WHERE token_hash = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3`,
    [tokenHash(token), userId, new Date(clock.now())],
  )
  return rowCount === 1
}

async function giveRole(client: ClientBase, { clock }: SignIn, userId: string, invitation: OpenInvitation) {
  const { accountId, role, staffRole } = invitation
  if (staffRole !== null) {
    await client.query('UPDATE "user" SET staff_role = $2, updated_at = $3 WHERE id = $1', [
      ...[userId, staffRole, new Date(clock.now())],
    ])
  } else if (accountId !== null && role !== null) {
    await insertMembership(client, clock, { userId, accountId, role })
  }
}
