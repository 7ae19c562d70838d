import type { Clock } from '../lib/clock.ts'

interface RateLimit {
  /** Requests that may come at once after a pause. */
  readonly burst: number
  readonly perSecond: number
}

/**
 * Per credential and process. Asking for the balance is cheap, and done before each request by some; it is limited only so
 * that one caller does not take the process from all others.
 */
export const RATE_LIMITS = {
  balance: { burst: 20_000, perSecond: 10_000 },
  read: { burst: 1_000, perSecond: 200 },
  write: { burst: 300, perSecond: 30 },
} as const satisfies Record<string, RateLimit>
export type RateClass = keyof typeof RATE_LIMITS

/** Credentials remembered; beyond this all begin anew, which is in their favour. */
const BUCKETS_MAX = 100_000

interface Bucket {
  tokens: number
  at: number
}

export interface Rate {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Seconds until the whole burst is there again, or, where refused, until the next request is let in. */
  readonly resetSeconds: number
}

export interface RateLimiter {
  take(credentialId: string, rateClass: RateClass): Rate
}

/** Token buckets in process memory: several processes each let a credential do as much. */
export function createRateLimiter(clock: Clock): RateLimiter {
  const classes = new Map<RateClass, Map<string, Bucket>>()
  for (const name of Object.keys(RATE_LIMITS) as RateClass[]) classes.set(name, new Map())

  return {
    take(credentialId, rateClass) {
      const { burst, perSecond } = RATE_LIMITS[rateClass]
      const buckets = classes.get(rateClass) as Map<string, Bucket>
      const now = clock.now()
      let bucket = buckets.get(credentialId)
      if (!bucket) {
        if (buckets.size >= BUCKETS_MAX) buckets.clear()
        bucket = { tokens: burst, at: now }
        buckets.set(credentialId, bucket)
      }
      // A clock that was set back brings nothing and takes nothing.
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * perSecond) / 1_000)
      bucket.at = now
      const allowed = bucket.tokens >= 1
      if (allowed) bucket.tokens -= 1
      const missing = allowed ? burst - bucket.tokens : 1 - bucket.tokens
      return {
        allowed,
        limit: burst,
        remaining: Math.floor(bucket.tokens),
        resetSeconds: Math.ceil(missing / perSecond),
      }
    },
  }
}
