import { Registry } from 'prom-client'
import type { CatalogModel } from '../../catalog/catalog-snapshot.ts'
import type { Caller } from '../../gateway/authenticate.ts'
import { type Bookkeeping, bookRequest } from '../../gateway/book-request.ts'
import type { PricedCatalog } from '../../gateway/gateway.ts'
import { createGatewayMetrics } from '../../gateway/gateway-metrics.ts'
import type { PricedRoute } from '../../gateway/price-plans.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Logger } from '../../lib/logger.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { quote } from '../../pricing/quote.ts'
import type { TokenUsage } from '../../pricing/token-usage.ts'
import type { DemoRequest } from './demo-traffic.ts'

const DEADLINE_MS = 600_000
const SURFACE = 'openai.chat_completions'
/** Of the block for documentation (RFC 5737). */
const CLIENT_IP = '203.0.113.7'
const USER_AGENT = 'OpenAI/JS 7.55.0'

export interface DemoBooks {
  ledger: Ledger
  catalog: PricedCatalog
  logger: Logger
}

/** Books requests of the past as the gateway books those of today: reserved, priced, charged. Returns what does it. */
export function demoBookkeeping({ ledger, catalog, logger }: DemoBooks) {
  const metrics = createGatewayMetrics(new Registry())
  return async (caller: Caller, told: DemoRequest): Promise<void> => {
    const model = catalog.snapshot.modelsByName.get(told.model)
    const priced = model ? pricedRoute(catalog, caller, model, told.at) : null
    if (!model || !priced) throw new Error(`the demo tells of a model without a price: ${told.model}`)
    const requestId = uuidV7({ now: () => told.at })
    const isGranted = await reserve(ledger, caller, told, { requestId, priced })
    if (!isGranted) return
    const books: Bookkeeping = { ledger, metrics, logger, clock: { now: () => told.at + told.latencyMs } }
    const request = { requestId, caller, surface: SURFACE, model: model.name, streaming: told.streaming }
    await bookRequest(
      books,
      { ...request, clientIp: CLIENT_IP, userAgent: USER_AGENT, startedAt: told.at },
      {
        ...{ priced, failed: [], status: told.status, httpStatus: told.httpStatus, errorCode: told.errorCode },
        ...{ usage: told.usage, estimated: told.status === 'CLIENT_ABORTED', exposureNano: 0n },
        firstByteAt: told.firstByteMs === null ? null : told.at + told.firstByteMs,
      },
    )
  }
}

/** What serves in the sandbox: the first route that has a price. */
function pricedRoute(catalog: PricedCatalog, caller: Caller, model: CatalogModel, at: number): PricedRoute | null {
  for (const route of model.routes) {
    const compiled = catalog.plans.planFor(caller, model, route, at)
    if (compiled.ok) return { route, plan: compiled.plan }
  }
  return null
}

async function reserve(
  ledger: Ledger,
  caller: Caller,
  told: DemoRequest,
  { requestId, priced }: { requestId: string; priced: PricedRoute },
): Promise<boolean> {
  const bound: TokenUsage = told.usage ?? NOTHING_MUCH
  const { priceNano, wholesaleNano, costNano } = quote(priced.plan, bound)
  const { granted } = await ledger.authorize({
    ...{ requestId, accountId: caller.accountId, resellerId: caller.reseller?.id ?? null },
    ...{ budgetIds: caller.budgetIds, projectId: caller.projectId, accessKeyId: caller.accessKeyId },
    ...{ model: told.model, surface: SURFACE, streaming: told.streaming, deadlineAt: told.at + DEADLINE_MS },
    demand: {
      fit: ({ customerNano, resellerNano }) =>
        priceNano <= customerNano && (resellerNano === null || wholesaleNano <= resellerNano)
          ? { outputTokensMax: bound.outputTokens, priceNano, wholesaleNano, costNano }
          : null,
      affordableOutputTokens: () => 0,
    },
  })
  return granted
}

const NOTHING_MUCH: TokenUsage = {
  ...{ inputTokens: 100, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 },
  ...{ outputTokens: 100, reasoningTokens: 0 },
}
