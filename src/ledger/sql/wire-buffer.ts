/** Holds an ordinary batch without growing. */
const INITIAL_BYTES = 64 * 1024
/** What a giant batch took beyond this is given back after it. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024

/** Bytes in PostgreSQL's order (the highest first), in a buffer that grows by doubling and is used again and again. */
export class WireBuffer {
  bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  view = new DataView(this.bytes.buffer)
  /** Where the next byte goes. */
  at = 0

  /** Makes sure that this many bytes can be written from here on. */
  reserve(size: number): void {
    if (this.at + size > this.bytes.length) this.resize(Math.max(this.bytes.length * 2, this.at + size))
  }

  /** Within what was reserved. */
  int32(value: number): void {
    this.view.setInt32(this.at, value)
    this.at += 4
  }

  /** Writes how many bytes came after the four at this place, which were left free for it. */
  endLength(lengthAt: number): void {
    this.view.setInt32(lengthAt, this.at - lengthAt - 4)
  }

  /** A copy of what was written, for this buffer is written over again while the copy waits for its socket. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.at))
    this.at = 0
    if (this.bytes.length > KEPT_BYTES_MAX) this.resize(INITIAL_BYTES)
    return taken
  }

  private resize(size: number): void {
    const before = this.bytes
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = new DataView(this.bytes.buffer)
    before.copy(this.bytes, 0, 0, this.at)
  }
}
