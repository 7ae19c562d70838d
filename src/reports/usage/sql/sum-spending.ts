import { ERROR_STATUSES } from '../../dashboard/sql/sum-business.ts'
import type { Bucket } from '../../report-request.ts'
import { bucketSql } from '../../series.ts'
import type { UsageDimension } from '../../sql/usage-figures.ts'
import type { SpendingMetric } from '../spending.ts'

const ERRORS = ERROR_STATUSES.map((status) => `'${status}'`).join(', ')

const SUMS = `coalesce(sum(requests), 0)::bigint AS requests,
  coalesce(sum(requests) FILTER (WHERE status IN (${ERRORS})), 0)::bigint AS errors,
  sum(input_tokens)::bigint AS input_tokens, sum(cache_read_tokens)::bigint AS cache_read_tokens,
  sum(cache_write_tokens)::bigint AS cache_write_tokens, sum(output_tokens)::bigint AS output_tokens,
  sum(reasoning_tokens)::bigint AS reasoning_tokens, sum(price_nano)::bigint AS price_nano,
  sum(list_nano + unlisted_nano)::bigint AS market_nano, sum(unlisted_nano)::bigint AS unlisted_nano`

const METRICS: Readonly<Record<SpendingMetric, string>> = {
  cost: 'sum(price_nano)',
  market: 'sum(list_nano + unlisted_nano)',
  saved: 'sum(list_nano + unlisted_nano - price_nano)',
  requests: 'sum(requests)',
  tokens: 'sum(input_tokens + cache_read_tokens + cache_write_tokens + output_tokens)',
}

export function spendingTotals(source: string): string {
  return `SELECT ${SUMS} FROM ${source} u`
}

export function spendingGroups(source: string, column: UsageDimension, metric: SpendingMetric, limit: number): string {
  return `SELECT ${column}::text AS key, ${SUMS} FROM ${source} u
    GROUP BY ${column} ORDER BY ${METRICS[metric]} DESC, ${column}::text COLLATE "C" LIMIT ${limit}`
}

/** By bucket of time and, of some keys, by key; null stands for all the others. */
export function spendingSeries(source: string, bucket: Bucket, column: UsageDimension | null, keys: string): string {
  const key = column === null ? 'NULL' : `CASE WHEN ${column}::text = ANY (${keys}) THEN ${column}::text END`
  return `SELECT ${bucketSql(bucket)} AS bucket, ${key} AS key, ${SUMS} FROM ${source} u GROUP BY 1, 2`
}
