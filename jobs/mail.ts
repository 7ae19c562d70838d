import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { mailPayload, noPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Sends one mail, unless it was sent. */
export async function runMail(data: unknown, { deps }: JobContext): Promise<void> {
  const { mailId } = parsePayload('mail', mailPayload, data)
  await deps.mail.send(mailId)
}

/** Finds mails that wait to be sent, for the first time or again. */
export async function sweepMails(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('mail', noPayload, data)
  for (const mailId of await deps.mail.due(SWEPT_IDS_MAX)) nudge({ job: 'mail', mailId })
}
