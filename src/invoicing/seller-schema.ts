import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { z } from 'zod'
import { parsePattern } from './document-number.ts'

const LINE_LENGTH_MAX = 140
const FOOTER_LENGTH_MAX = 1_000
/** RFC 5321. */
const EMAIL_LENGTH_MAX = 320
/** A logo is a few centimetres on a page; more than this would make every invoice slow to send. */
const LOGO_BYTES_MAX = 256 * 1024

export const TAX_POINTS = ['PURCHASE', 'USAGE'] as const
export type TaxPoint = (typeof TAX_POINTS)[number]

const saying = (error: string) => ({ error })

/** One line of text that people wrote, without control characters. */
const line = z
  .string(saying(`must be a text of 1 to ${LINE_LENGTH_MAX} characters`))
  .transform((text) => text.replace(/\s+/g, ' ').trim())
  .refine((text) => text.length > 0 && text.length <= LINE_LENGTH_MAX && !/\p{Cc}/u.test(text), {
    error: `must be a text of 1 to ${LINE_LENGTH_MAX} characters`,
  })
const lineOrNone = line.nullable().default(null)

const iban = z
  .string(saying('must be an IBAN'))
  .transform((text) => electronicFormatIBAN(text) ?? '')
  .refine((text) => isValidIBAN(text), { error: 'must be an IBAN; its check digits do not fit' })
const bic = z
  .string(saying('must be a BIC'))
  .transform((text) => text.replace(/\s/g, '').toUpperCase())
  .refine((text) => isValidBIC(text), { error: 'must be a BIC of 8 or 11 characters' })

const country = z.string().regex(/^[A-Z]{2}$/, saying('must be an ISO 3166-1 code such as DE'))

const timeZone = z.string().refine(isTimeZone, saying('must be a time zone such as Europe/Berlin'))

const logo = z
  .instanceof(Uint8Array, saying('must be a PNG or JPEG picture'))
  .refine((bytes) => bytes.length <= LOGO_BYTES_MAX, saying(`must have at most ${LOGO_BYTES_MAX / 1024} KiB`))
  .refine(isPicture, saying('must be a PNG or JPEG picture'))
  .transform((bytes): Buffer => Buffer.from(bytes))

export const sellerSchema = z
  .strictObject({
    legalName: line,
    address: z.strictObject({
      line1: line,
      line2: lineOrNone,
      postalCode: line,
      city: line,
      region: lineOrNone,
      country,
    }),
    /** With its country prefix. */
    vatId: line
      .transform((text) => text.replace(/\s/g, '').toUpperCase())
      .refine(
        (text) => /^[A-Z]{2}[A-Z0-9]{2,20}$/.test(text),
        saying('must be a VAT id with its country, such as DE123456789'),
      )
      .nullable()
      .default(null),
    taxNumber: lineOrNone,
    registrationNumber: lineOrNone,
    email: z
      .email(saying('must be an email address'))
      .max(EMAIL_LENGTH_MAX, saying('is too long'))
      .nullable()
      .default(null),
    phone: lineOrNone,
    website: lineOrNone,
    /** Where a bank transfer goes; null = none is taken. */
    bank: z
      .strictObject({ holder: line, iban, bic: bic.nullable().default(null), name: lineOrNone })
      .nullable()
      .default(null),
    footer: z
      .string()
      .trim()
      .min(1, saying('must not be empty'))
      .max(FOOTER_LENGTH_MAX, saying('is too long'))
      .nullable()
      .default(null),
    logo: logo.nullable().default(null),
    /** When tax on prepaid credits is due: when they are bought, or, as multi-purpose vouchers, when they are used. */
    taxPoint: z.enum(TAX_POINTS, saying(`must be one of ${TAX_POINTS.join(', ')}`)).default('PURCHASE'),
    isSmallBusiness: z.boolean().default(false),
    isOssRegistered: z.boolean().default(false),
    timeZone: timeZone.default('UTC'),
    invoicePattern: z.string().default('FB-{yyyy}-{000001}'),
    creditNotePattern: z.string().default('FB-CN-{yyyy}-{000001}'),
    numberReset: z.enum(['YEARLY', 'NEVER']).default('YEARLY'),
  })
  .superRefine((seller, context) => {
    for (const field of ['invoicePattern', 'creditNotePattern'] as const) {
      const parsed = parsePattern(seller[field], { yearly: seller.numberReset === 'YEARLY' })
      if (!parsed.ok) context.addIssue({ code: 'custom', path: [field], message: `must have ${parsed.expected}` })
    }
    // EN 16931, BR-CO-26 and BR-S-02: an invoice must say who is taxed, or at least who it is from.
    if (seller.vatId === null && seller.taxNumber === null && seller.registrationNumber === null) {
      context.addIssue({
        code: 'custom',
        path: ['vatId'],
        message: 'must be given, or a tax number, or a number in the company register',
      })
    }
    if (seller.invoicePattern === seller.creditNotePattern) {
      context.addIssue({
        code: 'custom',
        path: ['creditNotePattern'],
        message: 'must differ from the pattern of invoices',
      })
    }
  })

export type NewSeller = z.input<typeof sellerSchema>
export type SellerDetails = Readonly<z.output<typeof sellerSchema>>

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

const PNG = [0x89, 0x50, 0x4e, 0x47]
const JPEG = [0xff, 0xd8, 0xff]

function isPicture(bytes: Uint8Array): boolean {
  return [PNG, JPEG].some((magic) => magic.every((byte, index) => bytes[index] === byte))
}
