import type { ClientBase } from 'pg'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { queueMail } from '../mail/queue-mail.ts'
import { writtenInstant } from '../mail/written-date.ts'
import type { SignIn } from './create-sign-in.ts'

/** Tells a person by mail, in the caller's transaction, that the way they sign in has changed. @returns the mail's id */
export async function queueSecurityNotice(
  client: ClientBase,
  { clock }: SignIn,
  recipient: string,
  what: string,
): Promise<string | null> {
  return queueMail(client, clock, {
    accountId: null,
    recipient,
    template: 'security-changed',
    data: { what, when: writtenInstant(new Date(clock.now()).toISOString()), path: '/security' },
    dedupeKey: `security-changed:${uuidV7(clock)}`,
  })
}
