import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { createToken, tokenHash } from './token.ts'

export type LinkPurpose = 'VERIFY_EMAIL' | 'RESET_PASSWORD'

const HOUR_MS = 3_600_000

/** A confirmation may wait for the next day; whoever can set a password had better be quick. */
export const LINK_LIFETIME_MS: Readonly<Record<LinkPurpose, number>> = {
  VERIFY_EMAIL: 24 * HOUR_MS,
  RESET_PASSWORD: HOUR_MS,
}

/** Makes a link in the caller's transaction; earlier ones of the same purpose are void from then on. */
export async function issueLink(client: ClientBase, clock: Clock, userId: string, purpose: LinkPurpose) {
  const now = clock.now()
  await voidLinks(client, clock, userId, purpose)
  const { token, hash } = createToken()
  const id = uuidV7(clock)
  const expiresAt = new Date(now + LINK_LIFETIME_MS[purpose])
  await client.query(
    `INSERT INTO one_time_link (id, user_id, purpose, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, userId, purpose, hash, new Date(now), expiresAt],
  )
  return { id, token, expiresAt }
}

/** Uses a link up in the caller's transaction. @returns whose it is; null = used, expired, or none of ours */
export async function takeLink(
  client: ClientBase,
  clock: Clock,
  token: string,
  purpose: LinkPurpose,
): Promise<string | null> {
  const { rows } = await client.query<{ user_id: string }>(
    `UPDATE one_time_link SET used_at = $3 WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
     RETURNING user_id`,
    [tokenHash(token), purpose, new Date(clock.now())],
  )
  return rows[0]?.user_id ?? null
}

/** Whom a link that could be used now belongs to; it is not used up by being looked at, for programs look at mails too. */
export async function readLink(
  client: Pool | ClientBase,
  clock: Clock,
  token: string,
  purpose: LinkPurpose,
): Promise<{ email: string; name: string } | null> {
  const { rows } = await client.query<{ email: string; name: string }>(
    `SELECT email, name FROM one_time_link JOIN "user" ON "user".id = user_id
     WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 AND disabled_at IS NULL`,
    [tokenHash(token), purpose, new Date(clock.now())],
  )
  return rows[0] ?? null
}

/** Voids the links of a person that were not used. */
export async function voidLinks(client: ClientBase, clock: Clock, userId: string, purpose: LinkPurpose): Promise<void> {
  await client.query('UPDATE one_time_link SET used_at = $3 WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL', [
    userId,
    purpose,
    new Date(clock.now()),
  ])
}
