import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

/** Gives a person this password in the caller's transaction, whether they had one or not. */
export async function writePassword(client: ClientBase, clock: Clock, userId: string, hash: string): Promise<void> {
  await client.query(
    `INSERT INTO sign_in_method (id, user_id, provider_id, subject_id, password_hash, created_at, updated_at)
     VALUES ($1, $2, 'credential', $2::uuid::text, $3, $4, $4)
     ON CONFLICT (provider_id, subject_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at`,
    [uuidV7(clock), userId, hash, new Date(clock.now())],
  )
}
