import { randomFillSync } from 'node:crypto'
import type { Clock } from './clock.ts'

const RANDOM_BYTES_PER_ID = 10
/** Random bytes are drawn for this many ids at once: one system call instead of one an id. */
const IDS_PER_DRAW = 256

const pool = Buffer.alloc(RANDOM_BYTES_PER_ID * IDS_PER_DRAW)
let poolOffset = pool.length

/**
 * A time-ordered UUID (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random bits.
 * The id of a request also tells which month's partition its usage event belongs to.
 */
export function uuidV7(clock: Clock): string {
  if (poolOffset === pool.length) {
    randomFillSync(pool)
    poolOffset = 0
  }
  const time = clock.now().toString(16).padStart(12, '0')
  const random = pool.toString('hex', poolOffset, poolOffset + RANDOM_BYTES_PER_ID)
  const variant = (8 + ((pool[poolOffset + 9] ?? 0) & 3)).toString(16)
  poolOffset += RANDOM_BYTES_PER_ID
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6, 18)}`
}

/** The milliseconds that a UUIDv7 begins with. */
export function uuidV7Time(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
