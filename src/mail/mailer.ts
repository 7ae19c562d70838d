import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { oneLine, SECRET_LINKS } from './mail-templates.ts'
import { folderPost, type Post, smtpPost } from './post.ts'
import { renderMail } from './render-mail.ts'

export interface MailerOptions {
  pool: Pool
  clock: Clock
  logger: Logger
  /** Null = each mail becomes a file in `outboxDirectory`. */
  smtpUrl: string | null
  outboxDirectory: string
  /** As a From header has it: `Farebox <mail@example.com>`. */
  from: string
  publicUrl: string
}

/**
 * - `sent`: by this call;
 * - `already_sent`: by an earlier one;
 * - `later`: another sender has it in hand, or its next attempt is not due;
 * - `gone`: no such mail, or given up.
 */
export type SendOutcome = 'sent' | 'already_sent' | 'later' | 'gone'

export interface Mailer {
  /** Sends one mail. A failure is recorded with the time of the next attempt, then thrown. */
  send(mailId: string): Promise<SendOutcome>
  /** The ids of mails whose turn it is, the oldest first. */
  due(limit: number): Promise<string[]>
  close(): Promise<void>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** How long after each failure the next attempt is due: an outage of a night is outlived. After the last: FAILED. */
const RETRY_DELAYS_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS]
/** One look's worth; the next look takes the rest. */
const DUE_MAX = 1_000

const mailId = z.uuid()
const dueLimit = z.int().min(1).max(DUE_MAX)

interface MailRow {
  id: string
  recipient: string
  template: string
  data: unknown
  state: 'PENDING' | 'SENT' | 'FAILED'
  attempts: number
  waits: boolean
  account_name: string | null
}

/**
 * The sender of the outbox. A mail is PENDING until it is SENT, or FAILED after the last attempt; only `send` moves it,
 * with its row locked, in the transaction that delivers it. When that transaction is lost after the delivery, the mail
 * is delivered again: under the same Message-ID, by which a receiver can tell.
 */
export function createMailer(options: MailerOptions): Mailer {
  const { pool, clock } = options
  const post = options.smtpUrl === null ? folderPost(options.outboxDirectory) : smtpPost(options.smtpUrl)
  return {
    async send(id) {
      mailId.parse(id)
      const result = await inTransaction(pool, (client) => sendLocked(client, post, options, id))
      // Thrown only now, for the transaction that keeps the failure has to commit.
      if ('failure' in result) throw result.failure
      return result.outcome
    },
    async due(limit) {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM mail
         WHERE state = 'PENDING' AND (next_attempt_at IS NULL OR next_attempt_at <= to_timestamp($1::float8 / 1000))
         ORDER BY created_at, id LIMIT $2`,
        [clock.now(), dueLimit.parse(limit)],
      )
      return rows.map((row) => row.id)
    },
    async close() {
      post.close()
    },
  }
}

/** What remains of a mail's data when those templates' links are forgotten. */
const dataKept = (templates: string) =>
  `CASE WHEN template = ANY(${templates}::text[]) THEN data || '{"path": "/"}' ELSE data END`

type SendResult = { outcome: SendOutcome } | { failure: unknown }

async function sendLocked(client: PoolClient, post: Post, options: MailerOptions, id: string): Promise<SendResult> {
  const { clock } = options
  const row = await lockMail(client, clock, id)
  if (row === 'locked') return { outcome: 'later' }
  if (row === null || row.state === 'FAILED') return { outcome: 'gone' }
  if (row.state === 'SENT') return { outcome: 'already_sent' }
  if (row.waits) return { outcome: 'later' }
  try {
    await post.deliver(id, messageOf(row, options))
  } catch (failure) {
    await recordFailure(client, options, row, failure)
    return { failure }
  }
  await client.query(
    `UPDATE mail SET state = 'SENT', sent_at = to_timestamp($2::float8 / 1000), attempts = attempts + 1, error = NULL,
            next_attempt_at = NULL, data = ${dataKept('$3')} WHERE id = $1`,
    [id, clock.now(), SECRET_LINKS],
  )
  return { outcome: 'sent' }
}

/** The mail with its row locked; null where there is none. */
async function lockMail(client: PoolClient, clock: Clock, id: string): Promise<MailRow | 'locked' | null> {
  const { rows } = await client.query<MailRow>(
    `SELECT mail.id, recipient, template, data, state, attempts, account.name AS account_name,
            coalesce(next_attempt_at > to_timestamp($2::float8 / 1000), false) AS waits
     FROM mail LEFT JOIN account ON account.id = mail.account_id WHERE mail.id = $1 FOR UPDATE OF mail SKIP LOCKED`,
    [id, clock.now()],
  )
  if (rows[0]) return rows[0]
  const { rowCount } = await client.query('SELECT FROM mail WHERE id = $1', [id])
  return rowCount === 0 ? null : 'locked'
}

function messageOf(row: MailRow, { from, publicUrl, clock }: MailerOptions) {
  const { subject, text, html } = renderMail({ ...row, accountName: row.account_name }, publicUrl)
  return {
    // As an object, the address is one recipient, whatever it contains.
    to: { name: '', address: row.recipient },
    messageId: `<${row.id}@${new URL(publicUrl).hostname}>`,
    date: new Date(clock.now()),
    // RFC 3834: out-of-office replies to it are not wanted.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...{ from, subject, text, html },
  }
}

async function recordFailure(client: PoolClient, options: MailerOptions, row: MailRow, failure: unknown) {
  const { clock, logger } = options
  const attempts = row.attempts + 1
  const delayMs = RETRY_DELAYS_MS[row.attempts]
  const error = oneLine(failure instanceof Error ? failure.message : String(failure))
  await client.query(
    `UPDATE mail SET state = $2, attempts = $3, error = $4, next_attempt_at = to_timestamp($5::float8 / 1000),
            data = ${dataKept('$6')} WHERE id = $1`,
    [
      row.id,
      delayMs === undefined ? 'FAILED' : 'PENDING',
      attempts,
      error,
      delayMs === undefined ? null : clock.now() + delayMs,
      // As long as it will be tried again, the link is needed.
      delayMs === undefined ? SECRET_LINKS : [],
    ],
  )
  const given = delayMs === undefined ? 'a mail could not be sent and is given up' : 'a mail could not be sent yet'
  logger.warn({ mailId: row.id, template: row.template, attempts, error }, given)
}
