import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CatalogModel } from '../catalog/catalog-snapshot.ts'
import type { Authorization } from '../ledger/operations.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { formatDecimalNano } from '../money/nano.ts'
import { authenticate, clientAddress } from './authenticate.ts'
import type { AuthorizedRequest } from './book-request.ts'
import { type ChatExchange, createChatExchange, endRequest } from './chat-exchange.ts'
import { chooseRoutes } from './choose-routes.ts'
import { demandOf } from './demand.ts'
import { type Forwarded, forward, RequestTimedOut, UpstreamUnreachable } from './forward.ts'
import type { Gateway } from './gateway.ts'
import { GatewayError } from './gateway-error.ts'
import type { PricedRoute } from './price-plans.ts'
import { answerError, answerFailure, answerStream, answerWhole } from './protocols/openai/answers.ts'
import { type ChatRequest, isCap, parseChatRequest, upstreamBody } from './protocols/openai/chat-request.ts'
import { readBody } from './read-body.ts'
import { resolveModel } from './resolve-model.ts'

const SURFACE = 'openai.chat_completions'
/** A hold outlives the longest request; after that the reaper gives it back. */
const HOLD_MS = 60 * 60_000

/**
 * `POST /v1/chat/completions`: authenticate → resolve model → choose routes → quote the bound → authorize → forward →
 * meter → capture → finish. Whatever goes wrong before the hold costs nothing; whatever goes wrong after it ends the
 * hold, by a charge or by giving it back.
 */
export async function chatCompletions(
  gateway: Gateway,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = gateway.clock.now()
  const requestId = uuidV7(gateway.clock)
  gateway.inFlight.enter()
  try {
    const caller = await authenticate(incoming, gateway.directory, gateway.clock, 'inference')
    const chat = parseChatRequest(await readBody(incoming))
    const catalog = gateway.catalog()
    const model = resolveModel(catalog.snapshot, caller, chat.model)
    refuseImpossibleOutput(chat, model)
    const routes = chooseRoutes(caller, model, catalog.plans, startedAt)
    const request: AuthorizedRequest = {
      requestId,
      caller,
      surface: SURFACE,
      model: model.name,
      streaming: chat.stream,
      clientIp: clientAddress(incoming),
      userAgent: incoming.headers['user-agent'] ?? null,
      startedAt,
    }
    const demand = demandOf(chat, model, routes, caller.outputTokensMax)
    const authorization = await gateway.ledger.authorize({
      requestId,
      accountId: caller.accountId,
      resellerId: caller.reseller?.id ?? null,
      budgetIds: caller.budgetIds,
      projectId: caller.projectId,
      accessKeyId: caller.accessKeyId,
      model: model.name,
      surface: SURFACE,
      streaming: chat.stream,
      demand,
      deadlineAt: startedAt + HOLD_MS,
    })
    if (!authorization.granted) throw refusal(gateway, authorization)
    const cap = outputCapToSend(chat, authorization.outputTokensMax, model.maxOutputTokens)
    const exchange = createChatExchange(gateway, response, request, chat, authorization.costBoundNano)
    await answer(exchange, routes, cap)
  } catch (error) {
    answerError(gateway, response, error, requestId)
  } finally {
    gateway.inFlight.leave()
  }
}

/** A cap above the model's own maximum is lowered to it; one beyond its whole context window cannot be meant. */
function refuseImpossibleOutput(chat: ChatRequest, model: CatalogModel): void {
  if (model.maxOutputTokens === 0) {
    throw new GatewayError('invalid_request', `The model '${model.name}' writes no text; expected a chat model.`, {
      param: 'model',
    })
  }
  if (chat.outputCap === null || chat.outputCap <= model.contextWindow) return
  const param = chat.members.find(({ key }) => isCap(key))?.key ?? 'max_tokens'
  throw new GatewayError(
    'invalid_request',
    `Invalid '${param}': ${chat.outputCap} is more than the context window of '${model.name}'; expected at most ${model.maxOutputTokens}.`,
    { param },
  )
}

