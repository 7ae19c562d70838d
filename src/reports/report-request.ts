import { z } from 'zod'
import { ExportError } from './export-error.ts'
import { readRange } from './export-range.ts'
import { DAY_MS, type Span } from './hours.ts'

/** A leap year: more is for exports. */
const DAYS_MAX = 366

/** Up to this long, points of a series are hours; beyond, days. */
const HOURLY_MAX_MS = 2 * DAY_MS

export type Bucket = 'hour' | 'day'

export const uuid = z.uuid({ error: 'must be an id' }).toLowerCase()
export const currency = z.string().regex(/^[A-Z]{3}$/, { error: 'must be an ISO 4217 code such as USD' })

/**
 * Reads what is asked for a period of at most 366 days.
 * @throws ExportError `invalid_request`, naming the field at fault
 */
export function readPeriod<Asked extends { from: number; to: number }>(
  schema: z.ZodType<Asked>,
  input: unknown,
): Asked {
  const asked = readRange(schema, input)
  if (asked.to - asked.from > DAYS_MAX * DAY_MS) {
    throw new ExportError('invalid_request', `to must be at most ${DAYS_MAX} days after from.`, 'to')
  }
  return asked
}

/**
 * Reads what is asked without a period.
 * @throws ExportError `invalid_request`, naming the field at fault
 */
export function readAsked<Asked>(schema: z.ZodType<Asked>, input: unknown): Asked {
  const read = schema.safeParse(input)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.path.join('.') || null
  throw new ExportError('invalid_request', `${field ?? 'The request'} ${issue?.message ?? 'is not valid'}.`, field)
}

/** The period of the same length that ends where this one begins. */
export function periodBefore({ from, to }: Span): Span {
  return { from: from - (to - from), to: from }
}

export function bucketOf({ from, to }: Span): Bucket {
  return to - from <= HOURLY_MAX_MS ? 'hour' : 'day'
}
