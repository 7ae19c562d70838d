import type { IncomingHttpHeaders } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import type { CatalogProvider } from '../catalog/catalog-snapshot.ts'

/** Connections to one provider; a request in flight has one to itself. */
const CONNECTIONS_PER_ORIGIN_MAX = 1_024
const CONNECT_TIMEOUT_MS = 10_000
/** A model may think for minutes before its first byte. */
const HEADERS_TIMEOUT_MS = 600_000
/** But between two bytes of an answer this long a silence is a broken connection. */
const BODY_TIMEOUT_MS = 300_000
/** No completion comes near; beyond this a reply is a fault. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024

export interface UpstreamReader {
  data(chunk: Buffer): void
  end(): void
  error(error: Error): void
}

/** A reply whose head has come. Its body waits for a reader; nothing is lost before one is attached. */
export class UpstreamReply implements Dispatcher.DispatchHandler {
  status = 0
  headers: IncomingHttpHeaders = {}
  readonly opened: Promise<UpstreamReply>
  #resolveOpened!: (reply: UpstreamReply) => void
  #rejectOpened!: (error: Error) => void
  #controller: Dispatcher.DispatchController | null = null
  #reader: UpstreamReader | null = null
  #early: Buffer[] = []
  #ended = false
  #failure: Error | null = null
  #aborted: Error | null = null

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve
      this.#rejectOpened = reject
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(this.#aborted)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
    this.#resolveOpened(this)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reader) this.#reader.data(chunk)
    else this.#early.push(chunk)
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#reader?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failure = error
    this.#rejectOpened(error)
    this.#reader?.error(error)
  }

  attach(reader: UpstreamReader): void {
    this.#reader = reader
    for (const chunk of this.#early) reader.data(chunk)
    this.#early = []
    if (this.#failure) reader.error(this.#failure)
    else if (this.#ended) reader.end()
  }

  /** The whole body; an error where it breaks off or outgrows what any reply may be. */
  body(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let length = 0
      this.attach({
        data: (chunk) => {
          length += chunk.length
          if (length > REPLY_BYTES_MAX) return this.abort(new Error('the reply is too large'))
          chunks.push(chunk)
        },
        end: () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length)),
        error: reject,
      })
    })
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** Also before it is sent: a request may wait for a connection. */
  abort(reason: Error): void {
    this.#aborted = reason
    this.#controller?.abort(reason)
  }
}

export interface Upstreams {
  /** Sends a JSON body to a path below the provider's base URL. */
  post(provider: CatalogProvider, path: string, body: Buffer): UpstreamReply
  close(): Promise<void>
}

/** Keep-alive connections to every provider, shared by all requests. */
export function createUpstreams(): Upstreams {
  const pools = new Map<string, { pool: Pool; prefix: string }>()
  const headers = new WeakMap<CatalogProvider, string[]>()

  function headersFor(provider: CatalogProvider): string[] {
    let known = headers.get(provider)
    if (!known) {
      known = [
        'content-type',
        'application/json',
        'authorization',
        `Bearer ${provider.apiKey}`,
        'user-agent',
        'farebox',
      ]
      headers.set(provider, known)
    }
    return known
  }

  function poolFor(baseUrl: string): { pool: Pool; prefix: string } {
    let known = pools.get(baseUrl)
    if (!known) {
      const { origin, pathname } = new URL(baseUrl)
      const pool = new Pool(origin, {
        connections: CONNECTIONS_PER_ORIGIN_MAX,
        pipelining: 1,
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: BODY_TIMEOUT_MS,
        connect: { timeout: CONNECT_TIMEOUT_MS },
      })
      known = { pool, prefix: pathname.replace(/\/$/, '') }
      pools.set(baseUrl, known)
    }
    return known
  }

  return {
    post(provider, path, body) {
      const { pool, prefix } = poolFor(provider.baseUrl)
      const reply = new UpstreamReply()
      pool.dispatch({ method: 'POST', path: prefix + path, headers: headersFor(provider), body }, reply)
      return reply
    },
    async close() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.close()))
    },
  }
}
