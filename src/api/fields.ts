import { z } from 'zod'

/** An amount in minor units: a whole number, as JSON writes it. */
export const amountInMinor = z
  .int({ error: 'expected a whole number of cents, such as 500' })
  .transform((amount) => BigInt(amount))

const INSTANT = 'expected a date such as 2026-11-01, or an instant such as 2026-11-01T12:00:00Z'
/** A date is its first instant in UTC; in milliseconds since the epoch. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: INSTANT })
  .transform((text) => Date.parse(text))

export function pageLimit(max: number, standard: number) {
  const error = `expected a whole number from 1 to ${max}`
  return z.coerce.number({ error }).int({ error }).min(1, { error }).max(max, { error }).default(standard)
}

/** A row of another account is the same 404 as none, and so is an id that is none. */
export const idParams = z.object({ id: z.uuid() })
export const cursorById = z.uuid({ error: 'expected the nextCursor of the page before' })

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    nextCursor: z.string().nullable().describe('Ask for the next page with `?cursor=`; null = this is the last.'),
  })

export const uuid = z.uuid()
export const time = z.iso.datetime().describe('ISO 8601, in UTC.')
export const cents = z.int().describe('In cents.')
export const currency = z.string().length(3).describe('ISO 4217.')
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d{1,9})?$/)
  .describe('An exact decimal of currency units, such as "0.00123".')
export const count = z.int().min(0)

/** A path segment that stays in words, such as `2026-11`. */
export const isoTime = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | null): string | null => (at === null ? null : isoTime(at))
export const centsOrNull = (minor: bigint | null): number | null => (minor === null ? null : Number(minor))
