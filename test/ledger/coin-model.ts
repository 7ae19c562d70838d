/**
 * An independent model of the ledger to test it against: every nano is a coin of its own that is free, held by one
 * request, spent or expired. Slow and obvious; it shares no code with what it checks.
 */
export interface Coin {
  lotId: string
  promotional: boolean
  expiresAt: number | null
  /** The order of the grants. */
  grant: number
  state: 'free' | 'spent' | 'expired' | { heldBy: string }
}

export class CoinPurse {
  readonly coins: Coin[] = []
  debt = 0
  private grants = 0

  credit(lotId: string, amount: number, promotional: boolean, expiresAt: number | null, now: number): void {
    this.expire(now)
    const grant = this.grants++
    const added = Array.from({ length: amount }, (): Coin => ({ lotId, promotional, expiresAt, grant, state: 'free' }))
    this.coins.push(...added)
    for (const coin of added) {
      if (this.debt === 0) break
      coin.state = 'spent'
      this.debt -= 1
    }
  }

  /** What a request may reserve now, were it asked. */
  available(now: number): number {
    return this.free().filter((coin) => !isPast(coin, now)).length
  }

  hold(requestId: string, amount: number, now: number): void {
    this.expire(now)
    for (const coin of this.free().slice(0, amount)) coin.state = { heldBy: requestId }
  }

  resolve(requestId: string, charge: number, now: number): void {
    this.expire(now)
    for (const coin of this.heldBy(requestId)) coin.state = 'free'
    this.debt += charge
    // Past its expiry is now only what the request itself had held: that goes first.
    const own = this.free().filter((coin) => isPast(coin, now))
    const paid = this.pay(own, charge)
    // The rest of this charge and no more: what expires now must not repay what another request owes.
    this.pay(this.free(), charge - paid)
    this.expire(now)
    this.pay(this.free(), this.debt)
  }

  expire(now: number): void {
    for (const coin of this.free()) if (isPast(coin, now)) coin.state = 'expired'
  }

  balance(): number {
    return this.left().length - this.debt
  }

  held(): number {
    return this.left().filter((coin) => coin.state !== 'free').length
  }

  left(lotId?: string): Coin[] {
    return this.coins.filter(
      (coin) => (lotId === undefined || coin.lotId === lotId) && coin.state !== 'spent' && coin.state !== 'expired',
    )
  }

  heldBy(requestId: string): Coin[] {
    return this.coins.filter((coin) => typeof coin.state === 'object' && coin.state.heldBy === requestId)
  }

  private pay(coins: Coin[], limit: number): number {
    const paid = coins.slice(0, limit)
    for (const coin of paid) coin.state = 'spent'
    this.debt -= paid.length
    return paid.length
  }

  /** In draw order: promotional first, then what expires first, then the oldest grant. */
  private free(): Coin[] {
    const never = Number.POSITIVE_INFINITY
    return this.coins
      .filter((coin) => coin.state === 'free')
      .sort(
        (left, right) =>
          Number(right.promotional) - Number(left.promotional) ||
          compare(left.expiresAt ?? never, right.expiresAt ?? never) ||
          left.grant - right.grant,
      )
  }
}

function isPast(coin: Coin, now: number): boolean {
  return coin.expiresAt !== null && coin.expiresAt <= now
}

function compare(left: number, right: number): number {
  return left === right ? 0 : left < right ? -1 : 1
}
