import type { Target } from './target.ts'

/** What every target is asked, word for word but for the model's name. */
export interface RequestKind {
  isStream: boolean
}

const PROMPT =
  'You run a small ferry between two islands. Write a short notice for the passengers: the morning boat leaves at seven, ' +
  'the evening boat at six, bicycles travel free of charge, and in strong wind the crossing may take ten minutes longer.'

export function chatBody({ model }: Pick<Target, 'model'>, { isStream }: RequestKind): string {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: PROMPT },
  ]
  const streaming = isStream ? { stream: true, stream_options: { include_usage: true } } : {}
  return JSON.stringify({ model, messages, max_tokens: 256, ...streaming })
}

/** The bytes of a whole HTTP request. */
export function rawRequest(target: Target, kind: RequestKind): string {
  const body = chatBody(target, kind)
  const headers = {
    host: `127.0.0.1:${target.port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...target.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${target.path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** Asks once of each kind and looks at the answer, so that no error page is ever measured. */
export async function checkTarget(target: Target): Promise<void> {
  for (const isStream of [false, true]) {
    const response = await fetch(`http://127.0.0.1:${target.port}${target.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...target.headers },
      body: chatBody(target, { isStream }),
    })
    const text = await response.text()
    const isGood = response.status === 200 && (isStream ? isStreamedCompletion(text) : isCompletion(text))
    if (!isGood)
      throw new Error(`${target.name} does not answer with a completion: ${response.status} ${text.slice(0, 500)}`)
  }
}

interface Reply {
  choices?: { message?: { content?: string }; delta?: { content?: string } }[]
  usage?: { completion_tokens?: number } | null
}

function isCompletion(text: string): boolean {
  const reply = JSON.parse(text) as Reply
  return Boolean(reply.choices?.[0]?.message?.content) && (reply.usage?.completion_tokens ?? 0) > 0
}

function isStreamedCompletion(text: string): boolean {
  const events = text.split('\n').filter((line) => line.startsWith('data: '))
  if (events.at(-1)?.trim() !== 'data: [DONE]') return false
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as Reply)
  return chunks.some((chunk) => chunk.choices?.[0]?.delta?.content) && chunks.some((chunk) => chunk.usage)
}
