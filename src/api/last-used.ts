import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'

/** Each process writes of each key no more often. */
const EVERY_MS = 60_000
const KEYS_MAX = 100_000

/** Notes when API keys were used, to the minute, without anybody waiting for it. */
export function noteLastUsed(pool: Pool, clock: Clock, logger: Logger): (apiKeyId: string) => void {
  const noted = new Map<string, number>()
  return (apiKeyId) => {
    const now = clock.now()
    const last = noted.get(apiKeyId)
    if (last !== undefined && now - last < EVERY_MS) return
    if (noted.size >= KEYS_MAX) noted.clear()
    noted.set(apiKeyId, now)
    pool
      .query('UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)', [
        apiKeyId,
        new Date(now),
      ])
      .catch((error: unknown) => logger.warn({ err: error }, 'the use of an API key could not be noted'))
  }
}
