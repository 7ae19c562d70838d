import type { TokenUsage } from '../../../pricing/token-usage.ts'
import { applyEdits, type Edit, type Member, topLevelMembers } from '../../json-members.ts'
import { DeliveredText } from './delivered-text.ts'
import { openAiUsage } from './usage.ts'

const LINE_FEED = 0x0a
const OPEN_BRACE = 0x7b
/**
 * Without this member there are no usable figures (`openAiUsage`). Looked for instead of `"usage"`, which most providers
 * send as null with every single chunk.
 */
const USAGE_MARK = Buffer.from('"prompt_tokens"')
const DONE = Buffer.from('[DONE]')
const NOTHING = Buffer.alloc(0)
const EVENT_END = Buffer.from('\n\n')
/** One event of a stream is a few hundred bytes; a provider that never ends one is not buffered without limit. */
const EVENT_BYTES_MAX = 16 * 1024 * 1024

/**
 * Passes a chat completion stream on, event by event as it comes, and reads the usage out of it. The usage chunk and
 * the final `[DONE]` are kept back until the charge has been booked (server-sent events: WHATWG HTML, 9.2; the usage
 * chunk: OpenAI API reference, `stream_options`).
 */
export class ChatStreamRelay {
  usage: TokenUsage | null = null
  /** The provider has said that the stream is complete. */
  finished = false
  readonly delivered = new DeliveredText()
  readonly #wantsUsage: boolean
  #partial: Buffer = NOTHING
  #usageChunk: Buffer | null = null

  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage
  }

  /** What of this chunk the client gets now; may be empty. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk])
    const end = endOfLastEvent(bytes)
    if (end === 0 && bytes.length > EVENT_BYTES_MAX) throw new Error('an event of the stream is too large')
    this.#partial = end === bytes.length ? NOTHING : bytes.subarray(end)
    const events = end === bytes.length ? bytes : bytes.subarray(0, end)
    const passed = this.#pass(events)
    if (passed.length > 0) this.delivered.add(passed)
    return passed
  }

  /** The provider's stream has ended; an event without its blank line still counts. */
  end(): Buffer {
    if (this.#partial.length === 0) return NOTHING
    return this.push(Buffer.from('\n\n'))
  }

  /** What the client gets last: the usage chunk with its cost if it asked for one, and the end mark. */
  tail(costDecimal: string): Buffer {
    const parts: Buffer[] = []
    const chunk = this.#wantsUsage ? this.#usageChunk : null
    const usage = chunk && topLevelMembers(chunk).find(({ key }) => key === 'usage')
    if (chunk && usage) parts.push(Buffer.from('data: '), withCost(chunk, usage, costDecimal), Buffer.from('\n\n'))
    if (this.finished) parts.push(Buffer.from('data: [DONE]\n\n'))
    return Buffer.concat(parts)
  }

  /** Most events are passed on unseen: only from the first one that concerns us are they looked at one by one. */
  #pass(events: Buffer): Buffer {
    const concern = firstConcern(events)
    if (concern === -1) return events
    const start = startOfEvent(events, concern)
    if (start === 0) return this.#sift(events)
    return Buffer.concat([events.subarray(0, start), this.#sift(events.subarray(start))])
  }

  #sift(events: Buffer): Buffer {
    const passed: Buffer[] = []
    let start = 0
    while (start < events.length) {
      const end = endOfFirstEvent(events, start)
      const event = events.subarray(start, end)
      const relayed = this.#relay(event)
      if (relayed) passed.push(relayed)
      start = end
    }
    return passed.length === 1 && passed[0] ? passed[0] : Buffer.concat(passed)
  }

  /** What of an event the client gets now; null = nothing. */
  #relay(event: Buffer): Buffer | null {
    const data = dataOf(event)
    if (data === null) return event
    if (data.length <= 8 && data.includes(DONE)) {
      this.finished = true
      return null
    }
    if (!data.includes(USAGE_MARK)) return event
    const chunk = parse(data)
    const usage = openAiUsage(chunk?.usage)
    if (usage === null) return event
    this.usage = usage
    // Some providers let the usage ride on the last chunk that has choices; that one the client needs.
    if (!Array.isArray(chunk?.choices) || chunk.choices.length > 0) return withoutCost(event, data)
    this.#usageChunk = data
    return null
  }
}

