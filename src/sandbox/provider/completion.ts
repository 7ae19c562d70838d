import { type Behaviour, COMPLETION_TOKENS_MAX } from './behaviour.ts'
import { type ChatMessage, type ChatRequest, messageText } from './chat-request.ts'
import { type Markers, readMarkers } from './markers.ts'
import { hashText, seededRandom } from './seeded-random.ts'

/** Each of these is one token of o200k_base, with and without a space before it, so counting a cut stream agrees with the bill. */
const WORDS = (
  'the of and to in is that for it with as on be at by this have from or one had but not what all were when we there can ' +
  'an your which their said if do will each about how up out them then she many some so these would other into has more ' +
  'her two like him see time could no make than first been its who now people my made over did down only way find use'
).split(' ')

/** Framing of one message, as OpenAI counts it for chat models (3 to 4 tokens). */
const TOKENS_PER_MESSAGE = 4
const UTF8_BYTES_PER_TOKEN = 4
const LENGTH_MIN = 16
const LENGTH_SPREAD = 48

export interface Choice {
  tokens: string[]
  finishReason: 'stop' | 'length'
}

export interface TokenCounts {
  prompt: number
  cached: number
  completion: number
}

/** What the provider will say and bill: a function of the request and the behaviour, the same each time. */
export interface Completion {
  choices: Choice[]
  tokens: TokenCounts
  markers: Markers
}

/** Plans the reply to a request. */
export function completeChat(request: ChatRequest, behaviour: Behaviour): Completion {
  const markers = readMarkers(lastUserText(request.messages))
  const hash = hashText(request.messages.map((item) => `${item.role}\n${messageText(item)}`).join('\n'))
  const natural = markers.completionTokens ?? behaviour.completionTokens ?? LENGTH_MIN + (hash % LENGTH_SPREAD)
  const lengthMax = Math.floor(COMPLETION_TOKENS_MAX / request.choiceCount)
  const isCapIgnored = markers.isCapIgnored === true || behaviour.ignoreOutputCap
  // An ignored cap is overshot by the natural length, so that the bill exceeds it whatever it was.
  const wanted = isCapIgnored ? natural + (request.outputCap ?? 0) : natural
  const cap = isCapIgnored ? null : request.outputCap
  const choices = Array.from({ length: request.choiceCount }, (_, index) =>
    completeChoice(Math.min(wanted, lengthMax), cap, seededRandom(hash + index)),
  )
  const prompt = countPromptTokens(request)
  const cached = Math.floor(prompt * behaviour.cachedTokensShare)
  const completion = choices.reduce((sum, choice) => sum + choice.tokens.length, 0)
  return { choices, tokens: { prompt, cached, completion }, markers }
}

function completeChoice(wanted: number, cap: number | null, random: () => number): Choice {
  const isCut = cap !== null && wanted > cap
  const length = isCut ? cap : wanted
  const tokens = Array.from(
    { length },
    (_, index) => (index === 0 ? '' : ' ') + WORDS[Math.floor(random() * WORDS.length)],
  )
  return { tokens, finishReason: isCut ? 'length' : 'stop' }
}

/** About one token per four UTF-8 bytes and four per message; never more than the body has bytes. */
export function countPromptTokens({ messages, bodyBytes }: Pick<ChatRequest, 'messages' | 'bodyBytes'>): number {
  const counted = messages.reduce(
    (sum, item) => sum + TOKENS_PER_MESSAGE + Math.ceil(Buffer.byteLength(messageText(item)) / UTF8_BYTES_PER_TOKEN),
    0,
  )
  return Math.min(counted, bodyBytes)
}

function lastUserText(messages: ChatMessage[]): string {
  const last = messages.findLast((item) => item.role === 'user')
  return last ? messageText(last) : ''
}