/** From the hold on, every way out ends the request in the ledger. */
async function answer(exchange: ChatExchange, routes: readonly PricedRoute[], capTokens: number | null): Promise<void> {
  try {
    const forwarded = await forwardChat(exchange, routes, capTokens)
    if (forwarded.reply.status !== 200) await answerFailure(exchange, forwarded)
    else if (exchange.chat.stream) await answerStream(exchange, forwarded)
    else await answerWhole(exchange, forwarded)
  } catch (error) {
    if (!exchange.isEnded) await giveBack(exchange, error)
    throw error
  }
}

function forwardChat(
  exchange: ChatExchange,
  routes: readonly PricedRoute[],
  capTokens: number | null,
): Promise<Forwarded> {
  const { gateway, chat, request, response } = exchange
  const { requestTimeoutMs: timeoutMs } = request.caller
  return forward({
    requestId: request.requestId,
    routes,
    upstreams: gateway.upstreams,
    path: '/chat/completions',
    bodyFor: ({ route }) =>
      upstreamBody(
        chat,
        route.upstreamModel,
        capTokens === null ? null : { parameter: route.provider.outputCapParameter, tokens: capTokens },
      ),
    clock: gateway.clock,
    deadlineAt: timeoutMs === null ? null : request.startedAt + timeoutMs,
    isAbandoned: () => exchange.isAbandoned,
    // A whole reply is charged to whoever leaves before it, so it is waited for; of a stream nothing was delivered.
    whenAbandoned: (leave) => {
      if (!chat.stream) return () => undefined
      response.once('close', leave)
      return () => response.removeListener('close', leave)
    },
  })
}

/** No provider gave an answer: the hold is given back, and the failed attempts are remembered. */
function giveBack(exchange: ChatExchange, error: unknown): Promise<unknown> {
  return endRequest(exchange, {
    priced: null,
    failed: error instanceof UpstreamUnreachable ? error.failed : [],
    // Whose patience ends before ours has left, and the provider may bill us for what nobody waited for.
    status: exchange.isAbandoned || error instanceof RequestTimedOut ? 'CLIENT_ABORTED' : 'FAILED',
    httpStatus: error instanceof RequestTimedOut ? 504 : 502,
    errorCode: error instanceof GatewayError ? error.code : 'internal_error',
    usage: null,
    estimated: false,
    firstByteAt: null,
  })
}

/** A cap goes upstream wherever the hold covers less than the model could write, or the client named one. */
function outputCapToSend(chat: ChatRequest, granted: number, modelMax: number): number | null {
  return chat.outputCap === null && granted >= modelMax ? null : granted
}

function refusal(gateway: Gateway, refused: Extract<Authorization, { granted: false }>): GatewayError {
  const balance = formatDecimalNano(refused.availableNano)
  const { currency } = gateway
  const { affordableOutputTokens } = refused
  const data = {
    balance,
    currency,
    affordableOutputTokens,
    ...(refused.budgetId !== null && { budgetId: refused.budgetId }),
  }
  const tokens = `it would cover ${affordableOutputTokens} output tokens`
  switch (refused.reason) {
    case 'insufficient_credits':
      return new GatewayError(
        'insufficient_credits',
        `Not enough credits for this request: ${balance} ${currency} is available, and ${tokens}. Add credits or lower max_tokens.`,
        data,
      )
    case 'debt_outstanding':
      return new GatewayError(
        'debt_outstanding',
        `The balance is ${balance} ${currency}. Add credits to repay the debt before the next request.`,
        data,
      )
    case 'budget_exceeded':
      return new GatewayError(
        'budget_exceeded',
        `A spend budget leaves ${balance} ${currency} in its period, and ${tokens}. Raise the budget or lower max_tokens.`,
        data,
      )
    case 'reseller_credits_exhausted':
      return new GatewayError(
        'reseller_credits_exhausted',
        'The reseller of this account cannot cover the request at the moment. Your own credits are untouched.',
        { currency },
      )
  }
}
