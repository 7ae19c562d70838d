import { resolve } from 'node:path'
import { Eta } from 'eta'
import { link } from './link.ts'
import { oneLine, parseMail } from './mail-templates.ts'
import { writtenDay, writtenInstant } from './written-date.ts'

export interface RenderedMail {
  subject: string
  text: string
  html: string
}

const VIEWS = resolve(import.meta.dirname, '../../templates/mail')
/** Longer subjects are cut by every reader of mail. */
const SUBJECT_LENGTH_MAX = 150

/** Each template holds a subject, a text and an HTML version; what is put into HTML is escaped, and only there. */
const plain = new Eta({ views: VIEWS, cache: true, autoEscape: false })
const escaped = new Eta({ views: VIEWS, cache: true, autoEscape: true })

/**
 * Makes the three faces of a mail.
 * @param mail as stored; checked again here
 * @throws z.ZodError when the data is not the template's
 */
export function renderMail(
  mail: { template: string; data: unknown; accountName: string | null },
  publicUrl: string,
): RenderedMail {
  const { template, data } = parseMail(mail.template, mail.data)
  const accountName = mail.accountName === null ? null : oneLine(mail.accountName)
  const shown = {
    ...data,
    accountName,
    day: writtenDay,
    instant: writtenInstant,
    url: link(publicUrl, String(data.path)),
  }
  const face = (eta: Eta, layout: string) => eta.render(`/${template}`, { ...shown, layout: `/layout/${layout}` })
  const subject = oneLine(face(plain, 'subject'), SUBJECT_LENGTH_MAX)
  return {
    subject,
    text: `${face(plain, 'text').trim()}\n`,
    html: escaped.render(`/${template}`, { ...shown, subject, layout: '/layout/html' }),
  }
}
