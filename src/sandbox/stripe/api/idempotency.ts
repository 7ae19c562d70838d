import type { IdempotentReply } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { StripeRefusal } from './stripe-refusal.ts'

/** Stripe forgets a key after a day. */
const KEPT_MS = 24 * 60 * 60 * 1_000
const KEY_LENGTH_MAX = 255

/** Remembers the first reply to each idempotency key, by the clock. */
export class Idempotency {
  private readonly account: StripeAccount
  private readonly inProgress = new Set<string>()

  constructor(account: StripeAccount) {
    this.account = account
  }

  /** The reply to be sent again, or null where the work is to be done: then `finish` has to be called. */
  begin(key: string, fingerprint: string): IdempotentReply | null {
    if (key.length > KEY_LENGTH_MAX)
      throw conflict(400, `Idempotency keys must be at most ${KEY_LENGTH_MAX} characters.`)
    if (this.inProgress.has(key))
      throw conflict(
        409,
        `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}.`,
      )
    const known = this.account.replies.get(key)
    if (known && known.storedAt + KEPT_MS > this.account.clock.now()) {
      if (known.fingerprint === fingerprint) return known
      throw conflict(
        400,
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      )
    }
    this.account.replies.delete(key)
    this.inProgress.add(key)
    return null
  }

  /** Ends what `begin` began; without a reply the key may be used again. */
  finish(key: string, reply: IdempotentReply | null): void {
    this.inProgress.delete(key)
    if (reply) this.account.replies.save(reply)
  }
}

function conflict(status: number, message: string): StripeRefusal {
  return new StripeRefusal(status, { type: 'idempotency_error', message }, true)
}
