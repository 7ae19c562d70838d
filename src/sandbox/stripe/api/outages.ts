export interface Outage {
  /** `timeout` never answers, `disconnect` destroys the socket. */
  status: 500 | 429 | 'timeout' | 'disconnect'
  /** Calls that fail. */
  count: number
  /** Only calls whose path begins with this, such as `/v1/refunds`. */
  path?: string | undefined
  /** Does the work and then loses the reply. */
  after?: boolean | undefined
}

interface HeldCalls {
  count: number
  path: string
}

/** What goes wrong between the caller and the simulator. */
export class Outages {
  private waiting: Outage[] = []
  private held: HeldCalls[] = []
  private heldCalls: (() => void)[] = []
  private readonly waiters: { count: number; resolve: () => void }[] = []

  add(outage: Outage): void {
    this.waiting.push({ ...outage })
  }

  clear(): void {
    this.waiting = []
    this.release()
  }

  /** The outage that this call falls into, if any; uses it up by one. */
  take(path: string): Outage | null {
    const outage = this.waiting.find((one) => path.startsWith(one.path ?? ''))
    if (!outage) return null
    outage.count -= 1
    if (outage.count <= 0) this.waiting = this.waiting.filter((one) => one !== outage)
    return outage
  }

  /** The next calls stay in progress until `release`. */
  hold(count: number, path = ''): void {
    this.held.push({ count, path })
  }

  release(): void {
    this.held = []
    for (const proceed of this.heldCalls.splice(0)) proceed()
  }

  /** Resolves when so many calls are being held. */
  whenHeld(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push({ count, resolve })
      this.wake()
    })
  }

  /** A promise to wait for, or null where the call may go on at once. */
  holdIfAsked(path: string): Promise<void> | null {
    const hold = this.held.find((one) => path.startsWith(one.path))
    if (!hold) return null
    hold.count -= 1
    if (hold.count <= 0) this.held = this.held.filter((one) => one !== hold)
    const promise = new Promise<void>((resolve) => this.heldCalls.push(resolve))
    this.wake()
    return promise
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) {
      if (this.heldCalls.length < waiter.count) continue
      this.waiters.splice(this.waiters.indexOf(waiter), 1)
      waiter.resolve()
    }
  }
}
