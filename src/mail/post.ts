import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type Mail from 'nodemailer/lib/mailer'
import { writePrivate } from '../lib/private-file.ts'

/** The way a finished message takes: to an SMTP server, or into a folder. */
export interface Post {
  deliver(mailId: string, message: Mail.Options): Promise<void>
  close(): void
}

/** A row stays locked while its mail is sent: a server that does not answer must not keep it for long. */
const CONNECTION_TIMEOUT_MS = 10_000
const SILENCE_TIMEOUT_MS = 30_000

/** What a message names is never fetched or read: all of it is in the message. */
const NOTHING_FETCHED = { disableFileAccess: true, disableUrlAccess: true }

export function smtpPost(url: string): Post {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    dnsTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    ...NOTHING_FETCHED,
  })
  return {
    async deliver(_mailId, message) {
      await transport.sendMail(message)
    },
    close: () => transport.close(),
  }
}

/** One file a mail, named by its id: a mail delivered twice is the same file. Only its owner may read it. */
export function folderPost(directory: string): Post {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows', ...NOTHING_FETCHED })
  return {
    async deliver(mailId, message) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await chmod(directory, 0o700)
      const { message: source } = await transport.sendMail(message)
      await writePrivate(join(directory, `${mailId}.eml`), source.toString('utf8'))
    },
    close: () => transport.close(),
  }
}
