import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import { expandParam, filledText, readParams } from '../api/read-params.ts'
import { cardRefusal, invalidRequest, noSuchReference, noSuchResource } from '../api/stripe-refusal.ts'
import type { BillingAddress, PaymentMethodFacts, StoredPaymentMethod } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { BANK_DEBIT, testCardWithNumber, testCardWithToken } from './test-cards.ts'

export interface NewCard {
  number: string
  expiryMonth: number
  expiryYear: number
}

export interface BillingFacts {
  name: string | null
  email: string | null
  address: BillingAddress | null
}

const NO_BILLING: BillingFacts = { name: null, email: null, address: null }
/** Years that a card made from a token is still good for. */
const TOKEN_CARD_YEARS = 3

type MethodDetails = Pick<StoredPaymentMethod, 'type' | 'card' | 'sepa_debit' | 'us_bank_account' | 'bacs_debit'>

export function createCard(account: StripeAccount, card: NewCard, billing = NO_BILLING): StoredPaymentMethod {
  const { brand, number } = testCardWithNumber(card.number)
  return createMethod(account, number, billing, {
    type: 'card',
    card: {
      brand,
      checks: {
        address_line1_check: billing.address?.line1 ? 'pass' : null,
        address_postal_code_check: billing.address?.postal_code ? 'pass' : null,
        cvc_check: 'pass',
      },
      country: countryOfCard(number),
      display_brand: brand,
      exp_month: card.expiryMonth,
      exp_year: card.expiryYear,
      fingerprint: `sandbox${number.slice(-8)}`,
      funding: 'credit',
      generated_from: null,
      last4: number.slice(-4),
      networks: { available: [brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  })
}

/** Stripe's cards for authentication are German ones; the others are from the United States. */
function countryOfCard(number: string): string {
  return number === '4000002500003155' || number === '4000002760003184' ? 'DE' : 'US'
}

/** The bank debits that the sandbox offers, by currency. */
export const BANK_DEBITS: Readonly<Record<string, 'sepa_debit' | 'us_bank_account' | 'bacs_debit'>> = {
  eur: 'sepa_debit',
  usd: 'us_bank_account',
  gbp: 'bacs_debit',
}

export function createBankDebit(account: StripeAccount, currency: string, billing: BillingFacts): StoredPaymentMethod {
  const type = BANK_DEBITS[currency] ?? 'sepa_debit'
  const common = { fingerprint: 'sandboxbank', last4: '3000' }
  const details = {
    sepa_debit: { ...common, bank_code: '37040044', branch_code: '', country: 'DE', generated_from: null },
    us_bank_account: {
      ...common,
      account_holder_type: 'company',
      account_type: 'checking',
      bank_name: 'SANDBOX BANK',
      financial_connections_account: null,
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: '110000000',
      status_details: null,
    },
    bacs_debit: { ...common, sort_code: '108800' },
  }
  return createMethod(account, BANK_DEBIT, billing, { type, [type]: details[type] })
}

function createMethod(account: StripeAccount, number: string, billing: BillingFacts, details: MethodDetails) {
  const id = account.newId('pm')
  account.paymentMethodFacts.save({ id, number, isSetUp: false, isSpent: false })
  return account.paymentMethods.save({
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: billing.address ?? {
        city: null,
        country: null,
        line1: null,
        line2: null,
        postal_code: null,
        state: null,
      },
      email: billing.email,
      name: billing.name,
      phone: null,
      tax_id: null,
    },
    created: account.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    ...details,
  })
}

/** The payment method with an id, or a new one for one of Stripe's tokens (`pm_card_visa`). */
export function findPaymentMethod(account: StripeAccount, id: string, param = 'payment_method'): StoredPaymentMethod {
  const found = account.paymentMethods.get(id)
  if (found) return found
  const card = testCardWithToken(id)
  if (!card) throw noSuchReference('PaymentMethod', id, param)
  const expiryYear = new Date(account.clock.now()).getUTCFullYear() + TOKEN_CARD_YEARS
  return createCard(account, { number: card.number, expiryMonth: 12, expiryYear })
}

export function factsOf(account: StripeAccount, paymentMethod: StoredPaymentMethod): PaymentMethodFacts {
  const { id } = paymentMethod
  return account.paymentMethodFacts.get(id) ?? { id, number: BANK_DEBIT, isSetUp: false, isSpent: false }
}

const SPENT =
  'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'

/** Attaches to a customer; does nothing where it is attached to that one already. */
export function attachPaymentMethod(account: StripeAccount, method: StoredPaymentMethod, customer: string): void {
  if (method.customer === customer) return
  if (method.customer !== null)
    throw invalidRequest('The payment method you provided has already been attached to a customer.')
  if (factsOf(account, method).isSpent) throw invalidRequest(SPENT)
  method.customer = customer
  account.paymentMethods.save(method)
  account.emit('payment_method.attached', method)
}

/** Refuses a payment method that may not be used for this customer. */
export function assertUsable(account: StripeAccount, method: StoredPaymentMethod, customer: string | null): void {
  if (factsOf(account, method).isSpent) throw invalidRequest(SPENT)
  if (method.customer === null || method.customer === customer) return
  if (customer === null)
    throw invalidRequest(
      'The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.',
      { param: 'payment_method' },
    )
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
    { code: 'resource_missing', param: 'payment_method' },
  )
}

function existing(call: ApiCall, id = call.ids[0] ?? ''): StoredPaymentMethod {
  const found = call.account.paymentMethods.get(id)
  if (!found) throw noSuchResource('PaymentMethod', id, 'payment_method')
  return found
}

export function retrievePaymentMethod(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  return existing(call)
}

export function listPaymentMethods(call: ApiCall): object {
  return listObjects(call, call.account.paymentMethods, {
    noun: 'PaymentMethod',
    filters: ['customer', 'type', 'allow_redisplay'],
    matches: (method) => method.customer !== null,
  })
}

export function attachPaymentMethodCall(call: ApiCall): object {
  const { account } = call
  const { customer } = readParams(z.strictObject({ customer: filledText, ...expandParam }), call.params)
  if (!account.customers.get(customer)) throw noSuchReference('customer', customer, 'customer')
  const id = call.ids[0] ?? ''
  const method = testCardWithToken(id) ? findPaymentMethod(account, id) : existing(call)
  const { behaviour } = testCardWithNumber(factsOf(account, method).number)
  if (behaviour.kind === 'declines' && method.type === 'card')
    throw cardRefusal({ code: behaviour.code, decline_code: behaviour.declineCode, message: behaviour.message })
  attachPaymentMethod(account, method, customer)
  return method
}

export function detachPaymentMethod(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  const { account } = call
  const method = existing(call)
  const { customer } = method
  if (customer === null)
    throw invalidRequest('The payment method you provided is not attached to a customer so detachment is impossible.')
  method.customer = null
  account.paymentMethods.save(method)
  account.paymentMethodFacts.save({ ...factsOf(account, method), isSpent: true })
  const owner = account.customers.get(customer)
  if (owner?.invoice_settings.default_payment_method === method.id) owner.invoice_settings.default_payment_method = null
  account.emit('payment_method.detached', method, { customer })
  return method
}
