import { z } from 'zod'
import { FormError } from './form-error.ts'
import { readWrittenAmount } from './written-amount.ts'

const MINOR_DIGITS = 2
const NANO_DIGITS = 9
const PERCENT = /^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$/
const KEY_LENGTH_MAX = 100
/** Base64 of the largest file that a use case takes, with some room. */
const FILE_LENGTH_MAX = 7_500_000

const saying = (error: string) => ({ error })

/** A field of a form: what is left empty is null. */
export const text = z
  .string(saying('This must be a text.'))
  .transform((given) => (given.trim() === '' ? null : given))
  .nullable()
  .default(null)

/** A text that has to be there. */
export const neededText = (problem: string) => text.transform((given, context) => given ?? lacking(context, problem))

/** The id of a row, of a hidden field or a choice. */
export const rowId = z.uuid(saying('Choose one.')).toLowerCase()
export const rowIdOrNone = text.pipe(rowId.nullable())
export const flag = z.boolean(saying('This must be on or off.'))
/** Made when the form was opened: what is sent twice is done once. */
export const formKey = z.string(saying('Open the form once more.')).min(8).max(KEY_LENGTH_MAX)

/** An amount of money in minor units. */
export const writtenMinor = neededText('Enter an amount.').transform(amountOf(MINOR_DIGITS))
export const writtenMinorOrNone = text.transform((given, context) =>
  given === null ? null : amountOf(MINOR_DIGITS)(given, context),
)
/** Credits in nano. */
export const writtenNano = neededText('Enter an amount.').transform(amountOf(NANO_DIGITS))
export const writtenNanoOrNone = text.transform((given, context) =>
  given === null ? null : amountOf(NANO_DIGITS)(given, context),
)

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  const problem = `Enter a whole number, ${least} to ${most}.`
  return neededText(problem).transform((given, context) => {
    const number = /^\d{1,9}$/.test(given.trim()) ? Number(given) : Number.NaN
    return number >= least && number <= most ? number : lacking(context, problem)
  })
}

/** A day as browsers send it. */
export const day = neededText('Choose a day.').pipe(z.iso.date(saying('Choose a day that exists, as YYYY-MM-DD.')))

/** The last millisecond of a day (UTC): what ends on a day can be used on it. */
export const endOfDay = (given: string): number => Date.parse(`${given}T23:59:59.999Z`)

/** A share of a hundred in basis points: `19`, `7.5 %`. */
export const writtenPercent = neededText('Enter a rate in per cent.').transform((given, context) => {
  const match = PERCENT.exec(given.trim())
  if (!match) return lacking(context, 'Write a rate in per cent with at most two digits after the point, such as 7.5.')
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
})

/** A file as the page's script sends it. */
export const file = z
  .strictObject({
    name: z.string().min(1).max(300),
    type: z.string().max(100),
    content: z
      .base64(saying('The file did not arrive as a whole: choose it again.'))
      .max(FILE_LENGTH_MAX, saying('The file is too large.')),
  })
  .transform(({ name, type, content }) => ({ name, type, bytes: Buffer.from(content, 'base64') }))
  .nullable()
  .default(null)

/**
 * What was entered, as a use case takes it.
 * @throws FormError of the first field at fault, with a sentence for who entered it
 */
export function readForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys')
    throw new FormError(null, `The form has a field too many: ${issue.keys.join(', ')}.`)
  throw new FormError(issue?.path.join('.') || null, issue?.message ?? 'This is not as it should be.')
}

/** Of a transformation: where its refusal is said. */
interface Context {
  addIssue(issue: { code: 'custom'; message: string }): void
}

function amountOf(digits: number) {
  return (given: string, context: Context): bigint => {
    const read = readWrittenAmount(given, digits)
    return read.ok ? read.units : lacking(context, read.problem)
  }
}

function lacking(context: Context, message: string): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}
