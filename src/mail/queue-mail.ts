import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { type MailData, type MailTemplate, parseMail } from './mail-templates.ts'
import { type OptionalMail, wantsMail } from './wanted-mail.ts'

export interface NewMail<Template extends MailTemplate> {
  /** Null = to somebody who has no account. */
  accountId: string | null
  recipient: string
  template: Template
  data: MailData<Template>
  /** The fact that is told: the same one is told once. */
  dedupeKey: string
}

/** Of one account, so that a mail to all of them stays one transaction's work. */
const RECIPIENTS_MAX = 100

/** The longest address there is (RFC 5321: 64 + 1 + 255), and nothing in it that ends a header or names a second one. */
const ADDRESS = /^(?=.{3,320}$)[^\s\p{C}@<>,;:"()]+@[^\s\p{C}@<>,;:"()]+$/u

/**
 * Writes a mail in the caller's transaction, and sends nothing: a job does, once the fact is committed. A recipient that
 * is no address makes a FAILED row, for a mail must not undo the payment it tells of.
 *
 * @returns the mail's id; null when this dedupeKey was queued before
 * @throws z.ZodError when the data is not the template's
 */
export async function queueMail<Template extends MailTemplate>(
  client: ClientBase,
  clock: Clock,
  mail: NewMail<Template>,
): Promise<string | null> {
  const { template, data } = parseMail(mail.template, mail.data)
  const id = uuidV7(clock)
  const [state, error] = ADDRESS.test(mail.recipient) ? ['PENDING', null] : ['FAILED', 'The recipient is no address.']
  const { rowCount } = await client.query(
    `INSERT INTO mail (id, account_id, recipient, template, data, dedupe_key, state, error, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000)) ON CONFLICT (dedupe_key) DO NOTHING`,
    [id, mail.accountId, mail.recipient, template, JSON.stringify(data), mail.dedupeKey, state, error, clock.now()],
  )
  return rowCount === 1 ? id : null
}

/** Mails that an account may have switched off. */
const OPTIONAL: Partial<Record<MailTemplate, OptionalMail>> = {
  'credits-expiring': 'expiry',
  'top-up-failed': 'top-up',
}

/**
 * Writes a mail to every OWNER and BILLING member of the account; each of them is told once, by a dedupeKey extended by
 * their address. Somebody who joins later is not told what was told before; an account that has switched such mails off
 * is not told at all.
 *
 * @returns the ids of the mails written
 */
export async function queueMailToAccount<Template extends MailTemplate>(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  template: Template,
  data: MailData<Template>,
  dedupeKey: string,
): Promise<string[]> {
  const optional = OPTIONAL[template]
  if (optional && !(await wantsMail(client, accountId, optional))) return []
  // In one order everywhere, so that two transactions telling the same never wait for each other in a circle.
  const { rows } = await client.query<{ email: string }>({
    name: 'mail_recipients',
    text: `SELECT "user".email FROM membership JOIN "user" ON "user".id = membership.user_id
     WHERE membership.account_id = $1 AND membership.role IN ('OWNER', 'BILLING') ORDER BY "user".email LIMIT $2`,
    values: [accountId, RECIPIENTS_MAX],
  })
  const ids: string[] = []
  for (const { email } of rows) {
    const mail = { accountId, recipient: email, template, data, dedupeKey: `${dedupeKey}:${email}` }
    const id = await queueMail(client, clock, mail)
    if (id !== null) ids.push(id)
  }
  return ids
}
