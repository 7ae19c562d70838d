import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { InvoicingError } from './invoicing-error.ts'
import { type TaxRateRow, tableWith, taxRateRowSchema } from './tax/tax-rate-table.ts'
import { readTaxRates } from './tax-of-sale.ts'

/**
 * Adds a rate that holds from a day on, or mends the one of that day. What was issued keeps the rate it was issued with.
 * @throws InvoicingError `invalid_request` naming the field at fault
 */
export async function addTaxRate(client: ClientBase | Pool, clock: Clock, input: unknown): Promise<TaxRateRow> {
  const parsed = taxRateRowSchema.safeParse(input)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') || 'rate'
    throw new InvoicingError('invalid_request', `${field}: ${issue?.message ?? 'not as expected'}`, field)
  }
  const row = parsed.data
  const others = (await readTaxRates(client)).filter(
    ({ territory, from }) => territory !== row.territory || from !== row.from,
  )
  // The whole table must still be one that taxes can be decided by.
  tableWith([...others, row])
  await client.query(
    `INSERT INTO tax_rate (territory, effective_from, rate_bps, source, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (territory, effective_from) DO UPDATE SET rate_bps = excluded.rate_bps, source = excluded.source`,
    [row.territory, row.from, row.rateBps, row.source, new Date(clock.now())],
  )
  return row
}
