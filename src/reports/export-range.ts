import { z } from 'zod'
import { ExportError } from './export-error.ts'

/** 2000-01-01 and 2200-01-01: whoever asks for more has mistaken seconds, or microseconds, for milliseconds. */
const INSTANT_MIN = 946_684_800_000
const INSTANT_MAX = 7_258_118_400_000

const instant = z
  .int({ error: 'must be whole milliseconds since the epoch' })
  .min(INSTANT_MIN, { error: 'is too early' })
  .max(INSTANT_MAX, { error: 'is too late' })

/** From the first instant on, up to but without the second; in milliseconds since the epoch. */
export const rangeFields = { from: instant, to: instant }

export const accountId = z.uuid({ error: 'must be an id' }).toLowerCase()

/**
 * Reads what a caller asks for, with its range.
 * @throws ExportError `invalid_request`, naming the field at fault.
 */
export function readRange<Asked extends { from: number; to: number }>(schema: z.ZodType<Asked>, input: unknown): Asked {
  const read = schema.safeParse(input)
  if (!read.success) {
    const [issue] = read.error.issues
    const field = issue?.path.join('.') || null
    throw new ExportError('invalid_request', `${field ?? 'The request'} ${issue?.message ?? 'is not valid'}.`, field)
  }
  if (read.data.from >= read.data.to) throw new ExportError('invalid_request', 'to must be later than from.', 'to')
  return read.data
}
