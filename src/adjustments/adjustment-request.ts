import { z } from 'zod'
import { creditNano, id, idempotencyKey, writtenLine } from '../orders/read-request.ts'
import { ATTACHMENT_TYPES } from './attachment.ts'

/** Whoever reads the books later must learn something from it. */
export const REASON_LENGTH_MIN = 10
/** What the mail that tells of an adjustment repeats of its reason. */
const REASON_LENGTH_MAX = 500
const NAME_LENGTH_MAX = 200
/** Ten years, as for codes. */
const CREDIT_DAYS_MAX = 3_650
const CREDIT_DAYS = 365

const saying = (error: string) => ({ error })
const DAYS = saying(`must be a whole number of days, 1 to ${CREDIT_DAYS_MAX}`)
const INSTANT = saying('must be a time, in milliseconds since the epoch')
const FLAG = saying('must be true or false')

/** A reason in a sentence: the account's people read it. */
export const reason = writtenLine(REASON_LENGTH_MAX).refine(
  (text) => text.length >= REASON_LENGTH_MIN,
  saying(`must say why in at least ${REASON_LENGTH_MIN} characters`),
)

const attachment = z.strictObject({
  /** The file's name as people know it; of a path, the end. */
  name: writtenLine(NAME_LENGTH_MAX).transform((name) => name.replace(/^.*[/\\]/, '') || 'attachment'),
  type: z.enum(ATTACHMENT_TYPES, saying(`must be one of ${ATTACHMENT_TYPES.join(', ')}`)),
  bytes: z.instanceof(Uint8Array, saying('must be the bytes of a file')),
})

const asked = {
  accountId: id,
  reason,
  attachment: attachment.nullable().default(null),
  /** The reseller whose people adjust; null = the operator's. */
  resellerId: id.nullable(),
  actorId: id,
  idempotencyKey,
}

const credit = z.strictObject({
  ...asked,
  kind: z.literal('CREDIT'),
  amountNano: creditNano,
  /** Nobody pays for it, and it is drawn before what was paid for. */
  promotional: z.boolean(FLAG).default(true),
  /** How long it lasts from its booking. */
  creditDays: z.int(DAYS).min(1, DAYS).max(CREDIT_DAYS_MAX, DAYS).default(CREDIT_DAYS),
})

const debit = z.strictObject({ ...asked, kind: z.literal('DEBIT'), amountNano: creditNano })

const extension = z.strictObject({
  ...asked,
  kind: z.literal('EXTENSION'),
  lotId: id,
  /** The new end of the lot, in milliseconds since the epoch. */
  expiresAt: z
    .int(INSTANT)
    .positive(INSTANT)
    .max(Date.UTC(2200, 0, 1), INSTANT),
})

export const adjustmentRequest = z.discriminatedUnion('kind', [credit, debit, extension], {
  error: 'must be CREDIT, DEBIT or EXTENSION',
})
export type NewAdjustment = z.input<typeof adjustmentRequest>
export type AskedAdjustment = z.output<typeof adjustmentRequest>
