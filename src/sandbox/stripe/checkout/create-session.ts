import type { ApiCall } from '../api/api-call.ts'
import { readParams } from '../api/read-params.ts'
import { invalidRequest, noSuchReference, type StripeRefusal } from '../api/stripe-refusal.ts'
import { amountMinimum, formatMinor } from '../payments/minor-units.ts'
import { BANK_DEBITS } from '../payments/payment-methods.ts'
import { newSetupIntent } from '../payments/setup-intents.ts'
import type { StoredCustomer, StoredLineItem, StoredSession } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { lineItemOf } from './line-item.ts'
import { LINE_ITEMS_MAX, type SessionParams, sessionParams } from './session-params.ts'

const SECONDS_PER_MINUTE = 60
const EXPIRES_MIN_SECONDS = 30 * SECONDS_PER_MINUTE
const EXPIRES_MAX_SECONDS = 24 * 60 * SECONDS_PER_MINUTE
const PLACEHOLDER = '{CHECKOUT_SESSION_ID}'

export function createSession(call: ApiCall): object {
  const { account } = call
  const given = readParams(sessionParams, call.params)
  const customer = customerOf(account, given)
  const lineItems = (given.line_items ?? []).map((item) => lineItemOf(account, item))
  assertConsistent(account, given, lineItems)
  const currency = lineItems[0]?.currency ?? given.currency ?? null
  const total = lineItems.reduce((sum, item) => sum + item.amount_total, 0)
  if (given.mode === 'payment' && total < amountMinimum(currency ?? '')) throw tooSmall(currency ?? 'usd')
  const id = account.newId('cs_test')
  const session = account.sessions.save(sessionOf(account, id, given, { customer, currency, total }))
  if (given.mode === 'setup') {
    const { metadata = {}, description = null } = given.setup_intent_data ?? {}
    const intent = newSetupIntent(account, { customer: session.customer, metadata, description })
    session.setup_intent = intent.id
    account.sessions.save(session)
  }
  saveFacts(account, id, given, lineItems)
  account.sessionsExpireFrom = Math.min(account.sessionsExpireFrom, session.expires_at)
  return session
}

function saveFacts(account: StripeAccount, id: string, given: SessionParams, lineItems: StoredLineItem[]): void {
  const data = given.payment_intent_data ?? {}
  account.checkoutFacts.save({
    id,
    lineItems,
    intentData: {
      metadata: data.metadata ?? {},
      setupFutureUsage: data.setup_future_usage ?? null,
      description: data.description || null,
      receiptEmail: data.receipt_email || null,
      statementDescriptor: data.statement_descriptor || null,
    },
    updatesAddress: given.customer_update?.address === 'auto',
    updatesName: given.customer_update?.name === 'auto',
    submission: null,
  })
}

function customerOf(account: StripeAccount, given: SessionParams): StoredCustomer | null {
  if (given.customer === undefined) {
    if (!given.customer_update) return null
    throw invalidRequest('`customer_update` can only be used with `customer`.', { param: 'customer_update' })
  }
  if (given.customer_email !== undefined)
    throw invalidRequest('You may only specify one of these parameters: customer, customer_email.', {
      param: 'customer',
    })
  const customer = account.customers.get(given.customer)
  if (!customer) throw noSuchReference('customer', given.customer, 'customer')
  return customer
}

