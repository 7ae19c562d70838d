import { describe, expect, test } from 'vitest'
import { createRateLimiter, RATE_LIMITS } from '../../src/api/rate-limits.ts'

function world() {
  let now = 1_000_000
  const limiter = createRateLimiter({ now: () => now })
  return { limiter, advance: (milliseconds: number) => (now += milliseconds) }
}
const { burst, perSecond } = RATE_LIMITS.write

describe('a rate limit', () => {
  test('lets a burst in, refuses what comes after it, and says when the next may come', () => {
    const { limiter } = world()
    for (let left = burst - 1; left >= 0; left -= 1) {
      expect(limiter.take('key', 'write')).toMatchObject({ allowed: true, limit: burst, remaining: left })
    }
    expect(limiter.take('key', 'write')).toEqual({ allowed: false, limit: burst, remaining: 0, resetSeconds: 1 })
  })

  test('fills up with time, and no further than the burst', () => {
    const { limiter, advance } = world()
    for (let taken = 0; taken < burst; taken += 1) limiter.take('key', 'write')
    advance(1_000)
    for (let taken = 0; taken < perSecond; taken += 1) expect(limiter.take('key', 'write').allowed).toBe(true)
    expect(limiter.take('key', 'write').allowed).toBe(false)
    advance(24 * 3_600_000)
    expect(limiter.take('key', 'write').remaining).toBe(burst - 1)
  })

  test('is counted for each key and each class alone', () => {
    const { limiter } = world()
    for (let taken = 0; taken <= burst; taken += 1) limiter.take('one', 'write')
    expect(limiter.take('one', 'write').allowed).toBe(false)
    expect(limiter.take('other', 'write').allowed).toBe(true)
    expect(limiter.take('one', 'read').allowed).toBe(true)
  })

  test('neither gives nor takes when the clock is set back', () => {
    const { limiter, advance } = world()
    limiter.take('key', 'write')
    advance(-3_600_000)
    expect(limiter.take('key', 'write')).toMatchObject({ allowed: true, remaining: burst - 2 })
  })
})
