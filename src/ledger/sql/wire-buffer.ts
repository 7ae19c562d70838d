/** Holds an ordinary batch without growing. */
const INITIAL_BYTES = 64 * 1024
/** What a giant batch took beyond this is given back after it. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024

/** Bytes in PostgreSQL's order (the highest first), in a buffer that grows by doubling and is used again and again. */
export class WireBuffer {
  bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  /** Where the next byte goes. */
  at = 0

  /**
   * The bytes, with room for this many from `at` on. A writer keeps them and its place in variables of its own: each look
   * at a field of this object costs as much as writing a few bytes.
   */
  reserve(size: number): Buffer {
    if (this.at + size > this.bytes.length) this.resize(Math.max(this.bytes.length * 2, this.at + size))
    return this.bytes
  }

  /** Writes how many bytes came after the four at this place, which were left free for it. */
  endLength(lengthAt: number): void {
    putInt32(this.bytes, lengthAt, this.at - lengthAt - 4)
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
    before.copy(this.bytes, 0, 0, this.at)
  }
}

/** A signed or unsigned integer of 32 bits. Returns the place after it. */
export function putInt32(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
  return at + 4
}
