import type { ServerResponse } from 'node:http'
import { LedgerUnavailable } from '../../../ledger/errors.ts'
import { isDatabaseAway } from '../../../lib/database-away.ts'
import { formatDecimalNano } from '../../../money/nano.ts'
import type { TokenUsage } from '../../../pricing/token-usage.ts'
import type { Receipt, RequestEnd } from '../../book-request.ts'
import { type ChatExchange, endRequest } from '../../chat-exchange.ts'
import { estimatePromptTokens, estimateTokens } from '../../estimate-tokens.ts'
import type { Forwarded } from '../../forward.ts'
import type { Gateway } from '../../gateway.ts'
import { GatewayError, HTTP_STATUS } from '../../gateway-error.ts'
import { type Member, topLevelMembers } from '../../json-members.ts'
import type { UpstreamReply } from '../../upstream.ts'
import { type Delta, textOfDelta } from './delivered-text.ts'
import { openAiError, upstreamError } from './errors.ts'
import { ChatStreamRelay, withCost } from './stream.ts'
import { openAiUsage } from './usage.ts'

/** Answers with an error in OpenAI's shape, or breaks a stream off that has already begun. */
export function answerError(gateway: Gateway, response: ServerResponse, error: unknown, requestId: string): void {
  const shown = shownError(gateway, error)
  gateway.metrics.refusals.inc({ code: shown.code })
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const retryAfter = shown.data.retryAfterSeconds
  answerJson(response, HTTP_STATUS[shown.code], Buffer.from(JSON.stringify(openAiError(shown))), [
    'x-request-id',
    requestId,
    ...(retryAfter === undefined ? [] : ['retry-after', String(retryAfter)]),
  ])
}

/** Clear for the caller, silent about what is inside. */
function shownError(gateway: Gateway, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  if (error instanceof LedgerUnavailable || isDatabaseAway(error)) {
    gateway.logger.warn({ error: String((error as Error).cause ?? error) }, 'the database cannot be reached')
    return new GatewayError('service_unavailable', 'Billing cannot be reached at the moment. Try again shortly.', {
      retryAfterSeconds: 2,
    })
  }
  gateway.logger.error({ err: error }, 'a request failed inside the gateway')
  // Not that nothing was charged: what failed may have come after the charge.
  return new GatewayError('internal_error', 'Something failed inside the gateway. The x-request-id header names it.')
}

/** Headers as a flat list and none set before: the way that Node writes at once. */
function answerJson(response: ServerResponse, status: number, body: Buffer, headers: readonly string[]): void {
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(body.length), ...headers])
  response.end(body)
}

/** The provider refused or failed: nothing is charged, and its answer is passed on in OpenAI's shape. */
export async function answerFailure(exchange: ChatExchange, forwarded: Forwarded): Promise<void> {
  const { reply } = forwarded
  const body = await reply.body().catch(() => Buffer.alloc(0))
  // Our credential, not the caller's: to say 401 would have people search for a fault in their own key.
  const isOurFault = reply.status === 401 || reply.status === 403
  const status = isOurFault || reply.status < 400 ? 502 : reply.status
  await endRequest(exchange, {
    ...endOf(forwarded),
    status: exchange.isAbandoned ? 'CLIENT_ABORTED' : 'FAILED',
    httpStatus: reply.status,
    errorCode: `http_${reply.status}`,
    usage: null,
  })
  if (isOurFault)
    throw new GatewayError('upstream_error', 'The provider does not accept the credential of this gateway.')
  const retryAfter = reply.headers['retry-after']
  answerJson(exchange.response, status, Buffer.from(JSON.stringify(upstreamError(reply.status, body))), [
    'x-request-id',
    exchange.request.requestId,
    ...(retryAfter === undefined ? [] : ['retry-after', retryAfter]),
  ])
}

/** One whole reply: read, metered, charged, and only then sent, its bytes untouched but for the receipt. */
export async function answerWhole(exchange: ChatExchange, forwarded: Forwarded): Promise<void> {
  const { request, response } = exchange
  let body: Buffer
  try {
    body = await forwarded.reply.body()
  } catch {
    // Nothing reached the client, so nothing is charged.
    await endRequest(exchange, failedEnd(exchange, forwarded, 'upstream_broke_off'))
    throw new GatewayError('upstream_error', 'The provider broke the answer off. Nothing was charged.')
  }
  const usageMember = usageMemberOf(body)
  const reported = usageMember
    ? openAiUsage(parseOrNull(body.subarray(usageMember.valueStart, usageMember.valueEnd)))
    : null
  const usage = reported ?? (await usageOfSilent(exchange, forwarded, body))
  const receipt = await endRequest(exchange, {
    ...endOf(forwarded),
    // Whoever asked for a whole answer and left is charged for it: the provider has produced it.
    status: exchange.isAbandoned ? 'CLIENT_ABORTED' : 'COMPLETED',
    usage,
    estimated: reported === null,
  })
  if (response.destroyed) return
  const charge = formatDecimalNano(receipt.chargeNano)
  answerJson(response, 200, usageMember ? withCost(body, usageMember, charge) : body, [
    'x-request-id',
    request.requestId,
    'x-farebox-charge',
    charge,
    ...(receipt.balanceNano === null ? [] : ['x-farebox-balance', formatDecimalNano(receipt.balanceNano)]),
  ])
}

