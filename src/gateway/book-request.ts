import type { Resolution } from '../ledger/operations.ts'
import type { RouteAttempt, UsageEvent, UsageStatus } from '../ledger/usage-event.ts'
import { type Quote, quote } from '../pricing/quote.ts'
import { NO_USAGE, type TokenUsage } from '../pricing/token-usage.ts'
import type { Caller } from './authenticate.ts'
import type { Gateway } from './gateway.ts'
import { GatewayError } from './gateway-error.ts'
import type { PricedRoute } from './price-plans.ts'

/** A request that holds a reservation. */
export interface AuthorizedRequest {
  readonly requestId: string
  readonly caller: Caller
  readonly surface: string
  readonly model: string
  readonly streaming: boolean
  readonly clientIp: string | null
  readonly userAgent: string | null
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** How a request ended. */
export interface RequestEnd {
  /** The route that answered; null = none did. */
  priced: PricedRoute | null
  failed: readonly RouteAttempt[]
  status: UsageStatus
  httpStatus: number
  errorCode: string | null
  /** What was used; null = nothing that could be charged. */
  usage: TokenUsage | null
  estimated: boolean
  firstByteAt: number | null
  /** What the provider may bill us for a request that is not charged. */
  exposureNano: bigint
}

export interface Receipt {
  chargeNano: bigint
  /** Null where the charge was found booked after its commit went unseen: the balance of that moment is not known. */
  balanceNano: bigint | null
}

/** What booking needs of the gateway. */
export type Bookkeeping = Pick<Gateway, 'ledger' | 'metrics' | 'clock' | 'logger'>

/** A header may be of any length; the first part tells which software it was. */
const USER_AGENT_MAX = 200
const SMALL_INTEGER_MAX = 2 ** 31 - 1

/**
 * Books the end of a request: the only place where anything is charged. When this returns, the charge is durable.
 * @throws GatewayError when it could not be booked: then nothing was charged, and the answer must not be finished.
 */
export async function bookRequest(gateway: Bookkeeping, request: AuthorizedRequest, end: RequestEnd): Promise<Receipt> {
  const priced = end.usage && end.priced ? quote(end.priced.plan, end.usage) : null
  const resolution = resolutionOf(gateway, request, end, priced)
  const resolved = await gateway.ledger.resolve(resolution)
  gateway.metrics.requests.inc({ surface: request.surface, status: end.status })
  gateway.metrics.latency.observe({ surface: request.surface }, (gateway.clock.now() - request.startedAt) / 1_000)
  if (resolved.outcome === 'no_hold') {
    gateway.metrics.chargesLost.inc()
    throw new GatewayError('internal_error', 'The request took too long to be charged and was canceled.')
  }
  if (end.estimated) gateway.metrics.estimated.inc()
  if (resolved.outcome === 'booked' && resolved.overdraftNano > 0n) {
    gateway.metrics.overdraftNano.inc(Number(resolved.overdraftNano))
    gateway.logger.warn(
      { requestId: request.requestId, overdraftNano: String(resolved.overdraftNano) },
      'a provider billed more than was reserved',
    )
  }
  if (priced) gateway.metrics.chargedNano.inc(Number(priced.priceNano))
  return {
    chargeNano: resolution.priceNano,
    balanceNano: resolved.outcome === 'booked' ? resolved.balanceNano : null,
  }
}

function resolutionOf(
  gateway: Bookkeeping,
  request: AuthorizedRequest,
  end: RequestEnd,
  priced: Quote | null,
): Resolution {
  const { caller } = request
  return {
    requestId: request.requestId,
    accountId: caller.accountId,
    resellerId: caller.reseller?.id ?? null,
    budgetIds: caller.budgetIds,
    event: usageEvent(gateway, request, end, priced),
    attempts: end.failed,
    priceNano: priced?.priceNano ?? 0n,
    wholesaleNano: priced?.wholesaleNano ?? 0n,
  }
}

function usageEvent(
  gateway: Bookkeeping,
  request: AuthorizedRequest,
  end: RequestEnd,
  priced: Quote | null,
): UsageEvent {
  const { caller } = request
  const usage = end.usage ?? NO_USAGE
  const route = end.priced?.route
  const since = (at: number): number => Math.max(0, Math.min(at - request.startedAt, SMALL_INTEGER_MAX))
  return {
    id: request.requestId,
    accountId: caller.accountId,
    resellerId: caller.reseller?.id ?? null,
    projectId: caller.projectId,
    accessKeyId: caller.accessKeyId,
    surface: request.surface,
    model: request.model,
    routeId: route?.id ?? null,
    providerId: route?.provider.id ?? null,
    upstreamModel: route?.upstreamModel ?? null,
    status: end.status,
    httpStatus: end.httpStatus,
    errorCode: end.errorCode,
    streaming: request.streaming,
    estimated: end.estimated,
    ownKey: false,
    inputTokens: usage.inputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWrite5mTokens: usage.cacheWrite5mTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    listNano: priced?.listNano ?? null,
    costNano: priced?.costNano ?? 0n,
    wholesaleNano: priced?.wholesaleNano ?? 0n,
    priceNano: priced?.priceNano ?? 0n,
    operatorFeeNano: priced?.operatorFeeNano ?? 0n,
    sellerFeeNano: priced?.sellerFeeNano ?? 0n,
    costProfileId: priced?.versions.costProfileId ?? null,
    listPriceId: priced?.versions.listPriceId ?? null,
    operatorRuleId: priced?.versions.operatorRuleId ?? null,
    resellerRuleId: priced?.versions.resellerRuleId ?? null,
    exposureNano: end.exposureNano,
    attempts: end.failed.length + (end.priced ? 1 : 0),
    latencyMs: since(gateway.clock.now()),
    firstByteMs: end.firstByteAt === null ? null : since(end.firstByteAt),
    clientIp: request.clientIp,
    userAgent: request.userAgent?.slice(0, USER_AGENT_MAX) ?? null,
    createdAt: request.startedAt,
  }
}
