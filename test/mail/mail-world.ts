import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { createLogger } from '../../src/lib/logger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { MailTemplate } from '../../src/mail/mail-templates.ts'
import { createMailer, type Mailer } from '../../src/mail/mailer.ts'
import { type NewMail, queueMail } from '../../src/mail/queue-mail.ts'
import { type ManualClock, manualClock } from '../ledger/ledger-fixture.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { MAIL_SAMPLES } from './mail-samples.ts'

export interface MailRow {
  id: string
  account_id: string | null
  recipient: string
  template: string
  data: Record<string, unknown>
  dedupe_key: string
  state: string
  attempts: number
  next_attempt_at: Date | null
  error: string | null
  sent_at: Date | null
}

/** A database, a folder and a clock, and what tests about mail do with them. */
export interface MailWorld {
  pool: pg.Pool
  clock: ManualClock
  directory: string
  /** Closed with the world. */
  mailer(smtpUrl?: string | null): Mailer
  account(name?: string): Promise<string>
  member(accountId: string, role: string, email: string): Promise<void>
  /** Queues a top-up-suspended mail unless told otherwise. */
  queue(more?: Partial<NewMail<MailTemplate>>): Promise<string>
  row(id: string): Promise<MailRow>
  rows(): Promise<MailRow[]>
  close(): Promise<void>
}

export async function openMailWorld(): Promise<MailWorld> {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 12 })
  pool.on('error', () => undefined)
  const clock = manualClock()
  const home = await mkdtemp(join(tmpdir(), 'farebox-mail-'))
  const directory = join(home, 'outbox')
  const mailers: Mailer[] = []
  const world: MailWorld = {
    pool,
    clock,
    directory,
    mailer(smtpUrl = null) {
      const logger = createLogger('silent')
      const addresses = { from: 'Farebox <mail@credits.example.com>', publicUrl: 'https://credits.example.com' }
      const mailer = createMailer({ pool, clock, logger, smtpUrl, outboxDirectory: directory, ...addresses })
      mailers.push(mailer)
      return mailer
    },
    account: (name = 'Blue & Sons') => addAccount(pool, clock, name),
    member: (accountId, role, email) => addMember(pool, clock, accountId, role, email),
    async queue(more = {}) {
      const template = 'top-up-suspended'
      const mail = { accountId: null, recipient: 'ada@example.com', template, data: MAIL_SAMPLES[template] } as const
      const dedupeKey = uuidV7(clock)
      const id = await inTransaction(pool, (client) => queueMail(client, clock, { ...mail, dedupeKey, ...more }))
      if (id === null) throw new Error('it was queued before')
      return id
    },
    row: async (id) => (await world.rows()).find((row) => row.id === id) as MailRow,
    rows: async () => (await pool.query<MailRow>('SELECT * FROM mail ORDER BY created_at, id')).rows,
    async close() {
      await Promise.all(mailers.map((mailer) => mailer.close()))
      await pool.end()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return world
}

async function addAccount(pool: pg.Pool, clock: ManualClock, name: string): Promise<string> {
  const id = uuidV7(clock)
  await pool.query(`INSERT INTO account (id, kind, name, slug, created_at) VALUES ($1, 'CUSTOMER', $2, $3, now())`, [
    id,
    name,
    id,
  ])
  await pool.query(`INSERT INTO wallet (account_id, entry_hash) VALUES ($1, decode($2, 'hex'))`, [id, GENESIS_HASH])
  return id
}

async function addMember(pool: pg.Pool, clock: ManualClock, accountId: string, role: string, email: string) {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO "user" (id, email, name, created_at) VALUES ($1, $2, 'Test', now())
     ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING id`,
    [uuidV7(clock), email],
  )
  await pool.query(
    'INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES ($1, $2, $3, $4, now())',
    [uuidV7(clock), rows[0]?.id, accountId, role],
  )
}