function assertConsistent(account: StripeAccount, given: SessionParams, lineItems: readonly StoredLineItem[]): void {
  const { mode, tax_id_collection: taxIds, expires_at: expiresAt } = given
  const refuse = (message: string, param: string, code?: string) =>
    invalidRequest(message, code === undefined ? { param } : { param, code })
  if (mode === 'payment' && lineItems.length === 0)
    throw refuse('You must provide one of the following parameters: line_items.', 'line_items', 'parameter_missing')
  if (lineItems.length > LINE_ITEMS_MAX) throw refuse(`At most ${LINE_ITEMS_MAX} line items are allowed.`, 'line_items')
  if (mode === 'setup' && lineItems.length > 0)
    throw refuse('You can not pass `line_items` in `setup` mode.', 'line_items')
  if (mode === 'setup' && given.payment_intent_data)
    throw refuse('You can not pass `payment_intent_data` in `setup` mode.', 'payment_intent_data')
  if (mode === 'payment' && given.setup_intent_data)
    throw refuse('You can not pass `setup_intent_data` in `payment` mode.', 'setup_intent_data')
  if (mode === 'setup' && !given.currency && !given.payment_method_types)
    throw refuse('Missing required param: currency.', 'currency', 'parameter_missing')
  if (lineItems.some(({ currency }) => currency !== lineItems[0]?.currency))
    throw refuse('All line items must have the same currency.', 'line_items')
  if (taxIds?.enabled === true && given.customer !== undefined && given.customer_update?.name !== 'auto')
    throw refuse(
      'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
      'customer_update[name]',
    )
  if (expiresAt === undefined) return
  const seconds = expiresAt - account.now()
  if (seconds < EXPIRES_MIN_SECONDS)
    throw refuse('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', 'expires_at')
  if (seconds > EXPIRES_MAX_SECONDS)
    throw refuse('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', 'expires_at')
}

function tooSmall(currency: string): StripeRefusal {
  const minimum = formatMinor(amountMinimum(currency), currency)
  const message = `The Checkout Session's total amount due must add up to at least ${minimum} ${currency}`
  return invalidRequest(message, { code: 'amount_too_small' })
}

interface SessionFacts {
  customer: StoredCustomer | null
  currency: string | null
  total: number
}

function sessionOf(account: StripeAccount, id: string, given: SessionParams, facts: SessionFacts): StoredSession {
  const { customer, currency, total } = facts
  const isPayment = given.mode === 'payment'
  const email = customer?.email ?? given.customer_email ?? null
  const bankDebit = BANK_DEBITS[currency ?? '']
  return {
    ...UNUSED,
    id,
    object: 'checkout.session',
    amount_subtotal: isPayment ? total : null,
    amount_total: isPayment ? total : null,
    billing_address_collection: given.billing_address_collection ?? null,
    cancel_url: given.cancel_url ?? null,
    client_reference_id: given.client_reference_id ?? null,
    created: account.now(),
    currency,
    customer: customer?.id ?? null,
    customer_creation: isPayment && !customer ? (given.customer_creation ?? 'if_required') : null,
    customer_details: email === null ? null : { ...NO_DETAILS, address: null, email, name: customer?.name ?? null },
    customer_email: given.customer_email ?? null,
    expires_at: given.expires_at ?? account.now() + EXPIRES_MAX_SECONDS,
    locale: (given.locale ?? null) as StoredSession['locale'],
    metadata: given.metadata ?? {},
    mode: given.mode,
    payment_method_types: given.payment_method_types ?? (isPayment && bankDebit ? ['card', bankDebit] : ['card']),
    payment_status: isPayment ? 'unpaid' : 'no_payment_required',
    saved_payment_method_options: savedOptions(given, customer),
    status: 'open',
    submit_type: given.submit_type ?? null,
    success_url: given.success_url.replaceAll(PLACEHOLDER, id),
    tax_id_collection: {
      enabled: given.tax_id_collection?.enabled ?? false,
      required: given.tax_id_collection?.required ?? 'never',
    },
    total_details: isPayment ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    url: `${account.origin}/c/pay/${id}`,
  }
}

const NO_DETAILS = {
  business_name: null,
  individual_name: null,
  phone: null,
  tax_exempt: 'none' as const,
  tax_ids: null,
}

function savedOptions(given: SessionParams, customer: StoredCustomer | null) {
  const options = given.saved_payment_method_options
  if (!options && !customer) return null
  return {
    allow_redisplay_filters: options?.allow_redisplay_filters ?? (['always'] as const).slice(),
    payment_method_remove: options?.payment_method_remove ?? null,
    payment_method_save: options?.payment_method_save ?? null,
  }
}

/** Fields of features that the sandbox does not have. */
const UNUSED = {
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes: null,
  allowed_payment_method_types: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  managed_payments: null,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_configuration_details: null,
  payment_method_options: {},
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  subscription: null,
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<StoredSession>
