import { setTimeout } from 'node:timers/promises'
import { parseDecimalNano } from '../../src/money/nano.ts'

/** A reply that its client saw to the end, with what it was told it cost. */
export interface SeenReply {
  requestId: string
  streaming: boolean
  chargeNano: bigint
}

export interface EndlessLoad {
  /** Every reply that was complete, so far. */
  readonly seen: readonly SeenReply[]
  /** Requests that broke off or were not taken. */
  readonly broken: number
  stop(): Promise<void>
}

const CLIENTS = 24
/** What a client waits after a failure, so that a server that is down is not hammered. */
const PAUSE_MS = 20

/** Clients that ask again and again, every second time for a stream, and never mind what happens to the server. */
export function startLoad(url: string, accessKey: string): EndlessLoad {
  const seen: SeenReply[] = []
  let running = true
  let broken = 0

  async function client(number: number): Promise<void> {
    for (let turn = number; running; turn += 1) {
      const reply = await request(url, accessKey, turn % 2 === 0, turn).catch(() => null)
      if (reply) seen.push(reply)
      else {
        broken += 1
        await setTimeout(PAUSE_MS)
      }
    }
  }

  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number))
  return {
    seen,
    get broken() {
      return broken
    },
    async stop() {
      running = false
      await Promise.all(clients)
    },
  }
}

async function request(url: string, accessKey: string, stream: boolean, turn: number): Promise<SeenReply | null> {
  const content = `[[sandbox:latency=${turn % 7}]] [[sandbox:chunk-delay=${turn % 5}]] [[sandbox:tokens=${8 + (turn % 40)}]]`
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content }],
      ...(stream && { stream, stream_options: { include_usage: true } }),
    }),
  })
  const text = await response.text()
  const complete = response.status === 200 && (stream ? text.includes('data: [DONE]') : isJson(text))
  if (!complete) return null
  const charge = stream ? /"cost":([\d.]+)/.exec(text)?.[1] : response.headers.get('x-farebox-charge')
  return {
    requestId: response.headers.get('x-request-id') ?? '',
    streaming: stream,
    chargeNano: parseDecimalNano(charge ?? 'no charge was told'),
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
