import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { expandParam, readParams, text } from '../api/read-params.ts'
import { noSuchResource } from '../api/stripe-refusal.ts'
import type { StoredPaymentMethod, StoredSetupIntent } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import type { AttemptResult } from './attempt-payment.ts'
import type { Decline } from './judge-payment.ts'
import { attachPaymentMethod, factsOf } from './payment-methods.ts'
import { testCardWithNumber } from './test-cards.ts'

export interface NewSetupIntent {
  customer: string | null
  metadata: Record<string, string>
  description: string | null
}

const AUTHENTICATION_FAILED: Decline = {
  code: 'setup_intent_authentication_failure',
  declineCode: null,
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

/** Stores a new setup intent, for later use off session, and tells of it. */
export function newSetupIntent(account: StripeAccount, given: NewSetupIntent): StoredSetupIntent {
  const id = account.newId('seti')
  const intent = account.setupIntents.save({
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: account.newId(`${id}_secret`),
    created: account.now(),
    customer: given.customer,
    customer_account: null,
    description: given.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: given.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
  })
  account.emit('setup_intent.created', intent)
  return intent
}

/** Tries to save a card for later. Both kinds of card that need authentication ask for it here. */
export function attemptSetup(
  account: StripeAccount,
  intent: StoredSetupIntent,
  method: StoredPaymentMethod,
): AttemptResult {
  intent.payment_method = method.id
  const { behaviour } = testCardWithNumber(factsOf(account, method).number)
  if (behaviour.kind === 'declines') return refuse(account, intent, method, behaviour)
  if (behaviour.kind !== 'authenticates') return complete(account, intent, method)
  const url = `${account.origin}/c/authenticate/${intent.id}`
  intent.status = 'requires_action'
  intent.next_action = { type: 'redirect_to_url', redirect_to_url: { return_url: null, url } }
  account.setupIntents.save(intent)
  account.emit('setup_intent.requires_action', intent)
  return { kind: 'requires_action' }
}

export function finishSetupAuthentication(
  account: StripeAccount,
  intent: StoredSetupIntent,
  isAuthenticated: boolean,
): AttemptResult {
  const method = account.paymentMethods.get(intent.payment_method ?? '')
  if (intent.status !== 'requires_action' || !method) throw new Error(`${intent.id} does not wait for authentication`)
  return isAuthenticated ? complete(account, intent, method) : refuse(account, intent, method, AUTHENTICATION_FAILED)
}

function complete(account: StripeAccount, intent: StoredSetupIntent, method: StoredPaymentMethod): AttemptResult {
  account.paymentMethodFacts.save({ ...factsOf(account, method), isSetUp: true })
  method.allow_redisplay = 'limited'
  if (intent.customer !== null) attachPaymentMethod(account, method, intent.customer)
  intent.status = 'succeeded'
  intent.next_action = null
  intent.last_setup_error = null
  account.setupIntents.save(intent)
  account.emit('setup_intent.succeeded', intent)
  return { kind: 'succeeded' }
}

function refuse(
  account: StripeAccount,
  intent: StoredSetupIntent,
  method: StoredPaymentMethod,
  decline: Decline,
): AttemptResult {
  const { code, declineCode, message } = decline
  intent.status = 'requires_payment_method'
  intent.payment_method = null
  intent.next_action = null
  intent.last_setup_error = {
    type: declineCode === null ? 'invalid_request_error' : 'card_error',
    code,
    message,
    payment_method: { ...method },
    ...(declineCode === null ? {} : { decline_code: declineCode }),
  }
  account.setupIntents.save(intent)
  account.emit('setup_intent.setup_failed', intent)
  return { kind: 'declined', decline }
}

export function retrieveSetupIntent({ account, ids, params }: ApiCall): object {
  readParams(z.strictObject({ client_secret: text.optional(), ...expandParam }), params)
  const intent = account.setupIntents.get(ids[0] ?? '')
  if (!intent) throw noSuchResource('setupintent', ids[0] ?? '', 'intent')
  return intent
}
