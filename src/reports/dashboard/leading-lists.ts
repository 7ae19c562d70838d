import type { ClientBase } from 'pg'
import { DAY_MS, dayOf, type Span } from '../hours.ts'
import type { ReadMark } from '../rollup-mark.ts'
import { bindValues } from '../sql/bind-values.ts'
import { CUSTOMER_DAYS } from '../sql/usage-figures.ts'
import { leftOf } from '../sql/usage-source.ts'
import type { LeadingList } from './customer-bounds.ts'
import { leadingCustomers } from './sql/leading-customers.ts'

interface LeadingRow {
  day: Date | null
  key: string
  revenue_nano: string
}

/**
 * The operator's customers with the most revenue, of each day that a period touches and of what no day holds yet. Every
 * event of the period is in one of the lists. Null = the sums do not hold the days that they would have to.
 */
export async function readLeadingLists(
  client: ClientBase,
  read: ReadMark,
  { from, to, currency }: Span & { readonly currency: string },
  depth: number,
): Promise<LeadingList[] | null> {
  const { mark, isCurrent } = read
  if (!mark || !isCurrent || mark.builtUntil !== null) return null
  const values = bindValues()
  const first = values.bind(new Date(dayOf(from)), 'timestamptz')
  const last = values.bind(new Date(dayOf(to - 1)), 'timestamptz')
  const source = { read, span: { from, to }, filter: { currency }, table: CUSTOMER_DAYS }
  const [unsummed] = leftOf({ ...source, dimensions: ['account_id', 'reseller_id'] }, values, source.span)
  const bound = { first, last, currency: values.bind(currency, 'char(3)'), unsummed: unsummed ?? null }
  const { rows } = await client.query<LeadingRow>(leadingCustomers(bound, depth), values.values)
  return [...Map.groupBy(rows, ({ day }) => day?.getTime() ?? null)].map(([day, own]) => ({
    isWhole: day === null || (day >= from && day + DAY_MS <= to),
    isAll: own.length < depth,
    revenueNano: new Map(own.map(({ key, revenue_nano }) => [key, BigInt(revenue_nano)])),
  }))
}
