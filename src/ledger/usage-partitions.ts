import type { ClientBase } from 'pg'

/** Partitions are made this far ahead, so that no request ever waits for one. */
const AHEAD_MS = 62 * 24 * 3_600_000
/** Made anew long before they are needed. */
const RENEW_MS = 31 * 24 * 3_600_000

export interface UsagePartitions {
  /** Whether the month of this instant (milliseconds) and those after it are known to have a partition. */
  cover(now: number): boolean
  /** Makes what is missing. */
  prepare(client: ClientBase, now: number): Promise<void>
}

/** The monthly partitions of usage events; the database is asked once a month. */
export function createUsagePartitions(): UsagePartitions {
  let preparedFrom = Number.POSITIVE_INFINITY
  let preparedUntil = Number.NEGATIVE_INFINITY
  return {
    cover: (now) => now >= preparedFrom && now + RENEW_MS <= preparedUntil,
    async prepare(client, now) {
      const from = now - RENEW_MS
      const until = now + AHEAD_MS
      await client.query(
        'SELECT ensure_usage_partitions(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000))',
        [from, until],
      )
      preparedFrom = from
      preparedUntil = until
    },
  }
}
