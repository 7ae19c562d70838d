import type { StoredPaymentIntent } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

export interface NewIntent {
  amount: number
  currency: string
  customer: string | null
  description: string | null
  metadata: Record<string, string>
  paymentMethodTypes: string[]
  receiptEmail: string | null
  setupFutureUsage: 'off_session' | 'on_session' | null
  statementDescriptor: string | null
}

/** Stores a new intent and tells of it. */
export function createIntent(account: StripeAccount, given: NewIntent): StoredPaymentIntent {
  const id = account.newId('pi')
  const intent = account.paymentIntents.save({
    ...BEFORE_PAYMENT,
    id,
    object: 'payment_intent',
    amount: given.amount,
    client_secret: `${account.newId(`${id}_secret`)}`,
    created: account.now(),
    currency: given.currency,
    customer: given.customer,
    description: given.description,
    last_payment_error: null,
    latest_charge: null,
    metadata: given.metadata,
    next_action: null,
    payment_method: null,
    payment_method_options: {},
    payment_method_types: given.paymentMethodTypes,
    receipt_email: given.receiptEmail,
    setup_future_usage: given.setupFutureUsage,
    statement_descriptor: given.statementDescriptor,
    status: 'requires_payment_method',
  })
  account.emit('payment_intent.created', intent)
  return intent
}

/** The same for each intent before anybody pays, and fields of features that the sandbox does not have. */
const BEFORE_PAYMENT = {
  allowed_payment_method_types: null,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: 0,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  canceled_at: null,
  cancellation_reason: null,
  capture_method: 'automatic_async',
  confirmation_method: 'automatic',
  customer_account: null,
  excluded_payment_method_types: null,
  livemode: false,
  managed_payments: null,
  on_behalf_of: null,
  payment_method_configuration_details: null,
  payment_record: null,
  processing: null,
  review: null,
  shipping: null,
  source: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<StoredPaymentIntent>
