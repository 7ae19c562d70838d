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

const FIGURES = `requests, errors, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
  price_nano, market_nano, unlisted_nano`
const CELL_SUMS = FIGURES.replace(/\w+/g, (name) => `sum(${name})::bigint AS ${name}`)

const CELL_METRICS: Readonly<Record<SpendingMetric, string>> = {
  cost: 'sum(price_nano)',
  market: 'sum(market_nano)',
  saved: 'sum(market_nano - price_nano)',
  requests: 'sum(requests)',
  tokens: 'sum(input_tokens + cache_read_tokens + cache_write_tokens + output_tokens)',
}

export function spendingTotals(source: string): string {
  return `SELECT ${SUMS} FROM ${source} u`
}

/**
 * In one reading: the groups with the most of the metric (rows with a `place`, from 1), and by bucket of time those of the
 * first `top` places (rows with a `bucket`); there, null stands for all the others.
 */
export function spendingByGroup(source: string, { column, bucket, metric, limit, top }: GroupReading): string {
  return `WITH cells AS MATERIALIZED (
      SELECT ${bucketSql(bucket)} AS bucket, ${column}::text AS key, ${SUMS} FROM ${source} u GROUP BY 1, 2
    ), ranked AS (
      SELECT key, ${CELL_SUMS}, row_number() OVER (ORDER BY ${CELL_METRICS[metric]} DESC, key COLLATE "C") AS place
      FROM cells GROUP BY key
    )
    SELECT place, NULL::timestamptz AS bucket, key, ${FIGURES} FROM ranked WHERE place <= ${limit}
    UNION ALL
    SELECT NULL, bucket, CASE WHEN place <= ${top} THEN key END, ${CELL_SUMS}
    FROM cells JOIN (SELECT key, place FROM ranked) ranked USING (key) GROUP BY 2, 3
    ORDER BY place`
}

export interface GroupReading {
  readonly column: UsageDimension
  readonly bucket: Bucket
  readonly metric: SpendingMetric
  readonly limit: number
  readonly top: number
}

/** By bucket of time. */
export function spendingSeries(source: string, bucket: Bucket): string {
  return `SELECT ${bucketSql(bucket)} AS bucket, ${SUMS} FROM ${source} u GROUP BY 1`
}
