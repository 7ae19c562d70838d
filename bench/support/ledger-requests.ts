import type { AuthorizeRequest, Fit, Resolution } from '../../src/ledger/operations.ts'
import type { UsageEvent } from '../../src/ledger/usage-event.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'

/** What a short chat reserves and then costs, in nano: the shape of the rows matters here, not the price. */
const FIT: Fit = { outputTokensMax: 256, priceNano: 180_000n, wholesaleNano: 0n, costNano: 150_000n }
const PRICE_NANO = 61_400n
const COST_NANO = 51_200n

/** Far beyond any round, so that no wallet runs dry. */
export const CREDIT_NANO = 1_000_000_000_000_000n

const DEADLINE_MS = 600_000
/** Ids of the catalog, which the ledger stores without looking at them. */
const [ROUTE, PROVIDER, COST_PROFILE, LIST_PRICE, RULE] = Array.from({ length: 5 }, () => uuidV7(systemClock))

const DEMAND = {
  fit: ({ customerNano }: { customerNano: bigint }) => (customerNano >= FIT.priceNano ? FIT : null),
  affordableOutputTokens: () => 0,
}

/** A request that reserves credit of this account. */
export function requestOf(accountId: string): AuthorizeRequest {
  return {
    requestId: uuidV7(systemClock),
    accountId,
    resellerId: null,
    budgetIds: [],
    projectId: accountId,
    accessKeyId: accountId,
    model: 'gpt-5-mini',
    surface: 'chat',
    streaming: false,
    demand: DEMAND,
    deadlineAt: systemClock.now() + DEADLINE_MS,
  }
}

/** Its end: a usage event with every column that an ordinary request fills, and the charge that it says. */
export function captureOf(request: AuthorizeRequest): Resolution {
  const { requestId, accountId, resellerId, budgetIds } = request
  const event = eventOf(request)
  return { requestId, accountId, resellerId, budgetIds, event, attempts: [], priceNano: PRICE_NANO, wholesaleNano: 0n }
}

function eventOf(request: AuthorizeRequest): UsageEvent {
  const { requestId, accountId, resellerId, projectId, accessKeyId, surface, model, streaming } = request
  return {
    id: requestId,
    ...{ accountId, resellerId, projectId, accessKeyId, surface, model, streaming },
    routeId: ROUTE!,
    providerId: PROVIDER!,
    upstreamModel: 'gpt-5-mini-2025-08-07',
    status: 'COMPLETED',
    httpStatus: 200,
    errorCode: null,
    estimated: false,
    ownKey: false,
    inputTokens: 83,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 112,
    reasoningTokens: 0,
    listNano: PRICE_NANO,
    costNano: COST_NANO,
    wholesaleNano: 0n,
    priceNano: PRICE_NANO,
    operatorFeeNano: 0n,
    sellerFeeNano: 0n,
    costProfileId: COST_PROFILE!,
    listPriceId: LIST_PRICE!,
    operatorRuleId: RULE!,
    resellerRuleId: null,
    exposureNano: 0n,
    attempts: 1,
    latencyMs: 742,
    firstByteMs: 310,
    clientIp: '203.0.113.17',
    userAgent: 'OpenAI/JS 6.1.0',
    createdAt: systemClock.now(),
  }
}
