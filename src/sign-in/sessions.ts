import type { ClientBase, Pool } from 'pg'
import { headersOf, type SignIn } from './create-sign-in.ts'
import { SESSION_IDLE_MS, SESSION_SEEN_MS } from './session-lifetime.ts'
import type { Visit } from './sign-in-deps.ts'

export interface OpenSession {
  id: string
  userId: string
}

/** More than anybody has; the oldest are not shown. */
const SHOWN_MAX = 50

/** The session that a visit's cookie opens, kept open by being read; null = none, or one that has ended. */
export async function readSession(signIn: SignIn, visit: Visit): Promise<OpenSession | null> {
  if (!visit.cookie?.includes('farebox.session_token=')) return null
  const found = await signIn.auth.api.getSession({ headers: headersOf(visit), query: { disableRefresh: true } })
  if (!found) return null
  const { id, userId, updatedAt, expiresAt } = found.session
  const now = signIn.clock.now()
  if (now >= expiresAt.getTime() || now - updatedAt.getTime() >= SESSION_IDLE_MS) {
    await endSession(signIn.pool, userId, id)
    return null
  }
  if (now - updatedAt.getTime() >= SESSION_SEEN_MS) {
    await signIn.pool.query('UPDATE session SET updated_at = $2 WHERE id = $1', [id, new Date(now)])
  }
  return { id, userId }
}

export interface ShownSession {
  id: string
  /** As the browser names itself. */
  userAgent: string | null
  ipAddress: string | null
  createdAt: Date
  seenAt: Date
}

/** Where somebody is signed in, the most recently seen first. */
export async function listSessions({ pool, clock }: SignIn, userId: string): Promise<ShownSession[]> {
  const now = clock.now()
  const { rows } = await pool.query<ShownSession>(
    `SELECT id, nullif(user_agent, '') AS "userAgent", nullif(ip_address, '') AS "ipAddress", created_at AS "createdAt",
            updated_at AS "seenAt"
     FROM session WHERE user_id = $1 AND expires_at > $2 AND updated_at > $3 ORDER BY updated_at DESC, id LIMIT $4`,
    [userId, new Date(now), new Date(now - SESSION_IDLE_MS), SHOWN_MAX],
  )
  return rows
}

/** Ends one session of a person. @returns whether it was theirs and open */
export async function endSession(pool: Pool, userId: string, sessionId: string): Promise<boolean> {
  const { rowCount } = await pool.query('DELETE FROM session WHERE user_id = $1 AND id = $2', [userId, sessionId])
  return rowCount === 1
}

/** Ends all sessions of a person but the one named; without one, all of them. */
export async function endSessions(client: Pool | ClientBase, userId: string, exceptId: string | null): Promise<void> {
  await client.query('DELETE FROM session WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid', [userId, exceptId])
}

/** Ends the visit's session. @returns the cookies that say so to the browser */
export async function signOut(signIn: SignIn, visit: Visit): Promise<string[]> {
  const { headers } = await signIn.auth.api.signOut({ headers: headersOf(visit), returnHeaders: true })
  return headers.getSetCookie()
}

/** Who is disabled may do nothing from now on: their sessions end in the same transaction, by a rule of the table. */
export async function disableUser({ pool, clock }: Pick<SignIn, 'pool' | 'clock'>, userId: string): Promise<void> {
  await pool.query('UPDATE "user" SET disabled_at = $2, updated_at = $2 WHERE id = $1 AND disabled_at IS NULL', [
    ...[userId, new Date(clock.now())],
  ])
}