function parse(data: Buffer): { usage?: unknown; choices?: unknown } | null {
  try {
    return JSON.parse(data.toString('utf8'))
  } catch {
    return null
  }
}

/** Where an event carries usage figures or ends the stream; -1 = nowhere. */
function firstConcern(events: Buffer): number {
  const usage = events.indexOf(USAGE_MARK)
  const done = events.indexOf(DONE)
  if (usage === -1 || done === -1) return Math.max(usage, done)
  return Math.min(usage, done)
}

/** The offset at which the event that stands at `within` begins. */
function startOfEvent(events: Buffer, within: number): number {
  return endOfLastEvent(events.subarray(0, within))
}

/** The offset after the last blank line; 0 = no event is complete yet. Line ends are LF or CRLF. */
function endOfLastEvent(bytes: Buffer): number {
  let at = bytes.length
  for (;;) {
    at = bytes.lastIndexOf(LINE_FEED, at - 1)
    if (at <= 0) return 0
    if (bytes[at - 1] === LINE_FEED || (bytes[at - 1] === 0x0d && bytes[at - 2] === LINE_FEED)) return at + 1
  }
}

function endOfFirstEvent(bytes: Buffer, start: number): number {
  let at = start
  for (;;) {
    at = bytes.indexOf(LINE_FEED, at)
    if (at === -1) return bytes.length
    if (bytes[at + 1] === LINE_FEED) return at + 2
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === LINE_FEED) return at + 3
    at += 1
  }
}

/** The payload of an event's `data:` line; null for comments and other fields. */
export function dataOf(event: Buffer): Buffer | null {
  const startsWithData = event.subarray(0, DATA_FIELD.length).equals(DATA_FIELD)
  const line = startsWithData ? 0 : event.indexOf(DATA_LINE) + 1
  if (line === 0 && !startsWithData) return null
  const start = line + DATA_FIELD.length
  let end = event.indexOf(LINE_FEED, start)
  if (end === -1) end = event.length
  if (event[end - 1] === 0x0d) end -= 1
  return event.subarray(event[start] === 0x20 ? start + 1 : start, end)
}

const DATA_FIELD = Buffer.from('data:')
const DATA_LINE = Buffer.from('\ndata:')

/** The JSON of a reply or a usage chunk with `cost` put first into its `usage`, and nothing else touched. */
export function withCost(json: Buffer, usage: Member, costDecimal: string): Buffer {
  if (json[usage.valueStart] !== OPEN_BRACE) return json
  const edits = foreignCosts(json, usage, costDecimal)
  if (!edits.some(({ text }) => text === costDecimal)) {
    const at = usage.valueStart + 1
    const isEmpty = usage.valueEnd - usage.valueStart <= 2
    edits.push({ start: at, end: at, text: `"cost":${costDecimal}${isEmpty ? '' : ','}` })
  }
  return applyEdits(json, edits)
}

function withoutCost(event: Buffer, data: Buffer): Buffer {
  const usage = topLevelMembers(data).find(({ key }) => key === 'usage')
  const edits = usage ? foreignCosts(data, usage, 'null') : []
  return edits.length === 0 ? event : Buffer.concat([Buffer.from('data: '), applyEdits(data, edits), EVENT_END])
}

/**
 * What the provider says that the request cost (OpenRouter's `cost` and `cost_details`, DeepInfra's `estimated_cost`) is
 * what we pay: it is in units of its own, and for no customer to see. `cost` becomes ours, the others null.
 */
function foreignCosts(json: Buffer, usage: Member, cost: string): Edit[] {
  const object = json.subarray(usage.valueStart, usage.valueEnd)
  if (!object.includes('cost')) return []
  return topLevelMembers(object)
    .filter(({ key }) => key.includes('cost'))
    .map(({ key, valueStart, valueEnd }) => ({
      start: usage.valueStart + valueStart,
      end: usage.valueStart + valueEnd,
      text: key === 'cost' ? cost : 'null',
    }))
}
