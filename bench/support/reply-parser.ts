/** Heads longer than this are not HTTP replies of a gateway. */
const HEAD_LENGTH_MAX = 16_384
const CARRIAGE_RETURN = 13
const LINE_FEED = 10

type Phase = 'head' | 'counted' | 'chunkSize' | 'chunkData' | 'trailer'

export interface ReplyHandler {
  /** The reply has come to its end: its last counted byte or its terminal chunk. */
  onReply(status: number, staysOpen: boolean): void
  onInvalid(reason: string): void
}

/**
 * Finds the ends of HTTP/1.1 replies on one connection, with Content-Length or chunked. It reads sizes and skips content:
 * a load generator that parsed more would measure itself.
 */
export class ReplyParser {
  private readonly handler: ReplyHandler
  private phase: Phase = 'head'
  private head = ''
  private status = 0
  private staysOpen = true
  /** Bytes left of a counted body or of a chunk with its line end. */
  private remaining = 0
  private chunkSize = 0
  private isChunkExtension = false
  private lineLength = 0

  constructor(handler: ReplyHandler) {
    this.handler = handler
  }

  push(bytes: Buffer, end: number): void {
    let offset = 0
    while (offset < end) {
      if (this.phase === 'head') offset = this.readHead(bytes, offset, end)
      else if (this.phase === 'chunkSize') offset = this.readChunkSize(bytes, offset, end)
      else if (this.phase === 'trailer') offset = this.readTrailer(bytes, offset, end)
      else offset = this.skip(offset, end)
    }
  }

  private readHead(bytes: Buffer, offset: number, end: number): number {
    const before = this.head.length
    this.head += bytes.toString('latin1', offset, Math.min(end, offset + HEAD_LENGTH_MAX))
    const headEnd = this.head.indexOf('\r\n\r\n')
    if (headEnd < 0) {
      if (this.head.length > HEAD_LENGTH_MAX) this.handler.onInvalid('no end of the reply head')
      return end
    }
    const head = this.head.slice(0, headEnd).toLowerCase()
    this.head = ''
    this.status = Number(head.slice(9, 12))
    this.staysOpen = !head.includes('\r\nconnection: close')
    const lengthAt = head.indexOf('\r\ncontent-length:')
    if (head.includes('\r\ntransfer-encoding: chunked')) this.beginChunk()
    else if (lengthAt >= 0) this.beginCounted(Number.parseInt(head.slice(lengthAt + 17), 10))
    else this.handler.onInvalid('a reply without length')
    return offset + headEnd + 4 - before
  }

  private beginCounted(length: number): void {
    this.phase = 'counted'
    this.remaining = length
    if (length === 0) this.complete()
  }

  private beginChunk(): void {
    this.phase = 'chunkSize'
    this.chunkSize = 0
    this.isChunkExtension = false
  }

  private readChunkSize(bytes: Buffer, start: number, end: number): number {
    for (let offset = start; offset < end; offset += 1) {
      const byte = bytes[offset] ?? 0
      if (byte === LINE_FEED) {
        this.phase = this.chunkSize === 0 ? 'trailer' : 'chunkData'
        this.remaining = this.chunkSize + 2
        this.lineLength = 0
        return offset + 1
      }
      if (byte === 59) this.isChunkExtension = true
      // '0'–'9' are 0x30–0x39; letters of either case have their value less nine in the low four bits.
      if (byte !== CARRIAGE_RETURN && !this.isChunkExtension) {
        this.chunkSize = this.chunkSize * 16 + (byte & 15) + (byte > 57 ? 9 : 0)
      }
    }
    return end
  }

  private readTrailer(bytes: Buffer, start: number, end: number): number {
    for (let offset = start; offset < end; offset += 1) {
      const byte = bytes[offset]
      if (byte === LINE_FEED && this.lineLength === 0) {
        this.complete()
        return offset + 1
      }
      if (byte === LINE_FEED) this.lineLength = 0
      else if (byte !== CARRIAGE_RETURN) this.lineLength += 1
    }
    return end
  }

  private skip(offset: number, end: number): number {
    const taken = Math.min(this.remaining, end - offset)
    this.remaining -= taken
    if (this.remaining === 0 && this.phase === 'counted') this.complete()
    else if (this.remaining === 0) this.beginChunk()
    return offset + taken
  }

  private complete(): void {
    this.phase = 'head'
    this.handler.onReply(this.status, this.staysOpen)
  }
}
