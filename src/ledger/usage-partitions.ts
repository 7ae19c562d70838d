import type { ClientBase } from 'pg'

/** Partitions are made this far ahead, so that no request ever waits for one. */
const AHEAD_MS = 62 * 24 * 3_600_000
/** Made anew long before they are needed. */
const RENEW_MS = 31 * 24 * 3_600_000

/** Makes sure that the month of `now` and those after it have a partition; asks the database once a month at most. */
export function createUsagePartitions(): (client: ClientBase, now: number) => Promise<void> {
  let preparedFrom = Number.POSITIVE_INFINITY
  let preparedUntil = Number.NEGATIVE_INFINITY
  return async (client, now) => {
    if (now >= preparedFrom && now + RENEW_MS <= preparedUntil) return
    const from = now - RENEW_MS
    const until = now + AHEAD_MS
    await client.query(
      'SELECT ensure_usage_partitions(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000))',
      [from, until],
    )
    preparedFrom = from
    preparedUntil = until
  }
}
