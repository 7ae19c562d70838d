import { z } from 'zod'
import { OfficeError } from './office-error.ts'

const NAME_LENGTH_MAX = 200
const REASON_LENGTH_MAX = 500
const saying = (error: string) => ({ error })

/** One line of visible characters, without the space around it. */
export function line(lengthMax: number) {
  const TEXT = saying(`must be a text of 1 to ${lengthMax} characters on one line`)
  return z
    .string(TEXT)
    .trim()
    .min(1, TEXT)
    .max(lengthMax, TEXT)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, TEXT)
}

export const id = z.uuid(saying('must be a UUID')).toLowerCase()
export const flag = z.boolean(saying('must be true or false'))
export const accountName = line(NAME_LENGTH_MAX)
/** Why, for the audit log. */
export const reason = line(REASON_LENGTH_MAX).nullable().default(null)

/**
 * What was asked for, checked.
 * @throws OfficeError `invalid_request` naming the first field at fault
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys') throw invalidInput(issue.keys.join(', '), 'is not known here')
  throw invalidInput(issue?.path.join('.') || 'request', issue?.message ?? 'is not valid')
}

/** A refusal of one field, in words that name it. */
export function invalidInput(field: string, problem: string): OfficeError {
  return new OfficeError('invalid_request', { field, message: `${field} ${problem}.` })
}
