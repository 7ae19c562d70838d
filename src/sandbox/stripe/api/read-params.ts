import { z } from 'zod'
import type { FormObject, FormValue } from './form-body.ts'
import { invalidParameter, type StripeRefusal } from './stripe-refusal.ts'

const TEXT_LENGTH_MAX = 5_000
const METADATA_KEYS_MAX = 50
const METADATA_KEY_LENGTH_MAX = 40
const METADATA_VALUE_LENGTH_MAX = 500
/** Stripe's largest amount has eight digits. */
const AMOUNT_MAX = 99_999_999

export const text = z.string().max(TEXT_LENGTH_MAX)

export const filledText = text.refine((value) => value !== '', {
  error: 'You passed an empty string. We assume empty values are an attempt to unset a parameter.',
  params: { code: 'parameter_invalid_empty' },
})

export const integer = z.string().transform((value, context) => {
  if (/^-?\d{1,15}$/.test(value)) return Number(value)
  context.addIssue({
    code: 'custom',
    message: `Invalid integer: ${value}`,
    params: { code: 'parameter_invalid_integer' },
  })
  return z.NEVER
})

/** In minor units; zero and less are refused as Stripe refuses them. */
export const amount = integer.transform((value, context) => {
  if (value > 0 && value <= AMOUNT_MAX) return value
  const isTooLarge = value > AMOUNT_MAX
  const message = isTooLarge
    ? 'Amount must be no more than $999,999.99'
    : 'This value must be greater than or equal to 1.'
  const code = isTooLarge ? 'amount_too_large' : 'parameter_invalid_integer'
  context.addIssue({ code: 'custom', message, params: { code } })
  return z.NEVER
})

export const flag = z.string().transform((value, context) => {
  if (value === 'true' || value === 'false') return value === 'true'
  context.addIssue({
    code: 'custom',
    message: `Invalid boolean: ${value}`,
    params: { code: 'parameter_invalid_boolean' },
  })
  return z.NEVER
})

export const currency = z.string().transform((value, context) => {
  if (/^[a-z]{3}$/i.test(value)) return value.toLowerCase()
  context.addIssue({ code: 'custom', message: `Invalid currency: ${value.toLowerCase()}.`, params: {} })
  return z.NEVER
})

export const url = z.string().refine((value) => /^https?:\/\/[^\s/]+/.test(value) && URL.canParse(value), {
  error: 'Not a valid URL',
  params: { code: 'url_invalid' },
})

export const metadata = z.union([
  z.literal('').transform(() => ({}) as Record<string, string>),
  z
    .record(z.string().min(1).max(METADATA_KEY_LENGTH_MAX), z.string().max(METADATA_VALUE_LENGTH_MAX))
    .refine((value) => Object.keys(value).length <= METADATA_KEYS_MAX),
])

/** An array, which arrives as an object with numbers for names. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (isNumbered(value) ? Object.values(value as FormObject) : value), z.array(item))
}

function isNumbered(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).every((name) => /^\d+$/.test(name))
}

export const address = z.strictObject({
  line1: text.optional(),
  line2: text.optional(),
  city: text.optional(),
  postal_code: text.optional(),
  state: text.optional(),
  country: text.optional(),
})

export const expandParam = { expand: listOf(text).optional() }

/** Parses the parameters of a call; refuses them with Stripe's codes and words. */
export function readParams<Schema extends z.ZodType>(schema: Schema, params: FormObject): z.output<Schema> {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  throw refusalFor(parsed.error.issues[0], params)
}

function refusalFor(issue: z.core.$ZodIssue | undefined, params: FormObject): StripeRefusal {
  if (!issue) return invalidParameter('Invalid request.', 'body')
  const param = bracketed(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const unknown = bracketed([...issue.path, issue.keys[0] ?? ''])
    return invalidParameter(`Received unknown parameter: ${unknown}`, unknown, 'parameter_unknown')
  }
  if (valueAt(params, issue.path) === undefined)
    return invalidParameter(`Missing required param: ${param}.`, param, 'parameter_missing')
  if (issue.code === 'custom') {
    const { code } = (issue.params ?? {}) as { code?: string }
    return invalidParameter(issue.message, param, code)
  }
  if (issue.code === 'invalid_value')
    return invalidParameter(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, param)
  if (issue.code === 'too_big')
    return invalidParameter(`Invalid string: ${param} is too long.`, param, 'parameter_invalid_string')
  return invalidParameter(`Invalid ${param}`, param)
}

function bracketed(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String)
  return `${first ?? 'body'}${rest.map((step) => `[${step}]`).join('')}`
}

function valueAt(params: FormObject, path: readonly PropertyKey[]): FormValue | undefined {
  let value: FormValue | undefined = params
  for (const step of path) {
    if (typeof value !== 'object') return undefined
    value = Array.isArray(value) ? value[Number(step)] : value[String(step)]
  }
  return value
}
