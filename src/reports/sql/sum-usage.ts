/** Where no provider was reached: a primary key knows no null. */
export const NO_PROVIDER = '00000000-0000-0000-0000-000000000000'

/** The columns of `usage_rollup`, in the order in which `sumUsage` selects them. */
export const ROLLUP_COLUMNS = `hour, account_id, project_id, access_key_id, model, provider_id, status, reseller_id, currency,
  requests, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
  list_nano, cost_nano, wholesale_nano, price_nano, operator_fee_nano, seller_fee_nano, exposure_nano, latency_ms`

/**
 * For the transaction of a sum: hash rather than sort. The planner takes every event for a group of its own, and to save
 * itself the sort would read them one by one in the order of an index; that was six times slower.
 */
export const PLAN_FOR_SUMS = 'SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off'

/**
 * The hours' sums as the events say. `$1` and `$2` are the first hour and the one after the last; `slack` is a PostgreSQL
 * interval by which an event's id may lie beside its time. Partitions and the primary key go by the id, so bounds on the
 * time alone would read all events there are.
 *
 * An account has one currency always and one reseller at a time; of two within an hour the group names one.
 */
export function sumUsage(slack: string): string {
  return `
    SELECT date_bin('1 hour', created_at, 'epoch') AS hour, account_id, project_id, access_key_id, model,
           coalesce(provider_id, '${NO_PROVIDER}') AS provider_id, status,
           max(reseller_id::text)::uuid AS reseller_id, max(currency) AS currency,
           count(*) AS requests, sum(input_tokens) AS input_tokens, sum(cache_read_tokens) AS cache_read_tokens,
           sum(cache_write_5m_tokens) + sum(cache_write_1h_tokens) AS cache_write_tokens,
           sum(output_tokens) AS output_tokens, sum(reasoning_tokens) AS reasoning_tokens,
           coalesce(sum(list_nano), 0)::bigint AS list_nano, sum(cost_nano)::bigint AS cost_nano,
           sum(wholesale_nano)::bigint AS wholesale_nano, sum(price_nano)::bigint AS price_nano,
           sum(operator_fee_nano)::bigint AS operator_fee_nano, sum(seller_fee_nano)::bigint AS seller_fee_nano,
           sum(exposure_nano)::bigint AS exposure_nano, sum(latency_ms) AS latency_ms
    FROM usage_event
    WHERE created_at >= $1 AND created_at < $2
      AND id >= uuid_v7_floor($1::timestamptz - interval '${slack}')
      AND id < uuid_v7_floor($2::timestamptz + interval '${slack}')
    GROUP BY 1, account_id, project_id, access_key_id, model, 6, status`
}
