import type { Behaviour } from './behaviour.ts'
import type { ChatRequest } from './chat-request.ts'
import { type Choice, completeChat } from './completion.ts'
import type { Markers } from './markers.ts'
import { type Usage, usageOf } from './usage.ts'

/**
 * A reply with all that does not change between two equal requests already serialized. `tails` holds one piece of JSON
 * for a reply, one for each chunk of a stream; each is sent behind a head with the id and the time (`replyHead`).
 */
export interface PreparedReply {
  model: string
  outputCap: number | null
  isStream: boolean
  tails: string[]
  /** Where the content chunks lie among the tails: the role chunks come before, finish and usage after. */
  contentStart: number
  contentEnd: number
  markers: Markers
}

const SYSTEM_FINGERPRINT = 'fp_sandbox0001'

/** Opens the JSON of a reply or chunk; a tail completes it. */
export function replyHead(id: string, createdSeconds: number, isStream: boolean): string {
  const object = isStream ? 'chat.completion.chunk' : 'chat.completion'
  return `{"id":"${id}","object":"${object}","created":${createdSeconds},`
}

/** Plans and serializes the reply to a request. */
export function prepareReply(request: ChatRequest, behaviour: Behaviour): PreparedReply {
  const { choices, tokens, markers } = completeChat(request, behaviour)
  const { model, outputCap, isStream } = request
  const isUsageOmitted = behaviour.omitUsage || markers.usage === 'omit'
  const usage = isUsageOmitted ? null : usageOf(tokens)
  const facts = { model, outputCap, isStream, markers }
  if (!isStream) return { ...facts, tails: [wholeTail(model, choices, usage)], contentStart: 0, contentEnd: 1 }
  const isUsageInLastChoice = behaviour.usageInLastChoiceChunk || markers.usage === 'last-choice'
  const chunks = new ChunkList(model, request.includesUsage && usage !== null && !isUsageInLastChoice)
  return { ...facts, ...streamTails(chunks, choices, behaviour.tokensPerChunk, usage, isUsageInLastChoice) }
}

function wholeTail(model: string, choices: Choice[], usage: Usage | null): string {
  const reply = {
    model,
    choices: choices.map(({ tokens, finishReason }, index) => ({
      index,
      message: { role: 'assistant', content: tokens.join(''), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: finishReason,
    })),
    ...(usage && { usage }),
    service_tier: 'default',
    system_fingerprint: SYSTEM_FINGERPRINT,
  }
  return JSON.stringify(reply).slice(1)
}

function streamTails(
  chunks: ChunkList,
  choices: Choice[],
  tokensPerChunk: number,
  usage: Usage | null,
  isUsageInLastChoice: boolean,
): Pick<PreparedReply, 'tails' | 'contentStart' | 'contentEnd'> {
  choices.forEach((_, index) => {
    chunks.add(index, { role: 'assistant', content: '', refusal: null })
  })
  const contentStart = chunks.tails.length
  const longest = Math.max(...choices.map((choice) => choice.tokens.length))
  for (let start = 0; start < longest; start += tokensPerChunk) {
    choices.forEach(({ tokens }, index) => {
      const content = tokens.slice(start, start + tokensPerChunk).join('')
      if (content) chunks.add(index, { content })
    })
  }
  const contentEnd = chunks.tails.length
  choices.forEach(({ finishReason }, index) => {
    const isLast = index === choices.length - 1
    chunks.add(index, {}, finishReason, isLast && isUsageInLastChoice ? usage : null)
  })
  if (chunks.hasUsageField) chunks.addUsage(usage)
  return { tails: chunks.tails, contentStart, contentEnd }
}

/** Collects the chunks of one stream. With the usage switch on, OpenAI puts `usage: null` on all but the last. */
class ChunkList {
  readonly tails: string[] = []
  readonly hasUsageField: boolean
  private readonly model: string

  constructor(model: string, hasUsageField: boolean) {
    this.model = model
    this.hasUsageField = hasUsageField
  }

  add(index: number, delta: object, finishReason: string | null = null, usage: Usage | null = null): void {
    this.push([{ index, delta, logprobs: null, finish_reason: finishReason }], usage)
  }

  addUsage(usage: Usage | null): void {
    this.push([], usage)
  }

  private push(choices: object[], usage: Usage | null): void {
    const chunk = { model: this.model, service_tier: 'default', system_fingerprint: SYSTEM_FINGERPRINT, choices }
    const isUsageShown = this.hasUsageField || usage !== null
    this.tails.push(JSON.stringify(isUsageShown ? { ...chunk, usage } : chunk).slice(1))
  }
}
