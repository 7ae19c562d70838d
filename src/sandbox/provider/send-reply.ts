import type { Exchange } from './exchange.ts'
import { type PreparedReply, replyHead } from './prepared-reply.ts'

/** What goes with one sending of a prepared reply. */
export interface Sending {
  id: string
  createdSeconds: number
  chunkDelayMs: number
  /** Content chunks before the socket is destroyed, or null to send it all. */
  disconnectAfterChunks: number | null
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/** Sends a whole reply; one that is to be cut stops half way through its body. */
export function sendWhole(exchange: Exchange, reply: PreparedReply, sending: Sending): void {
  const body = replyHead(sending.id, sending.createdSeconds, false) + reply.tails[0]
  const headers = { 'x-request-id': sending.id }
  if (sending.disconnectAfterChunks === null) {
    exchange.sendJson(200, body, headers)
    return
  }
  exchange.begin(200, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  exchange.response.write(body.slice(0, body.length >> 1), () => exchange.disconnect())
}

/** Sends a stream of server-sent events, at the client's pace. */
export async function sendStream(exchange: Exchange, reply: PreparedReply, sending: Sending): Promise<void> {
  const head = `data: ${replyHead(sending.id, sending.createdSeconds, true)}`
  const { tails, contentStart, contentEnd } = reply
  const cutAt = sending.disconnectAfterChunks
  const last = cutAt === null ? tails.length : Math.min(contentStart + cutAt, contentEnd)
  exchange.begin(200, { ...STREAM_HEADERS, 'x-request-id': sending.id })
  for (let index = 0; index < last; index += 1) {
    if (sending.chunkDelayMs > 0 && index >= contentStart) await exchange.pause(sending.chunkDelayMs)
    if (exchange.isClosed) return
    if (!exchange.response.write(`${head}${tails[index]}\n\n`)) await exchange.drained()
  }
  if (exchange.isClosed) return
  if (cutAt === null) exchange.response.end('data: [DONE]\n\n')
  else exchange.response.write(':\n\n', () => exchange.disconnect())
}
