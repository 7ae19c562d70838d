import { once } from 'node:events'
import { createRedisBackend } from 'bullmq'
import { Redis } from 'ioredis'
import type { BackendConnection, BackendOptions } from './backend.ts'

const KEY_PREFIX = 'farebox'
const CONNECT_TIMEOUT_MS = 3_000
/** A command of a producer that takes longer is given up. */
const COMMAND_TIMEOUT_MS = 2_000
const RECONNECT_STEP_MS = 100
const RECONNECT_MAX_MS = 2_000
/** A worker's blocking wait ends by itself after this, in case that its connection broke unnoticed. */
const LOOK_ANYWAY_SECONDS = 10
/** Every queue and worker listens to the one connection. */
const LISTENERS_MAX = 100

export function connectToRedis(options: BackendOptions & { redisUrl: string }): BackendConnection {
  const { redisUrl, use, onError } = options
  const redis = new Redis(redisUrl, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (tries: number) => Math.min(tries * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
    ...(use === 'producer'
      ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS }
      : { maxRetriesPerRequest: null }),
  })
  redis.setMaxListeners(LISTENERS_MAX)
  redis.on('error', onError)
  const first = Promise.race([once(redis, 'ready'), once(redis, 'close')]).catch(() => undefined)

  return {
    async ready() {
      await first
      if (redis.status !== 'ready') throw new Error(`Redis is away (${redis.status}).`)
    },
    // Of two processes that plan the same tick, the second one replaces the first one's: each command is atomic.
    alone: (work) => work(),
    factory: (name, options, extra) => createRedisBackend(name, { ...options, connection: redis }, extra),
    prefix: KEY_PREFIX,
    lookAnywaySeconds: LOOK_ANYWAY_SECONDS,
    end() {
      redis.disconnect()
      return Promise.resolve()
    },
  }
}
