import { cancelIntent } from '../payments/payment-intents.ts'
import type { StoredSession } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

/** Ends an open session and cancels what it had begun. */
export function expireSession(account: StripeAccount, session: StoredSession): void {
  session.status = 'expired'
  session.url = null
  account.sessions.save(session)
  account.emit('checkout.session.expired', session)
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  if (intent && intent.status !== 'succeeded' && intent.status !== 'canceled')
    cancelIntent(account, intent, 'automatic')
}
