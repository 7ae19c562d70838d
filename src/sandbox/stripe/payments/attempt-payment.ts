import type { StoredPaymentIntent, StoredPaymentMethod } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { createCharge, failCharge, settleCharge } from './create-charge.ts'
import { openDispute } from './disputes.ts'
import { AUTHENTICATION_FAILED, type Decline, judgePayment } from './judge-payment.ts'
import { attachPaymentMethod, factsOf } from './payment-methods.ts'
import { testCardWithNumber } from './test-cards.ts'

/*
 * The way of a payment intent:
 *   requires_payment_method | requires_confirmation → attemptPayment → succeeded | processing | requires_action, or back
 *   requires_action → finishAuthentication → succeeded, or back to requires_payment_method
 *   processing → settleLatePayment → succeeded, or back to requires_payment_method
 *   all but succeeded → canceled (in payment-intents.ts)
 */

export type AttemptResult =
  | { kind: 'succeeded' | 'processing' | 'requires_action' }
  | { kind: 'declined'; decline: Decline }

export interface AttemptOptions {
  isOffSession: boolean
  returnUrl: string | null
}

const LATE_FAILURE: Decline = {
  code: 'payment_method_provider_decline',
  declineCode: null,
  message: 'The bank debit was returned: there is not enough money in the account.',
}

/** Tries to pay an intent and tells of what came of it. */
export function attemptPayment(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  method: StoredPaymentMethod,
  options: AttemptOptions,
): AttemptResult {
  const facts = factsOf(account, method)
  intent.payment_method = method.id
  const verdict = judgePayment(method, facts, { isOffSession: options.isOffSession, isAuthenticated: false })
  if (verdict.kind === 'declines') return decline(account, intent, method, verdict.decline)
  if (verdict.kind === 'succeeds') return succeed(account, intent, method, { isAuthenticated: false })
  if (verdict.kind === 'asksForAuthentication') return askForAuthentication(account, intent, options.returnUrl)
  const charge = createCharge(account, intent, method, { status: 'pending' })
  intent.status = 'processing'
  intent.latest_charge = charge.id
  intent.last_payment_error = null
  account.paymentIntents.save(intent)
  account.emit('charge.pending', charge)
  account.emit('payment_intent.processing', intent)
  return { kind: 'processing' }
}

/** A person came back from the bank's page. */
export function finishAuthentication(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  isAuthenticated: boolean,
): AttemptResult {
  const method = account.paymentMethods.get(intent.payment_method ?? '')
  if (intent.status !== 'requires_action' || !method) throw new Error(`${intent.id} does not wait for authentication`)
  if (isAuthenticated) return succeed(account, intent, method, { isAuthenticated })
  rejectMethod(account, intent, method, AUTHENTICATION_FAILED, null)
  return { kind: 'declined', decline: AUTHENTICATION_FAILED }
}

/** A bank debit arrived, or was returned. */
export function settleLatePayment(account: StripeAccount, intent: StoredPaymentIntent, isPaid: boolean): void {
  const method = account.paymentMethods.get(intent.payment_method ?? '')
  const charge = account.charges.get(intent.latest_charge ?? '')
  if (intent.status !== 'processing' || !method || !charge) throw new Error(`${intent.id} is not under way`)
  if (!isPaid) {
    failCharge(account, charge, LATE_FAILURE)
    account.emit('charge.failed', charge)
    rejectMethod(account, intent, method, LATE_FAILURE, charge.id)
    return
  }
  settleCharge(account, charge)
  account.emit('charge.succeeded', charge)
  completeIntent(account, intent, method)
}

/** What some test cards have in store once all is told about the payment: a dispute. */
export function disputeIfDoomed(account: StripeAccount, intent: StoredPaymentIntent): void {
  const method = account.paymentMethods.get(intent.payment_method ?? '')
  const charge = account.charges.get(intent.latest_charge ?? '')
  if (intent.status !== 'succeeded' || !method || !charge || charge.disputed) return
  const { behaviour } = testCardWithNumber(factsOf(account, method).number)
  if (behaviour.kind === 'isDisputed') openDispute(account, charge, { reason: 'fraudulent' })
}

function succeed(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  method: StoredPaymentMethod,
  { isAuthenticated }: { isAuthenticated: boolean },
): AttemptResult {
  const charge = createCharge(account, intent, method, { status: 'succeeded' })
  intent.latest_charge = charge.id
  account.emit('charge.succeeded', charge)
  if (isAuthenticated && intent.setup_future_usage === 'off_session') {
    account.paymentMethodFacts.save({ ...factsOf(account, method), isSetUp: true })
  }
  completeIntent(account, intent, method)
  return { kind: 'succeeded' }
}

function completeIntent(account: StripeAccount, intent: StoredPaymentIntent, method: StoredPaymentMethod): void {
  const { customer } = intent
  if (customer !== null && intent.setup_future_usage !== null) {
    if (method.customer === null) method.allow_redisplay = 'limited'
    attachPaymentMethod(account, method, customer)
  } else if (method.customer === null) {
    account.paymentMethodFacts.save({ ...factsOf(account, method), isSpent: true })
  }
  intent.status = 'succeeded'
  intent.amount_received = intent.amount
  intent.next_action = null
  intent.last_payment_error = null
  account.paymentIntents.save(intent)
  account.emit('payment_intent.succeeded', intent)
}

function askForAuthentication(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  returnUrl: string | null,
): AttemptResult {
  const url = `${account.origin}/c/authenticate/${intent.id}`
  intent.status = 'requires_action'
  intent.next_action = { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } }
  account.paymentIntents.save(intent)
  account.emit('payment_intent.requires_action', intent)
  return { kind: 'requires_action' }
}

function decline(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  method: StoredPaymentMethod,
  reason: Decline,
): AttemptResult {
  const charge = createCharge(account, intent, method, { status: 'failed', decline: reason })
  account.emit('charge.failed', charge)
  rejectMethod(account, intent, method, reason, charge.id)
  return { kind: 'declined', decline: reason }
}

/** The intent waits for another payment method and remembers what was wrong with this one. */
function rejectMethod(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  method: StoredPaymentMethod,
  { code, declineCode, message }: Decline,
  charge: string | null,
): void {
  intent.status = 'requires_payment_method'
  intent.payment_method = null
  intent.next_action = null
  if (charge !== null) intent.latest_charge = charge
  intent.last_payment_error = {
    type: code.startsWith('payment_intent') ? 'invalid_request_error' : 'card_error',
    code,
    message,
    doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`,
    payment_method: { ...method },
    ...(declineCode === null ? {} : { decline_code: declineCode }),
    ...(charge === null ? {} : { charge }),
  }
  account.paymentIntents.save(intent)
  account.emit('payment_intent.payment_failed', intent)
}
