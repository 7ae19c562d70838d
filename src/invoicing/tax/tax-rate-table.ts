import { z } from 'zod'
import { SHIPPED_TAX_RATES } from './tax-rates.ts'

/** A hundred per cent. Above it, somebody has typed a per cent value a hundred times too large. */
const RATE_BPS_MAX = 10_000
/** The shipped history has under a hundred rows; every state of the US and every country together fit many times. */
const OPERATOR_ROWS_MAX = 2_000

/** A day of the calendar as YYYY-MM-DD; 2025-02-30 is none. */
export function isCalendarDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const instant = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(value)
}

/** One rate of one territory, in force from a day on until the territory's next row. */
export const taxRateRowSchema = z.strictObject({
  /** ISO 3166-1 alpha-2, or ISO 3166-2 for a part with a rate of its own, such as `US-CA`. Greece is GR. */
  territory: z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'Expected a country such as DE or a part such as US-CA.'),
  /** Basis points: 25.5 % is 2550. Zero means zero-rated. */
  rateBps: z.int().min(0).max(RATE_BPS_MAX),
  /** First day, by the calendar of the territory. */
  from: z.string().refine(isCalendarDay, 'Expected a day such as 2025-07-01.'),
  /** The law or publication that says so. */
  source: z.string().trim().min(1).max(300),
})
export type TaxRateRow = Readonly<z.infer<typeof taxRateRowSchema>>

const operatorRowsSchema = z
  .array(taxRateRowSchema)
  .max(OPERATOR_ROWS_MAX)
  .superRefine((rows, context) => {
    const seen = new Set<string>()
    for (const [index, row] of rows.entries()) {
      const key = keyOf(row)
      if (seen.has(key)) {
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `Expected one rate a day, but ${row.territory} has two from ${row.from}.`,
        })
      }
      seen.add(key)
    }
  })

export interface TaxTable {
  /** Sorted by territory, then by day. */
  readonly rows: readonly TaxRateRow[]
  /** The standard rate in basis points on a day; null = none is known for the territory, or not so far back. */
  rateOn(territory: string, day: string): number | null
}

/** What Farebox ships, without anything of the operator's. */
export const SHIPPED_TAX_TABLE: TaxTable = tableOf(SHIPPED_TAX_RATES)

/**
 * The shipped table with rows of the operator's. A row of the same territory and day replaces the shipped one, so that
 * a mistake in the table can be mended without a new release.
 *
 * @throws ZodError that names the row at fault
 */
export function tableWith(rows: unknown): TaxTable {
  const own = operatorRowsSchema.parse(rows)
  const replaced = new Set(own.map(keyOf))
  return tableOf([...SHIPPED_TAX_RATES.filter((row) => !replaced.has(keyOf(row))), ...own])
}

function keyOf(row: { territory: string; from: string }): string {
  return `${row.territory} ${row.from}`
}

function tableOf(unsorted: readonly TaxRateRow[]): TaxTable {
  const rows = [...unsorted].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const byTerritory = Map.groupBy(rows, (row) => row.territory)
  return {
    rows,
    rateOn(territory, day) {
      // Days of equal width compare as text.
      return byTerritory.get(territory)?.findLast((row) => row.from <= day)?.rateBps ?? null
    },
  }
}