function usageMemberOf(body: Buffer): Member | undefined {
  try {
    return topLevelMembers(body).find(({ key }) => key === 'usage')
  } catch {
    // Not JSON; that is said where its text is looked for.
    return undefined
  }
}

/** The provider gave no figures: counted by us, if it is an answer at all. */
async function usageOfSilent(exchange: ChatExchange, forwarded: Forwarded, body: Buffer): Promise<TokenUsage | null> {
  const reply = parseOrNull(body) as WholeReply | null
  if (typeof reply !== 'object' || reply === null) {
    await endRequest(exchange, failedEnd(exchange, forwarded, 'upstream_not_json'))
    throw new GatewayError(
      'upstream_error',
      'The provider answered with something that is not JSON. Nothing was charged.',
    )
  }
  return estimated(exchange, textOfReply(reply))
}

interface WholeReply {
  usage?: unknown
  choices?: ({ message?: Delta } | null)[]
}

function parseOrNull(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'))
  } catch {
    return null
  }
}

function textOfReply(reply: WholeReply): string {
  if (!Array.isArray(reply.choices)) return ''
  return reply.choices.map((choice) => (choice?.message ? textOfDelta(choice.message) : '')).join('')
}

/** A provider that cannot stream answers with a whole reply, whatever was asked for. */
function isWhole({ headers }: UpstreamReply): boolean {
  return /^application\/json\b/i.test(headers['content-type'] ?? '')
}

/** A stream: passed on as it comes; its end is held back until the charge is booked. */
export async function answerStream(exchange: ChatExchange, forwarded: Forwarded): Promise<void> {
  if (isWhole(forwarded.reply)) return answerWhole(exchange, forwarded)
  const { gateway, response, chat } = exchange
  const relay = new ChatStreamRelay(chat.wantsUsage)
  const firstByteAt = gateway.clock.now()
  response.writeHead(200, [
    'content-type',
    forwarded.reply.headers['content-type'] ?? 'text/event-stream; charset=utf-8',
    'cache-control',
    'no-cache',
    'x-accel-buffering',
    'no',
    'x-request-id',
    exchange.request.requestId,
  ])
  const outcome = await relayStream(exchange, forwarded, relay)
  const brokeOff = !relay.finished && (outcome === 'broke_off' || relay.usage === null)
  const usage = relay.usage ?? (await estimated(exchange, relay.delivered.text()))
  const receipt = await endRequest(exchange, {
    ...endOf(forwarded),
    status: outcome === 'client_left' ? 'CLIENT_ABORTED' : brokeOff ? 'PROVIDER_ABORTED' : 'COMPLETED',
    usage,
    estimated: relay.usage === null && usage !== null,
    firstByteAt,
  })
  finishStream(exchange, relay, receipt, brokeOff)
}

type StreamOutcome = 'ended' | 'broke_off' | 'client_left'

function relayStream(exchange: ChatExchange, { reply }: Forwarded, relay: ChatStreamRelay): Promise<StreamOutcome> {
  const { response } = exchange
  return new Promise((resolve) => {
    const send = (bytes: Buffer): void => {
      if (bytes.length === 0 || response.destroyed) return
      if (!response.write(bytes)) {
        reply.pause()
        response.once('drain', () => reply.resume())
      }
    }
    const leave = (): void => {
      // Said first: the abort comes back as an error of the provider's.
      resolve('client_left')
      reply.abort(new Error('the client has left'))
    }
    if (response.destroyed) return leave()
    response.once('close', leave)
    const settle = (outcome: StreamOutcome): void => {
      response.removeListener('close', leave)
      resolve(outcome)
    }
    reply.attach({
      data(chunk) {
        try {
          send(relay.push(chunk))
        } catch (error) {
          reply.abort(error as Error)
        }
      },
      end() {
        send(relay.end())
        settle('ended')
      },
      error: () => settle('broke_off'),
    })
  })
}

function finishStream(exchange: ChatExchange, relay: ChatStreamRelay, receipt: Receipt, brokeOff: boolean): void {
  const { response } = exchange
  if (response.destroyed) return
  if (brokeOff) {
    const error = new GatewayError(
      'upstream_error',
      'The provider broke the stream off. Only what was delivered is charged.',
    )
    response.end(`data: ${JSON.stringify(openAiError(error))}\n\n`)
    return
  }
  response.end(relay.tail(formatDecimalNano(receipt.chargeNano)))
}

/** Counted by us, because the provider gave no figures; null = nothing was delivered, so nothing is charged. */
async function estimated(exchange: ChatExchange, text: string): Promise<TokenUsage | null> {
  if (text === '') return null
  const [inputTokens, outputTokens] = await Promise.all([
    estimatePromptTokens(exchange.chat.messages),
    estimateTokens(text),
  ])
  return {
    inputTokens,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens,
    reasoningTokens: 0,
  }
}

function endOf({ priced, failed }: Forwarded): Omit<RequestEnd, 'exposureNano'> {
  return {
    priced,
    failed,
    status: 'COMPLETED',
    httpStatus: 200,
    errorCode: null,
    usage: null,
    estimated: false,
    firstByteAt: null,
  }
}

function failedEnd(exchange: ChatExchange, forwarded: Forwarded, errorCode: string): Omit<RequestEnd, 'exposureNano'> {
  return {
    ...endOf(forwarded),
    status: exchange.isAbandoned ? 'CLIENT_ABORTED' : 'PROVIDER_ABORTED',
    errorCode,
  }
}
