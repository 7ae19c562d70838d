import { OPERATOR_REVENUE } from '../../sql/usage-figures.ts'

/**
 * SQL: of each day, and of the events that no day holds yet, the customers with the most revenue. `first` and `last` are
 * days, `currency` is what is counted (parameters); `depth` is how far each list goes.
 */
export function leadingCustomers(
  { first, last, currency, unsummed }: { first: string; last: string; currency: string; unsummed: string | null },
  depth: number,
): string {
  const ofEvents = `
    UNION ALL (SELECT NULL, account_id::text, sum(${OPERATOR_REVENUE})::bigint::text FROM (${unsummed}) event
      GROUP BY account_id ORDER BY sum(${OPERATOR_REVENUE}) DESC LIMIT ${depth})`
  return `
    SELECT list.day, head.account_id::text AS key, head.revenue_nano::text
    FROM generate_series(${first}, ${last}, interval '24 hours') AS list (day) CROSS JOIN LATERAL (
      SELECT account_id, revenue_nano FROM usage_customer_day sums
      WHERE sums.day = list.day AND sums.currency = ${currency} ORDER BY revenue_nano DESC LIMIT ${depth}
    ) head ${unsummed === null ? '' : ofEvents}`
}
