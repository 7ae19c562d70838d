import type { Behaviour } from './behaviour.ts'
import { parseChatRequest } from './chat-request.ts'
import type { Exchange } from './exchange.ts'
import type { Markers } from './markers.ts'
import { type PreparedReply, prepareReply } from './prepared-reply.ts'
import { MISSING_KEY, type ProviderError, simulatedError, unknownModel } from './provider-error.ts'
import type { ProviderState } from './provider-state.ts'
import { type Sending, sendStream, sendWhole } from './send-reply.ts'

/** `POST /v1/chat/completions`. */
export function handleChatCompletions(exchange: Exchange, state: ProviderState): void {
  exchange.readBody((body) => {
    const found = exchange.facts.hasAuthorization ? findReply(body, state) : NO_KEY
    if (found.ok) void answer(exchange, found.reply, state)
    else exchange.refuse(found.error)
  })
}

type FoundReply = { ok: true; reply: PreparedReply } | { ok: false; error: ProviderError }

const NO_KEY: FoundReply = { ok: false, error: MISSING_KEY }

function findReply(body: string, state: ProviderState): FoundReply {
  const cached = state.replies.get(body)
  if (cached) return { ok: true, reply: cached }
  const parsed = parseChatRequest(body)
  if (!parsed.ok) return parsed
  const { model } = parsed.request
  if (state.models && !state.models.includes(model)) return { ok: false, error: unknownModel(model) }
  const reply = prepareReply(parsed.request, state.behaviour)
  state.replies.set(body, reply)
  return { ok: true, reply }
}

async function answer(exchange: Exchange, reply: PreparedReply, state: ProviderState): Promise<void> {
  const { facts } = exchange
  facts.model = reply.model
  facts.isStream = reply.isStream
  facts.outputCap = reply.outputCap
  // Taken before the wait: a change of behaviour meanwhile concerns later requests only.
  const { behaviour } = state
  const latencyMs = reply.markers.latencyMs ?? behaviour.latencyMs
  if (latencyMs > 0) await exchange.pause(latencyMs)
  if (exchange.isClosed) return
  const errorStatus = chooseError(reply.markers, behaviour, state)
  if (errorStatus !== null) exchange.refuse(simulatedError(errorStatus))
  else await send(exchange, reply, behaviour, state)
}

function chooseError(markers: Markers, behaviour: Behaviour, state: ProviderState): number | null {
  const isRefused = behaviour.errorRate > 0 && state.random() < behaviour.errorRate
  return markers.errorStatus ?? (isRefused ? behaviour.errorStatus : null)
}

async function send(
  exchange: Exchange,
  reply: PreparedReply,
  behaviour: Behaviour,
  state: ProviderState,
): Promise<void> {
  const { markers } = reply
  const isCut = behaviour.disconnectRate > 0 && state.random() < behaviour.disconnectRate
  const halfWay = (reply.contentEnd - reply.contentStart) >> 1
  const sending: Sending = {
    id: state.nextId(),
    createdSeconds: Math.floor(Date.now() / 1000),
    chunkDelayMs: markers.chunkDelayMs ?? behaviour.chunkDelayMs,
    disconnectAfterChunks: markers.disconnectAfterChunks ?? (isCut ? halfWay : null),
  }
  if (markers.disconnectAfterChunks === 0) exchange.disconnect()
  else if (reply.isStream) await sendStream(exchange, reply, sending)
  else sendWhole(exchange, reply, sending)
}
