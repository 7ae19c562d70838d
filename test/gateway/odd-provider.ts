import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A provider that answers exactly as a test says, for what the sandbox is too well-behaved to do. */
export interface OddProvider {
  readonly url: string
  /** What the last request's body was. */
  received: string
  answer: (response: ServerResponse, body: string) => void
  close(): Promise<void>
}

export async function startOddProvider(): Promise<OddProvider> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      odd.received = Buffer.concat(chunks).toString()
      odd.answer(response, odd.received)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const odd: OddProvider = {
    url: `http://127.0.0.1:${port}/v1`,
    received: '',
    answer: (response) => response.writeHead(500).end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return odd
}

export const TEN_AND_TWENTY = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }

export function wholeReply(content: string, usage: unknown = TEN_AND_TWENTY): string {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  return JSON.stringify({ id: 'odd', object: 'chat.completion', choices, ...(usage !== null && { usage }) })
}

export const contentChunk = (content: string) =>
  JSON.stringify({ id: 'odd', choices: [{ index: 0, delta: { content }, finish_reason: null }] })

export const usageChunk = (usage: unknown = TEN_AND_TWENTY) => JSON.stringify({ id: 'odd', choices: [], usage })

export function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}

export function events(response: ServerResponse, datas: readonly string[], lineEnd = '\n'): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(datas.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join(''))
}
