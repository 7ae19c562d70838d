import { expireSession } from './checkout/expire-sessions.ts'
import { failRefund } from './payments/refunds.ts'
import type { StripeAccount } from './records/stripe-account.ts'

/** How often the clock is looked at: short enough for a person who waits. */
const SWEEP_MS = 500
/**
 * What happens by itself as time goes by: sessions expire and doomed refunds fail. Called before each request as well, so
 * that nobody sees a session that should have expired.
 */
export function sweep(account: StripeAccount): void {
  if (account.sessionsExpireFrom <= account.now()) expireSessions(account)
  for (const doomed of account.doomedRefunds.values()) {
    const refund = account.refunds.get(doomed.id)
    if (doomed.failsAt <= account.clock.now() && refund) failRefund(account, refund)
  }
}

function expireSessions(account: StripeAccount): void {
  let next = Number.POSITIVE_INFINITY
  for (const session of account.sessions.values()) {
    if (session.status !== 'open') continue
    if (session.expires_at <= account.now()) expireSession(account, session)
    else next = Math.min(next, session.expires_at)
  }
  account.sessionsExpireFrom = next
}

/** Sweeps now and then until the returned function is called. */
export function startSweeping(account: StripeAccount, report: (error: Error) => void): () => void {
  const timer = setInterval(() => {
    try {
      sweep(account)
    } catch (error) {
      report(error as Error)
    }
  }, SWEEP_MS)
  timer.unref()
  return () => clearInterval(timer)
}
