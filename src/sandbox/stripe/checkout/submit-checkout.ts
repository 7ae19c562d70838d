import {
  type AttemptResult,
  attemptPayment,
  disputeIfDoomed,
  finishAuthentication,
  settleLatePayment,
} from '../payments/attempt-payment.ts'
import { addTaxId, changeCustomer, newCustomer } from '../payments/customers.ts'
import { createIntent } from '../payments/new-intent.ts'
import { createBankDebit, createCard, factsOf, type NewCard } from '../payments/payment-methods.ts'
import { attemptSetup, finishSetupAuthentication } from '../payments/setup-intents.ts'
import type {
  CheckoutFacts,
  CheckoutSubmission,
  StoredCustomer,
  StoredPaymentIntent,
  StoredPaymentMethod,
  StoredSession,
} from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

/*
 * What happens when a person presses Pay; the hosted page and the `pay` knob both end here.
 *   open → submitCheckout → complete (paid, or unpaid while a bank debit is under way), or open still after a decline
 *   open → submitCheckout → a card that asks for authentication → authenticateCheckout → complete, or open still
 *   complete and unpaid → settleCheckout → paid, or unpaid for good
 */

export interface CheckoutPayment {
  /** Null means a bank debit. */
  card: NewCard | null
  submission: CheckoutSubmission
}

export function submitCheckout(
  account: StripeAccount,
  session: StoredSession,
  payment: CheckoutPayment,
): AttemptResult {
  const facts = factsOfCheckout(account, session)
  const { submission, card } = payment
  facts.submission = submission
  account.checkoutFacts.save(facts)
  const billing = { name: submission.name, email: submission.email, address: submission.address }
  const method = card
    ? createCard(account, card, billing)
    : createBankDebit(account, session.currency ?? 'usd', billing)
  const result =
    session.mode === 'setup' ? startSetup(account, session, method) : startPayment(account, session, facts, method)
  return afterAttempt(account, session, result)
}

/** The person comes back from the bank's page. */
export function authenticateCheckout(
  account: StripeAccount,
  session: StoredSession,
  isAuthenticated: boolean,
): AttemptResult {
  const setup = account.setupIntents.get(session.setup_intent ?? '')
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  if (setup) return afterAttempt(account, session, finishSetupAuthentication(account, setup, isAuthenticated))
  if (!intent) throw new Error(`${session.id} does not wait for authentication`)
  return afterAttempt(account, session, finishAuthentication(account, intent, isAuthenticated))
}

/** A bank debit arrived, or was returned. */
export function settleCheckout(account: StripeAccount, session: StoredSession, isPaid: boolean): void {
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  if (!intent) throw new Error(`${session.id} has no payment under way`)
  settleLatePayment(account, intent, isPaid)
  if (isPaid) session.payment_status = 'paid'
  account.sessions.save(session)
  account.emit(`checkout.session.async_payment_${isPaid ? 'succeeded' : 'failed'}`, session)
}

function factsOfCheckout(account: StripeAccount, session: StoredSession): CheckoutFacts {
  const facts = account.checkoutFacts.get(session.id)
  if (!facts) throw new Error(`${session.id} has lost its facts`)
  return facts
}

function startSetup(account: StripeAccount, session: StoredSession, method: StoredPaymentMethod): AttemptResult {
  const intent = account.setupIntents.get(session.setup_intent ?? '')
  if (!intent) throw new Error(`${session.id} has no setup intent`)
  return attemptSetup(account, intent, method)
}

function startPayment(
  account: StripeAccount,
  session: StoredSession,
  facts: CheckoutFacts,
  method: StoredPaymentMethod,
): AttemptResult {
  const intent = account.paymentIntents.get(session.payment_intent ?? '') ?? beginIntent(account, session, facts)
  return attemptPayment(account, intent, method, { isOffSession: false, returnUrl: session.success_url })
}

/** Stripe makes the payment intent, and a customer where one is needed, when somebody first presses Pay. */
function beginIntent(account: StripeAccount, session: StoredSession, facts: CheckoutFacts): StoredPaymentIntent {
  const { intentData, submission } = facts
  const needsCustomer =
    session.customer_creation === 'always' || intentData.setupFutureUsage !== null || submission?.savesCard === true
  if (session.customer === null && needsCustomer) {
    const { email = null, name = null, address = null } = submission ?? {}
    session.customer = newCustomer(account, { email, name, address }).id
  }
  const intent = createIntent(account, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    customer: session.customer,
    description: intentData.description,
    metadata: intentData.metadata,
    paymentMethodTypes: session.payment_method_types,
    receiptEmail: intentData.receiptEmail,
    setupFutureUsage: intentData.setupFutureUsage,
    statementDescriptor: intentData.statementDescriptor,
  })
  session.payment_intent = intent.id
  account.sessions.save(session)
  return intent
}

function afterAttempt(account: StripeAccount, session: StoredSession, result: AttemptResult): AttemptResult {
  account.onChange()
  if (result.kind !== 'succeeded' && result.kind !== 'processing') return result
  const facts = factsOfCheckout(account, session)
  const submission = facts.submission
  const customer = account.customers.get(session.customer ?? '')
  if (submission && customer) updateCustomer(account, customer, facts, submission)
  if (submission?.savesCard && session.customer !== null) saveCard(account, session)
  session.status = 'complete'
  session.url = null
  if (session.mode === 'payment') session.payment_status = result.kind === 'succeeded' ? 'paid' : 'unpaid'
  if (submission) session.customer_details = detailsOf(submission)
  account.sessions.save(session)
  account.emit('checkout.session.completed', session)
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  if (intent) disputeIfDoomed(account, intent)
  if (result.kind === 'processing' && account.delayedPayments !== 'wait')
    settleCheckout(account, session, account.delayedPayments === 'succeed')
  return result
}

function detailsOf({ email, name, address, taxId }: CheckoutSubmission): StoredSession['customer_details'] {
  return {
    address,
    business_name: null,
    email,
    individual_name: null,
    name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: taxId ? [{ type: taxId.type as 'eu_vat', value: taxId.value }] : [],
  }
}

/** An address and a name are written where the session says so, an email only where there is none. */
function updateCustomer(
  account: StripeAccount,
  customer: StoredCustomer,
  facts: CheckoutFacts,
  { address, name, email, taxId }: CheckoutSubmission,
): void {
  changeCustomer(account, customer, {
    ...(facts.updatesAddress && address ? { address } : {}),
    ...(facts.updatesName && name !== null ? { name } : {}),
    ...(customer.email === null && email !== null ? { email } : {}),
  })
  if (taxId) addTaxId(account, customer, taxId)
}

/** The box was ticked: the card may be offered again. */
function saveCard(account: StripeAccount, session: StoredSession): void {
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  const method = account.paymentMethods.get(intent?.payment_method ?? '')
  if (!method || session.customer === null) return
  method.allow_redisplay = 'always'
  account.paymentMethodFacts.save({ ...factsOf(account, method), isSpent: false })
  if (method.customer === session.customer) return
  method.customer = session.customer
  account.paymentMethods.save(method)
  account.emit('payment_method.attached', method)
}
