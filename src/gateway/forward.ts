import { setTimeout as setTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import type { RouteAttempt } from '../ledger/usage-event.ts'
import type { Clock } from '../lib/clock.ts'
import { GatewayError } from './gateway-error.ts'
import type { PricedRoute } from './price-plans.ts'
import type { UpstreamReply, Upstreams } from './upstream.ts'

/** Each route is tried this often before the next one is. */
const TRIES_PER_ROUTE = 2
/** A provider that asks for a longer pause is left for the next route, or its answer is passed on. */
const PAUSE_MAX_MS = 2_000
const PAUSE_DEFAULT_MS = 100

/** Worth another try: nothing has been produced, and it may go better (RFC 9110 and the official SDKs' own retries). */
function isRetryable(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

export interface Forwarded {
  reply: UpstreamReply
  priced: PricedRoute
  /** The attempts that failed before this one. */
  failed: RouteAttempt[]
}

export interface ForwardOptions {
  requestId: string
  routes: readonly PricedRoute[]
  upstreams: Upstreams
  path: string
  bodyFor: (priced: PricedRoute) => Buffer
  clock: Clock
  /** When the account's own patience ends, if no answer has begun: milliseconds since the epoch; null = it has none. */
  deadlineAt: number | null
  /** Says that nobody waits for the answer any more. */
  isAbandoned: () => boolean
  /** Calls `leave` once nobody waits for a reply that has not begun; returns how to be spared that. */
  whenAbandoned: (leave: () => void) => () => void
}

export class UpstreamUnreachable extends GatewayError {
  readonly failed: RouteAttempt[]
  constructor(failed: RouteAttempt[], timedOut: boolean) {
    super(
      timedOut ? 'upstream_timeout' : 'upstream_error',
      timedOut ? 'The provider did not answer in time.' : 'The provider could not be reached.',
      { retryAfterSeconds: 5 },
    )
    this.failed = failed
  }
}

/** The account's own limit of waiting was reached: the provider may still be at work, and bill us for it. */
export class RequestTimedOut extends UpstreamUnreachable {
  constructor(failed: RouteAttempt[]) {
    super(failed, true)
    this.message = "No answer had begun when this account's request timeout was over."
  }
}

/**
 * Sends the request to its routes in turn until one answers with something that is worth passing on: a success, the
 * client's own fault, or the last failure of the last route. Nothing is retried once a reply has begun well.
 * @throws UpstreamUnreachable when not even the last attempt brought a reply.
 */
export async function forward(options: ForwardOptions): Promise<Forwarded> {
  const failed: RouteAttempt[] = []
  let timedOut = false
  for (const [index, priced] of options.routes.entries()) {
    const isLastRoute = index === options.routes.length - 1
    for (let tries = 1; tries <= TRIES_PER_ROUTE; tries += 1) {
      const isLast = isLastRoute && tries === TRIES_PER_ROUTE
      const startedAt = options.clock.now()
      const attempt = (httpStatus: number | null, errorCode: string): void => {
        failed.push(failedAttempt(options, priced, failed.length, startedAt, httpStatus, errorCode))
      }
      if (options.isAbandoned()) throw new UpstreamUnreachable(failed, false)
      let reply: UpstreamReply
      const posted = options.upstreams.post(priced.route.provider, options.path, options.bodyFor(priced))
      const stay = options.whenAbandoned(() => posted.abort(new Error('the client has left')))
      const patience = untilDeadline(options, () => posted.abort(new Error('the request timeout is over')))
      try {
        reply = await posted.opened
      } catch (error) {
        const code = options.isAbandoned() ? 'client_left' : patience.isOver() ? 'request_timeout' : codeOf(error)
        timedOut = code === 'UND_ERR_HEADERS_TIMEOUT'
        attempt(null, code)
        if (patience.isOver() && !options.isAbandoned()) throw new RequestTimedOut(failed)
        // Having waited ten minutes for the head of a reply, nobody waits for another ten.
        if (timedOut || options.isAbandoned()) throw new UpstreamUnreachable(failed, timedOut)
        if (!isLast) await setTimeout(PAUSE_DEFAULT_MS * tries)
        continue
      } finally {
        stay()
        patience.end()
      }
      if (!isRetryable(reply.status) || isLast || options.isAbandoned()) return { reply, priced, failed }
      const pauseMs = retryAfterMs(reply, options.clock.now()) ?? PAUSE_DEFAULT_MS * tries
      const triesAgain = tries < TRIES_PER_ROUTE && pauseMs <= PAUSE_MAX_MS
      if (!triesAgain && isLastRoute) return { reply, priced, failed }
      attempt(reply.status, `http_${reply.status}`)
      reply.body().catch(() => 'the reply of a failed attempt is read only so that its connection can be used again')
      if (!triesAgain) break
      await setTimeout(pauseMs)
    }
  }
  throw new UpstreamUnreachable(failed, timedOut)
}

interface Patience {
  isOver(): boolean
  end(): void
}

/** Calls `leave` at the deadline, unless it is ended before. */
function untilDeadline({ deadlineAt, clock }: ForwardOptions, leave: () => void): Patience {
  if (deadlineAt === null) return ENDLESS
  let isOver = false
  const timer = setTimer(
    () => {
      isOver = true
      leave()
    },
    Math.max(0, deadlineAt - clock.now()),
  )
  return { isOver: () => isOver, end: () => clearTimeout(timer) }
}

const ENDLESS: Patience = { isOver: () => false, end: () => undefined }

function failedAttempt(
  options: ForwardOptions,
  { route }: PricedRoute,
  ordinal: number,
  startedAt: number,
  httpStatus: number | null,
  errorCode: string,
): RouteAttempt {
  return {
    requestId: options.requestId,
    ordinal,
    routeId: route.id,
    providerId: route.provider.id,
    httpStatus,
    errorCode,
    latencyMs: Math.max(0, options.clock.now() - startedAt),
    costNano: 0n,
    createdAt: startedAt,
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'UNKNOWN'
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in milliseconds. */
function retryAfterMs(reply: UpstreamReply, now: number): number | null {
  const value = reply.headers['retry-after']
  if (value === undefined) return null
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
