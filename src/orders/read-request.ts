import { z } from 'zod'
import { IDEMPOTENCY_KEY_LENGTH_MAX } from './idempotency.ts'
import { OrderError } from './order-error.ts'

/** Ten billion units of a currency: more than anybody transfers, and far below what a BIGINT holds. */
export const AMOUNT_MINOR_MAX = 10n ** 12n
/** A billion units in nano: a wallet holds several of the largest orders before a BIGINT is full. */
export const CREDIT_NANO_MAX = 10n ** 18n
/** Notes, reasons and evidence are read by people. */
const TEXT_LENGTH_MAX = 2_000

/** No control characters beside line ends and tabs: PostgreSQL refuses some, and no reader sees any. */
const READABLE = /^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u

const saying = (error: string) => ({ error })

/** A UUID in lower case, as the database writes it: two spellings of a person are one person. */
export const id = z.uuid(saying('must be a UUID')).toLowerCase()

const AMOUNT = saying(`must be a whole number of minor units above zero, at most ${AMOUNT_MINOR_MAX}`)
export const amountMinor = z.bigint(AMOUNT).min(1n, AMOUNT).max(AMOUNT_MINOR_MAX, AMOUNT)

const TAX = saying(`must be a whole number of minor units, from zero to ${AMOUNT_MINOR_MAX}`)
export const taxMinor = z.bigint(TAX).min(0n, TAX).max(AMOUNT_MINOR_MAX, TAX)

const CREDIT = saying(`must be credits in nano above zero, at most ${CREDIT_NANO_MAX}`)
export const creditNano = z.bigint(CREDIT).min(1n, CREDIT).max(CREDIT_NANO_MAX, CREDIT)

const BONUS = saying(`must be credits in nano, from zero to ${CREDIT_NANO_MAX}`)
export const bonusNano = z.bigint(BONUS).min(0n, BONUS).max(CREDIT_NANO_MAX, BONUS)

const CURRENCY = saying('must be an ISO 4217 code such as EUR')
export const currency = z.string(CURRENCY).regex(/^[A-Z]{3}$/, CURRENCY)

const KEY = saying(`must be a text of 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters, or null for none`)
export const idempotencyKey = z
  .string(KEY)
  .min(1, KEY)
  .max(IDEMPOTENCY_KEY_LENGTH_MAX, KEY)
  .regex(READABLE, KEY)
  .nullable()

/** A text of people, without the space around it. */
export function writtenText(lengthMax = TEXT_LENGTH_MAX) {
  const TEXT = saying(`must be a text of 1 to ${lengthMax} characters`)
  return z.string(TEXT).trim().min(1, TEXT).max(lengthMax, TEXT).regex(READABLE, TEXT)
}

/** The same on one line, with single spaces. */
export function writtenLine(lengthMax: number) {
  return writtenText(lengthMax).transform((text) => text.replace(/\s+/g, ' '))
}

/**
 * What was asked for, checked.
 * @throws OrderError `invalid_request` naming the first field at fault.
 */
export function readRequest<Schema extends z.ZodType>(schema: Schema, input: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys') throw invalidField(issue.keys.join(', '), 'is not known here')
  throw invalidField(issue?.path.join('.') || 'request', issue?.message ?? 'is not valid')
}

/** A refusal of one field, in words that name it. */
export function invalidField(field: string, problem: string): OrderError {
  return new OrderError('invalid_request', `${field} ${problem}.`, { field })
}
