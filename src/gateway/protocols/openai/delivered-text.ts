import { dataOf } from './stream.ts'

/** Raw events are kept as they are up to this size, then folded into their text. */
const RAW_BYTES_MAX = 64 * 1024

/**
 * What a stream has delivered so far, for the one case in which it must be counted: a stream that broke off without
 * usage figures. Lives as long as the request, and is never stored or logged.
 */
export class DeliveredText {
  #raw: Buffer[] = []
  #rawBytes = 0
  #text = ''

  add(events: Buffer): void {
    this.#raw.push(events)
    this.#rawBytes += events.length
    if (this.#rawBytes > RAW_BYTES_MAX) this.#fold()
  }

  /** The text of all deltas: answer, reasoning, refusal and tool calls. */
  text(): string {
    this.#fold()
    return this.#text
  }

  #fold(): void {
    for (const events of this.#raw) {
      for (const event of events.toString('utf8').split(/\r?\n\r?\n/)) this.#text += textOfEvent(event)
    }
    this.#raw = []
    this.#rawBytes = 0
  }
}

/** What a chunk, or the message of a whole reply, says. */
export interface Delta {
  content?: unknown
  reasoning_content?: unknown
  reasoning?: unknown
  refusal?: unknown
  tool_calls?: { function?: { name?: unknown; arguments?: unknown } }[]
}

function textOfEvent(event: string): string {
  const data = dataOf(Buffer.from(event))
  if (data === null) return ''
  let chunk: { choices?: { delta?: Delta; text?: unknown }[] }
  try {
    chunk = JSON.parse(data.toString('utf8'))
  } catch {
    return ''
  }
  if (!Array.isArray(chunk?.choices)) return ''
  return chunk.choices.map(({ delta }) => (delta ? textOfDelta(delta) : '')).join('')
}

export function textOfDelta(delta: Delta): string {
  const texts: unknown[] = [delta.content, delta.reasoning_content ?? delta.reasoning, delta.refusal]
  if (Array.isArray(delta.tool_calls)) {
    for (const call of delta.tool_calls) texts.push(call?.function?.name, call?.function?.arguments)
  }
  return texts.filter((text) => typeof text === 'string').join('')
}
