import type { Bucket } from '../../report-request.ts'
import { bucketSql } from '../../series.ts'
import {
  ACCOUNT_DAYS,
  NONE,
  OPERATOR_REVENUE,
  ROUTE_DAYS,
  type SumTable,
  type UsageDimension,
} from '../../sql/usage-figures.ts'
import type { BusinessScope } from '../business-figures.ts'

export const BUSINESS_GROUPS = ['model', 'provider', 'customer', 'reseller'] as const
export type BusinessGroup = (typeof BUSINESS_GROUPS)[number]

/** What groups are made of, and the coarsest table that tells it. */
export const GROUP_SOURCES: Readonly<Record<BusinessGroup, { column: UsageDimension; table: SumTable }>> = {
  model: { column: 'model', table: ROUTE_DAYS },
  provider: { column: 'provider_id', table: ROUTE_DAYS },
  customer: { column: 'account_id', table: ACCOUNT_DAYS },
  reseller: { column: 'reseller_id', table: ROUTE_DAYS },
}

/** What counts as an error: the customer left with nothing, through no wish of its own. */
export const ERROR_STATUSES = ['FAILED', 'PROVIDER_ABORTED', 'ABANDONED'] as const
const ERRORS = ERROR_STATUSES.map((status) => `'${status}'`).join(', ')

/** The provider's cost is not even read for a reseller. */
const MONEY = {
  operator: `sum(${OPERATOR_REVENUE})::bigint AS revenue_nano, sum(cost_nano)::bigint AS paid_nano,
    coalesce(sum(price_nano - wholesale_nano) FILTER (WHERE reseller_id <> '${NONE}'), 0)::bigint AS reseller_margin_nano,
    true AS has_resellers`,
  reseller: `sum(price_nano)::bigint AS revenue_nano, sum(wholesale_nano)::bigint AS paid_nano, false AS has_resellers`,
} as const

const SUMMED = [
  ...['requests', 'errors', 'input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens'],
  ...['reasoning_tokens', 'revenue_nano', 'paid_nano'],
]

/** SQL: sums over rows of `businessSums`. */
function sumsAgain(scope: BusinessScope): string {
  const isOperator = scope === 'operator'
  const names = isOperator ? [...SUMMED, 'reseller_margin_nano'] : SUMMED
  return [...names.map((name) => `sum(${name})::bigint AS ${name}`), `${isOperator} AS has_resellers`].join(', ')
}

/** SQL: the figures as sums over rows of usage. */
export function businessSums(scope: BusinessScope): string {
  return `coalesce(sum(requests), 0)::bigint AS requests,
    coalesce(sum(requests) FILTER (WHERE status IN (${ERRORS})), 0)::bigint AS errors,
    sum(input_tokens)::bigint AS input_tokens, sum(cache_read_tokens)::bigint AS cache_read_tokens,
    sum(cache_write_tokens)::bigint AS cache_write_tokens, sum(output_tokens)::bigint AS output_tokens,
    sum(reasoning_tokens)::bigint AS reasoning_tokens, ${MONEY[scope === 'operator' ? 'operator' : 'reseller']}`
}

/** What an overview is made of. */
export interface OverviewShape {
  readonly bucket: Bucket
  /** A parameter: where the period begins. What is older is of the period before it. */
  readonly from: string
  /** The groups that are wanted with it, those with the most revenue; null = none. */
  readonly groups: { readonly column: UsageDimension; readonly limit: number } | null
}

/**
 * SQL: a period and the one before it, read once. Rows with a bucket are the period's course, those with a key its groups,
 * the one with neither is all that came before.
 */
export function businessOverview(
  source: string,
  scope: BusinessScope,
  { bucket, from, groups }: OverviewShape,
): string {
  const again = `${sumsAgain(scope)} FROM part`
  const key = groups === null ? 'NULL' : `${groups.column}::text`
  const ranked =
    groups &&
    `UNION ALL (SELECT NULL, key, ${again} WHERE bucket IS NOT NULL GROUP BY key
    ORDER BY revenue_nano DESC, key COLLATE "C" LIMIT ${groups.limit})`
  return `
    WITH part AS MATERIALIZED (
      SELECT CASE WHEN at >= ${from} THEN ${bucketSql(bucket)} END AS bucket, ${key} AS key, ${businessSums(scope)}
      FROM ${source} u GROUP BY 1, 2)
    SELECT bucket, NULL AS key, ${again} GROUP BY bucket ${ranked ?? ''}`
}

/**
 * SQL: the groups with the most revenue, the most first; `after` continues behind a place in that order. There may be very
 * many groups: their other figures are summed for those alone that are shown.
 */
export function rankGroups(
  source: string,
  scope: BusinessScope,
  column: UsageDimension,
  { limit, after }: { limit: number; after: string | null },
): string {
  const revenue = `sum(${scope === 'operator' ? OPERATOR_REVENUE : 'price_nano'})::bigint`
  const having = after === null ? '' : `HAVING (-${revenue}, ${column}::text COLLATE "C") > ${after}`
  return `SELECT ${column}::text AS key FROM ${source} u
    GROUP BY ${column} ${having} ORDER BY ${revenue} DESC, ${column}::text COLLATE "C" LIMIT ${limit}`
}

/** SQL: the figures of each group. */
export function businessGroups(source: string, scope: BusinessScope, column: UsageDimension): string {
  return `SELECT ${column}::text AS key, ${businessSums(scope)} FROM ${source} u GROUP BY ${column}`
}
