import type { UsageStatus } from '../../ledger/usage-event.ts'
import type { TokenUsage } from '../../pricing/token-usage.ts'
import { hashText, seededRandom } from '../provider/seeded-random.ts'

/** A request that somebody is told to have made. */
export interface DemoRequest {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly model: string
  /** Which of the customer's keys, by its place. */
  readonly key: number
  readonly streaming: boolean
  readonly status: UsageStatus
  readonly httpStatus: number
  readonly errorCode: string | null
  /** Null where nothing came of it. */
  readonly usage: TokenUsage | null
  readonly latencyMs: number
  readonly firstByteMs: number | null
}

/** How a customer of the demo works. */
export interface DemoHabits {
  readonly name: string
  /** Requests on a working day at the end of the story; there are fewer at its start. */
  readonly requestsPerDay: number
  /** Each with its share; shares need not sum to anything. */
  readonly models: readonly (readonly [model: string, share: number])[]
  readonly keys: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WORKING_HOURS = { from: 7, to: 20 }
/** Sunday and Saturday. */
const WEEKEND = new Set([0, 6])
const WEEKEND_SHARE = 0.3
/** At the start of the story there was this part of the traffic of its end. */
const FIRST_SHARE = 0.45
const FAILED_SHARE = 0.015
const ABORTED_SHARE = 0.01
const STREAMING_SHARE = 0.6
const CACHED_SHARE = 0.35

/**
 * The requests of one day (UTC), in order of time: the same for the same day. Pure.
 * @param day its first millisecond
 * @param progress 0 at the start of the story, 1 at its end
 */
export function trafficOfDay(habits: DemoHabits, day: number, progress: number): DemoRequest[] {
  const random = seededRandom(hashText(`${habits.name} ${new Date(day).toISOString()}`))
  const rhythm = WEEKEND.has(new Date(day).getUTCDay()) ? WEEKEND_SHARE : 1
  const growth = FIRST_SHARE + (1 - FIRST_SHARE) * progress
  const count = Math.round(habits.requestsPerDay * rhythm * growth * (0.8 + 0.4 * random()))
  const requests = Array.from({ length: count }, () => demoRequest(habits, day, random))
  return requests.sort((left, right) => left.at - right.at)
}

function demoRequest(habits: DemoHabits, day: number, random: () => number): DemoRequest {
  const hour = WORKING_HOURS.from + random() * (WORKING_HOURS.to - WORKING_HOURS.from)
  const at = day + Math.floor(hour * HOUR_MS)
  const model = modelFor(habits, random())
  const key = Math.floor(random() ** 2 * habits.keys)
  const streaming = random() < STREAMING_SHARE
  const usage = demoUsage(random)
  const firstByteMs = 180 + Math.floor(random() * 700)
  const latencyMs = firstByteMs + usage.outputTokens * (6 + Math.floor(random() * 10))
  const fate = random()
  const common = { at, model, key, streaming }
  if (fate < FAILED_SHARE) {
    const overloaded = { status: 'FAILED', httpStatus: 503, errorCode: 'provider_error' } as const
    return { ...common, ...overloaded, usage: null, latencyMs: firstByteMs, firstByteMs: null }
  }
  const isAborted = streaming && fate < FAILED_SHARE + ABORTED_SHARE
  const status: UsageStatus = isAborted ? 'CLIENT_ABORTED' : 'COMPLETED'
  return { ...common, status, httpStatus: isAborted ? 499 : 200, errorCode: null, usage, latencyMs, firstByteMs }
}

function modelFor({ models }: DemoHabits, place: number): string {
  let rest = place * models.reduce((sum, [, share]) => sum + share, 0)
  for (const [model, share] of models) {
    rest -= share
    if (rest < 0) return model
  }
  return (models[0] as readonly [string, number])[0]
}

function demoUsage(random: () => number): TokenUsage {
  const prompt = 200 + Math.floor(random() ** 2 * 60_000)
  const cacheReadTokens = random() < CACHED_SHARE ? Math.floor(prompt * random() * 0.8) : 0
  const outputTokens = 20 + Math.floor(random() * 3_000)
  return {
    inputTokens: prompt - cacheReadTokens,
    cacheReadTokens,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens,
    reasoningTokens: 0,
  }
}

/** The first millisecond of the day (UTC) of an instant. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}
