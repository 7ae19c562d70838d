import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { isCurrencyCode } from '../money/currency-codes.ts'
import { InvoicingError } from './invoicing-error.ts'
import { isCalendarDay } from './tax/tax-rate-table.ts'

/** More digits than any central bank publishes. */
const FRACTION_DIGITS_MAX = 10
const RATE = new RegExp(`^\\d{1,9}(\\.\\d{1,${FRACTION_DIGITS_MAX}})?$`)
const SOURCE_LENGTH_MAX = 100

const currency = z
  .string('must be an ISO 4217 code such as EUR')
  .refine(isCurrencyCode, 'must be an ISO 4217 code such as EUR')

const exchangeRateSchema = z
  .strictObject({
    from: currency,
    to: currency,
    /** What one unit of `from` is worth in `to`: decimal text, so that it is exact and keeps the digits it was published with. */
    rate: z
      .string('must be a decimal such as 0.92310')
      .refine((text) => RATE.test(text) && /[1-9]/.test(text), 'must be a decimal above zero such as 0.92310'),
    /** The day for which it was published. */
    date: z.string('must be a day such as 2026-11-20').refine(isCalendarDay, 'must be a day such as 2026-11-20'),
    /** Who published it, such as ECB: it is printed. */
    source: z
      .string('must say who published it')
      .trim()
      .min(1, 'must say who published it')
      .max(SOURCE_LENGTH_MAX, `must have at most ${SOURCE_LENGTH_MAX} characters`)
      .regex(/^\P{Cc}*$/u, 'must be one line'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must be another currency' })

export type ExchangeRate = Readonly<z.output<typeof exchangeRateSchema>>

/**
 * Adds the rate of a day. A rate is never changed: one that was mistyped is mended by another for the same day, for the one that
 * was added last counts. What was issued keeps the rate it was issued with.
 * @throws InvoicingError `invalid_request` naming the field at fault
 */
export async function addExchangeRate(client: ClientBase | Pool, clock: Clock, input: unknown): Promise<ExchangeRate> {
  const parsed = exchangeRateSchema.safeParse(input)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') || 'rate'
    throw new InvoicingError('invalid_request', `${field} ${issue?.message ?? 'is not as expected'}.`, field)
  }
  const { from, to, rate, date, source } = parsed.data
  await client.query(
    `INSERT INTO exchange_rate (id, from_currency, to_currency, effective_on, rate, source, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [uuidV7(clock), from, to, date, rate, source, new Date(clock.now())],
  )
  return parsed.data
}

/** The latest rate published at or before a day (Directive 2006/112/EC, article 91(2)); null = there is none of the pair. */
export async function exchangeRateOn(
  client: ClientBase | Pool,
  from: string,
  to: string,
  day: string,
): Promise<ExchangeRate | null> {
  const { rows } = await client.query<ExchangeRate>(
    `SELECT from_currency AS "from", to_currency AS "to", rate::text AS rate, to_char(effective_on, 'YYYY-MM-DD') AS date, source
     FROM exchange_rate WHERE from_currency = $1 AND to_currency = $2 AND effective_on <= $3
     ORDER BY effective_on DESC, created_at DESC, id DESC LIMIT 1`,
    [from, to, day],
  )
  return rows[0] ?? null
}
