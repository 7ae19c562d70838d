import type { IncomingMessage, ServerResponse } from 'node:http'
import { BODY_TOO_LARGE, errorBody, type ProviderError } from './provider-error.ts'
import type { RequestFacts, RequestLog } from './request-log.ts'

/** In UTF-16 code units: large enough for images in base64, small enough for a laptop. */
const BODY_LENGTH_MAX = 20_000_000

/**
 * One request and its reply, counted once: `completed` when the reply was sent to the end, `disconnected` when the
 * sandbox destroyed the socket, `abortedByClient` when the client went first.
 */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly facts: RequestFacts
  isClosed = false
  private isDisconnected = false
  private wake: (() => void) | undefined

  constructor(request: IncomingMessage, response: ServerResponse, log: RequestLog) {
    this.request = request
    this.response = response
    const { authorization } = request.headers
    this.facts = log.start(
      request.url ?? '/',
      authorization?.startsWith('Bearer ') === true && authorization.length > 7,
    )
    response.on('error', () => {})
    response.on('close', () => {
      this.isClosed = true
      const isComplete = response.writableFinished && !this.isDisconnected
      log.finish(this.facts, this.isDisconnected ? 'disconnected' : isComplete ? 'completed' : 'abortedByClient')
      this.wake?.()
    })
  }

  /** Hands over the body as text; a body over the limit is refused, an aborted one forgotten. */
  readBody(receive: (body: string) => void): void {
    let body = ''
    let length = 0
    this.request.setEncoding('utf8')
    this.request.on('data', (piece: string) => {
      length += piece.length
      if (length <= BODY_LENGTH_MAX) body += piece
    })
    this.request.on('error', () => {})
    this.request.on('end', () => {
      if (length <= BODY_LENGTH_MAX) receive(body)
      else this.refuse(BODY_TOO_LARGE)
    })
  }

  /** Waits, but no longer than the client does. */
  pause(delayMs: number): Promise<void> {
    if (this.isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Waits until the client has read enough for more to be written, or is gone. */
  drained(): Promise<void> {
    if (this.isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      this.response.once('drain', resolve)
      this.wake = resolve
    })
  }

  begin(status: number, headers: Record<string, string | number>): void {
    this.facts.status = status
    this.response.writeHead(status, headers)
  }

  sendJson(status: number, body: string, headers: Record<string, string> = {}): void {
    const framing = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    this.begin(status, { ...framing, ...headers })
    this.response.end(body)
  }

  refuse(error: ProviderError): void {
    const retryAfter = error.retryAfterSeconds
    this.sendJson(error.status, errorBody(error), retryAfter ? { 'retry-after': String(retryAfter) } : {})
  }

  /** Cuts the connection as a failing provider or network would. */
  disconnect(): void {
    this.isDisconnected = true
    this.response.destroy()
  }
}
