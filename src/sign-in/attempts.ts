import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Longer than any window below. */
const KEPT_MS = 24 * HOUR_MS
/** Old attempts that go with a new one, so that they never pile up. */
const SWEPT_MAX = 100

export interface AttemptLimit {
  /** So many attempts within the window, and the next is refused until the lock is over. */
  max: number
  windowMs: number
  lockMs: number
}

export const ATTEMPT_LIMITS = {
  /** Wrong passwords of one e-mail address, whether it is anybody's or not. */
  password: { max: 10, windowMs: 15 * MINUTE_MS, lockMs: 15 * MINUTE_MS },
  /** Wrong passwords from one network address, behind which a whole office may sit. */
  network: { max: 100, windowMs: 15 * MINUTE_MS, lockMs: 15 * MINUTE_MS },
  /** Wrong codes and passwords of somebody who is signed in. */
  confirmation: { max: 10, windowMs: 15 * MINUTE_MS, lockMs: 15 * MINUTE_MS },
  /** RFC 6238, 5.2: a code is taken once. It is good for three steps of 30 s. */
  usedCode: { max: 1, windowMs: 2 * MINUTE_MS, lockMs: 2 * MINUTE_MS },
  /** Mails that a stranger may have sent to one address. */
  mail: { max: 5, windowMs: HOUR_MS, lockMs: HOUR_MS },
  /** Sign-ups and requests for mails from one network address. */
  networkMail: { max: 30, windowMs: HOUR_MS, lockMs: HOUR_MS },
} as const satisfies Record<string, AttemptLimit>

export type AttemptKind = keyof typeof ATTEMPT_LIMITS

export type AttemptTaken = { ok: true; attemptId: string } | { ok: false; retryAt: number }

interface AttemptDeps {
  pool: Pool
  clock: Clock
}

/**
 * Counts an attempt **before** it is made, so that many at once are as many as one after the other. Refused ones do not
 * count: a lock ends when it was said to end. Whoever succeeds takes theirs back.
 */
export function takeAttempt({ pool, clock }: AttemptDeps, kind: AttemptKind, of: string): Promise<AttemptTaken> {
  const { max, windowMs, lockMs } = ATTEMPT_LIMITS[kind]
  const subject = subjectOf(kind, of)
  const now = clock.now()
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`sign_in_attempt ${subject}`])
    const { rows } = await client.query<{ attempted_at: Date }>(
      'SELECT attempted_at FROM sign_in_attempt WHERE subject = $1 ORDER BY attempted_at DESC LIMIT $2',
      [subject, max],
    )
    const [latest, first] = [rows[0]?.attempted_at.getTime(), rows[max - 1]?.attempted_at.getTime()]
    if (latest !== undefined && first !== undefined && latest - first <= windowMs && now < latest + lockMs) {
      return { ok: false, retryAt: latest + lockMs }
    }
    const attemptId = uuidV7(clock)
    await client.query('INSERT INTO sign_in_attempt (id, subject, attempted_at) VALUES ($1, $2, $3)', [
      ...[attemptId, subject, new Date(now)],
    ])
    await client.query(
      `DELETE FROM sign_in_attempt WHERE id IN (
         SELECT id FROM sign_in_attempt WHERE attempted_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [new Date(now - KEPT_MS), SWEPT_MAX],
    )
    return { ok: true, attemptId }
  })
}

/** Takes one attempt back: it was no failure. */
export async function giveBack(pool: Pool, taken: AttemptTaken): Promise<void> {
  if (taken.ok) await pool.query('DELETE FROM sign_in_attempt WHERE id = $1', [taken.attemptId])
}

/** Forgets all attempts: whoever they are about has proved who they are. */
export async function forgetAttempts(pool: Pool, kind: AttemptKind, of: string): Promise<void> {
  await pool.query('DELETE FROM sign_in_attempt WHERE subject = $1', [subjectOf(kind, of)])
}

/** Says what is counted, and not of whom: who reads the table learns no address. */
function subjectOf(kind: AttemptKind, of: string): string {
  return `${kind}:${createHash('sha256').update(of).digest('base64url')}`
}
