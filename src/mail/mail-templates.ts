import { z } from 'zod'

/** The longest text of a customer or provider that a mail repeats; the rest is cut, for a mail must never undo its fact. */
const TEXT_LENGTH_MAX = 500
const MONEY_LENGTH_MAX = 60
const PATH_LENGTH_MAX = 1_000
const BANK_DETAILS_MAX = 12

/** Control characters, line and paragraph separators, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

/** One line of plain text, no longer than `lengthMax`. Neither a header nor a JSON column can be broken by it. */
export function oneLine(text: string, lengthMax: number = TEXT_LENGTH_MAX): string {
  const line = text.toWellFormed().replace(UNPRINTABLE, ' ').trim()
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1).toWellFormed()}…`
}

const text = z.string().transform((value) => oneLine(value))
/** As `formatMoney` writes it: the mail's currency and rounding are the caller's choice. */
const money = z.string().min(1).max(MONEY_LENGTH_MAX)
/** An instant in UTC, as `toISOString` writes it. */
const instant = z.iso.datetime()
/** Where a link leads below the public address; never to another host. */
const path = z
  .string()
  .max(PATH_LENGTH_MAX)
  .regex(/^\/(?![/\\])[!-~]*$/)

/**
 * What each mail tells. The account's name is not among it: it is read when the mail is sent. What is stored has passed
 * its schema, and passes it again before it is shown.
 */
export const MAIL_TEMPLATES = {
  /** A purchase was paid. `expiresAt` is null for credits that stay. */
  'credits-added': z.strictObject({
    amount: money,
    credits: money,
    bonus: money.nullable(),
    expiresAt: instant.nullable(),
    balance: money,
    path,
  }),
  /** An automatic top-up was declined. `code` is for machines, `reason` for people; `retryAt` null = not by itself. */
  'top-up-failed': z.strictObject({ amount: money, reason: text, code: text, retryAt: instant.nullable(), path }),
  /** The bank wants the payer to confirm; the link leads to where they do. */
  'top-up-action-needed': z.strictObject({ amount: money, expiresAt: instant, path }),
  /** Automatic top-up has stopped until somebody resumes it. */
  'top-up-suspended': z.strictObject({ reason: text, code: text, path }),
  /** `expiresAt` is the first expiry of that day; `days` are whole ones, rounded up. */
  'credits-expiring': z.strictObject({ amount: money, expiresAt: instant, days: z.int().min(1), path }),
  /** The balance has fallen below what the account wanted to be told of. */
  'low-balance': z.strictObject({ balance: money, threshold: money, path }),
  /** Money is on its way back; `credits` were taken for it. */
  'refund-made': z.strictObject({ amount: money, credits: money, reference: text, reason: text.nullable(), path }),
  /** Somebody adjusted the credits by hand. `expiresAt` is null where it has no end, or where credit was taken. */
  'credits-adjusted': z.strictObject({
    change: text,
    expiresAt: instant.nullable(),
    balance: money,
    reason: text,
    path,
  }),
  /** The payer contested a payment; `frozen` cannot be spent until it is settled. */
  'dispute-opened': z.strictObject({ amount: money, frozen: money, reference: text, reason: text.nullable(), path }),
  /** Bank details in the order to show them: account holder, IBAN, BIC, bank. */
  'manual-order-opened': z.strictObject({
    reference: text,
    amount: money,
    bankDetails: z.array(z.strictObject({ label: text, value: text })).max(BANK_DETAILS_MAX),
    expiresAt: instant.nullable(),
    path,
  }),
  /** A file that was asked for can be downloaded; `what` it is in a word or two. */
  'export-ready': z.strictObject({ what: text, rows: z.int().min(0), expiresAt: instant, path }),
  /** The bank transfer of a manual order arrived and was credited. */
  'manual-order-paid': z.strictObject({
    reference: text,
    amount: money,
    credits: money,
    bonus: money.nullable(),
    expiresAt: instant.nullable(),
    balance: money,
    path,
  }),
  /** Somebody has signed up with this address, and proves by the link that it is theirs. */
  'verify-email': z.strictObject({ expiresAt: instant, path }),
  /** Somebody has signed up with an address that is known already: nothing was made. */
  'sign-up-again': z.strictObject({ path }),
  /** The link lets its holder choose a new password. */
  'reset-password': z.strictObject({ expiresAt: instant, path }),
  /** The way that somebody signs in has changed; `what` is a sentence, `when` an instant as people write it. */
  'security-changed': z.strictObject({ what: text, when: text, path }),
  /** Somebody is asked to join; `to` an account, null = the operator's staff. */
  invitation: z.strictObject({ to: text.nullable(), invitedBy: text.nullable(), expiresAt: instant, path }),
} as const

/** Mails whose link is a secret: once they are sent or given up, it is kept nowhere. */
export const SECRET_LINKS: readonly MailTemplate[] = ['verify-email', 'reset-password', 'invitation']

export type MailTemplate = keyof typeof MAIL_TEMPLATES
export type MailData<Template extends MailTemplate> = z.input<(typeof MAIL_TEMPLATES)[Template]>

const templateName = z.enum(Object.keys(MAIL_TEMPLATES) as [MailTemplate, ...MailTemplate[]])

/**
 * The template's name and data as they may be stored and shown.
 * @throws z.ZodError for a template that is not, or data that is not its own
 */
export function parseMail(template: string, data: unknown): { template: MailTemplate; data: Record<string, unknown> } {
  const name = templateName.parse(template)
  return { template: name, data: MAIL_TEMPLATES[name].parse(data) }
}
