import { connect, type Socket } from 'node:net'
import type { LoadJob } from './load-job.ts'
import { ReplyParser } from './reply-parser.ts'

/** Read at once; a reply of a benchmark fits several times. */
const READ_BUFFER_BYTES = 65_536
/** Keeps a target that is down from being asked in a tight loop. */
const RECONNECT_MS = 50

/** What a connection tells its run; `next` says whether to send again. */
export interface LoadRecorder {
  succeeded(latencyMs: number, firstByteMs: number): void
  failed(reason: string): void
  wantsMore(): boolean
}

/** One keep-alive connection that sends the same request again as soon as its reply is complete. */
export class LoadConnection {
  isWaiting = false
  sentAt = 0
  private readonly job: LoadJob
  private readonly recorder: LoadRecorder
  private readonly requestBytes: Buffer
  private readonly readBuffer = Buffer.allocUnsafe(READ_BUFFER_BYTES)
  private firstByteAt = 0
  private socket: Socket | undefined
  private isStopped = false

  constructor(job: LoadJob, recorder: LoadRecorder) {
    this.job = job
    this.recorder = recorder
    this.requestBytes = Buffer.from(job.request)
    this.open()
  }

  stop(): void {
    this.isStopped = true
    this.socket?.destroy()
  }

  /** Gives up on a reply that does not come. */
  abandon(reason: string): void {
    this.fail(reason)
    this.socket?.destroy()
  }

  private open(): void {
    const { host, port } = this.job
    const parser = new ReplyParser({
      onReply: (status, staysOpen) => this.finish(status, staysOpen),
      onInvalid: (reason) => this.abandon(reason),
    })
    const callback = (length: number, buffer: Uint8Array): boolean => {
      if (this.firstByteAt === 0) this.firstByteAt = performance.now()
      parser.push(buffer as Buffer, length)
      return true
    }
    const socket = connect({ host, port, noDelay: true, onread: { buffer: this.readBuffer, callback } })
    this.socket = socket
    socket.on('connect', () => this.send())
    socket.on('error', (error) => this.fail(error.message))
    socket.on('close', () => {
      if (this.isWaiting) this.fail('the connection closed before the end of the reply')
      if (!this.isStopped && this.recorder.wantsMore()) setTimeout(() => this.reopen(), RECONNECT_MS)
    })
  }

  private reopen(): void {
    if (!this.isStopped) this.open()
  }

  private send(): void {
    if (this.isStopped || !this.recorder.wantsMore()) return
    this.isWaiting = true
    this.firstByteAt = 0
    this.sentAt = performance.now()
    this.socket?.write(this.requestBytes)
  }

  private finish(status: number, staysOpen: boolean): void {
    if (!this.isWaiting) return
    this.isWaiting = false
    const isSuccess = status >= 200 && status < 300
    if (isSuccess) this.recorder.succeeded(performance.now() - this.sentAt, this.firstByteAt - this.sentAt)
    else this.recorder.failed(`status ${status}`)
    if (staysOpen) this.send()
    else this.socket?.destroy()
  }

  private fail(reason: string): void {
    this.isWaiting = false
    if (!this.isStopped) this.recorder.failed(reason)
  }
}
