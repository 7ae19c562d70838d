import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import {
  amount,
  currency,
  expandParam,
  filledText,
  flag,
  listOf,
  metadata,
  readParams,
  text,
  url,
} from '../api/read-params.ts'
import { cardRefusal, invalidRequest, noSuchReference, noSuchResource, StripeRefusal } from '../api/stripe-refusal.ts'
import type { StoredPaymentIntent } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { attemptPayment, disputeIfDoomed } from './attempt-payment.ts'
import { amountMinimum, formatMinor } from './minor-units.ts'
import { createIntent } from './new-intent.ts'
import { assertUsable, findPaymentMethod } from './payment-methods.ts'

const setupFutureUsage = z.enum(['off_session', 'on_session'])

const confirmParams = {
  payment_method: filledText.optional(),
  off_session: flag.optional(),
  return_url: url.optional(),
  error_on_requires_action: flag.optional(),
  setup_future_usage: setupFutureUsage.optional(),
  receipt_email: text.optional(),
  use_stripe_sdk: flag.optional(),
  ...expandParam,
}

const createParams = z.strictObject({
  ...confirmParams,
  amount,
  currency,
  confirm: flag.optional(),
  customer: filledText.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  payment_method_types: listOf(text).optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  capture_method: z.enum(['automatic', 'automatic_async']).optional(),
  confirmation_method: z.enum(['automatic', 'manual']).optional(),
  statement_descriptor: text.optional(),
  statement_descriptor_suffix: text.optional(),
})

export function createPaymentIntent(call: ApiCall): object {
  const { account } = call
  const given = readParams(createParams, call.params)
  if (given.customer !== undefined && !account.customers.get(given.customer))
    throw noSuchReference('customer', given.customer, 'customer')
  const minimum = amountMinimum(given.currency)
  if (given.amount < minimum) {
    const message = `Amount must be at least ${formatMinor(minimum, given.currency)} ${given.currency}`
    throw invalidRequest(message, { code: 'amount_too_small', param: 'amount' })
  }
  if (given.off_session === true && given.confirm !== true)
    throw invalidRequest('You can only set `off_session` when `confirm` is true.', { param: 'off_session' })
  const method = given.payment_method === undefined ? null : findPaymentMethod(account, given.payment_method)
  if (method) assertUsable(account, method, given.customer ?? null)
  if (given.confirm === true && !method) throw missingMethod()
  const intent = createIntent(account, {
    amount: given.amount,
    currency: given.currency,
    customer: given.customer ?? null,
    description: given.description ?? null,
    metadata: given.metadata ?? {},
    paymentMethodTypes: given.payment_method_types ?? ['card'],
    receiptEmail: given.receipt_email ?? null,
    setupFutureUsage: given.setup_future_usage ?? null,
    statementDescriptor: given.statement_descriptor ?? null,
  })
  if (method) {
    intent.payment_method = method.id
    intent.status = 'requires_confirmation'
    account.paymentIntents.save(intent)
  }
  return given.confirm === true ? confirm(call, intent, given) : intent
}

export function confirmPaymentIntent(call: ApiCall): object {
  const given = readParams(z.strictObject(confirmParams), call.params)
  const intent = existing(call)
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
    const reason =
      intent.status === 'succeeded'
        ? 'it has already succeeded after being previously confirmed'
        : `it has a status of ${intent.status}`
    throw unexpectedState(intent, `You cannot confirm this PaymentIntent because ${reason}.`)
  }
  if (given.setup_future_usage) intent.setup_future_usage = given.setup_future_usage
  if (given.receipt_email !== undefined) intent.receipt_email = given.receipt_email || null
  return confirm(call, intent, given)
}

interface Confirmation {
  payment_method?: string | undefined
  off_session?: boolean | undefined
  return_url?: string | undefined
  error_on_requires_action?: boolean | undefined
}

function confirm({ account }: ApiCall, intent: StoredPaymentIntent, given: Confirmation): StoredPaymentIntent {
  const methodId = given.payment_method ?? intent.payment_method
  if (!methodId) throw missingMethod()
  // A token such as pm_card_visa made a payment method when the intent was created, and makes no second one.
  const isNew = intent.status !== 'requires_confirmation' || account.paymentMethods.get(methodId) !== undefined
  const chosen = findPaymentMethod(account, isNew ? methodId : (intent.payment_method ?? methodId))
  assertUsable(account, chosen, intent.customer)
  const isOffSession = given.off_session === true || given.error_on_requires_action === true
  const result = attemptPayment(account, intent, chosen, { isOffSession, returnUrl: given.return_url ?? null })
  if (result.kind === 'declined') {
    const { code, declineCode, message } = result.decline
    throw cardRefusal({
      code,
      message,
      ...(declineCode === null ? {} : { decline_code: declineCode }),
      ...(intent.latest_charge === null ? {} : { charge: intent.latest_charge }),
      payment_intent: { ...intent },
      payment_method: { ...chosen },
    })
  }
  disputeIfDoomed(account, intent)
  return intent
}

function missingMethod(): StripeRefusal {
  return invalidRequest(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    { code: 'payment_intent_unexpected_state' },
  )
}

function unexpectedState(intent: StoredPaymentIntent, message: string): StripeRefusal {
  const facts = { type: 'invalid_request_error' as const, code: 'payment_intent_unexpected_state' }
  return new StripeRefusal(400, { ...facts, message, payment_intent: { ...intent } })
}

const cancelParams = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  ...expandParam,
})

export function cancelPaymentIntent(call: ApiCall): object {
  const given = readParams(cancelParams, call.params)
  const intent = existing(call)
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    const open = 'requires_payment_method, requires_capture, requires_confirmation, requires_action, processing'
    const rule = `Only a PaymentIntent with one of the following statuses may be canceled: ${open}.`
    throw unexpectedState(
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. ${rule}`,
    )
  }
  return cancelIntent(call.account, intent, given.cancellation_reason ?? null)
}

export function cancelIntent(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  reason: StoredPaymentIntent['cancellation_reason'],
): StoredPaymentIntent {
  intent.status = 'canceled'
  intent.canceled_at = account.now()
  intent.cancellation_reason = reason
  intent.next_action = null
  account.paymentIntents.save(intent)
  account.emit('payment_intent.canceled', intent)
  return intent
}

function existing({ account, ids }: ApiCall): StoredPaymentIntent {
  const id = ids[0] ?? ''
  const intent = account.paymentIntents.get(id)
  if (!intent) throw noSuchResource('payment_intent', id, 'intent')
  return intent
}

export function retrievePaymentIntent(call: ApiCall): object {
  readParams(z.strictObject({ client_secret: text.optional(), ...expandParam }), call.params)
  return existing(call)
}

export function listPaymentIntents(call: ApiCall): object {
  return listObjects(call, call.account.paymentIntents, { noun: 'payment_intent', filters: ['customer'] })
}
