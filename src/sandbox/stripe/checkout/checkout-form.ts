import { z } from 'zod'
import { isTaxIdWellFormed } from '../payments/customers.ts'
import { BANK_DEBITS } from '../payments/payment-methods.ts'
import type { BillingAddress, CheckoutSubmission, StoredSession } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { COUNTRIES } from './countries.ts'
import type { CheckoutPayment } from './submit-checkout.ts'

const FIELD_LENGTH_MAX = 200

/** Names of the fields as the page has them. */
export const FIELDS = [
  'email',
  'method',
  'card_number',
  'card_expiry',
  'card_cvc',
  'card_name',
  'line1',
  'city',
  'postal_code',
  'country',
  'tax_id_type',
  'tax_id',
  'save_card',
  'fill',
] as const
export type FieldName = (typeof FIELDS)[number]
export type FieldValues = Partial<Record<FieldName, string>>
export type FieldProblems = Partial<Record<FieldName, string>>

export type ParsedForm = { ok: true; payment: CheckoutPayment } | { ok: false; problems: FieldProblems }

/** The known fields of a form; whatever else was sent is left out. */
export function readFields(form: unknown): FieldValues {
  const field = z.string().trim().max(FIELD_LENGTH_MAX).optional().catch(undefined)
  const parsed = z.object(Object.fromEntries(FIELDS.map((name) => [name, field]))).safeParse(form)
  return parsed.success ? (parsed.data as FieldValues) : {}
}

/** What a session asks for on its page. */
export interface PageFields {
  asksForAddress: boolean
  asksForTaxId: boolean
  offersBankDebit: boolean
  offersSaving: boolean
  /** Null where the person may enter one. */
  fixedEmail: string | null
}

export function fieldsOf(account: StripeAccount, session: StoredSession): PageFields {
  const bankDebit = BANK_DEBITS[session.currency ?? '']
  return {
    asksForAddress: session.billing_address_collection === 'required' || session.tax_id_collection?.enabled === true,
    asksForTaxId: session.tax_id_collection?.enabled === true,
    offersBankDebit: session.mode === 'payment' && session.payment_method_types.some((type) => type === bankDebit),
    offersSaving: session.mode === 'payment' && session.saved_payment_method_options?.payment_method_save === 'enabled',
    fixedEmail: account.customers.get(session.customer ?? '')?.email ?? session.customer_email,
  }
}

/** Checks what a person entered; problems are worded for the person. */
export function parseCheckoutForm(account: StripeAccount, session: StoredSession, form: FieldValues): ParsedForm {
  const asked = fieldsOf(account, session)
  const problems: FieldProblems = {}
  const email = asked.fixedEmail ?? form.email ?? ''
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) problems.email = 'Enter an email address such as you@example.com.'
  const isBankDebit = asked.offersBankDebit && form.method === 'bank_debit'
  const card = isBankDebit ? null : parseCard(account, form, problems)
  if (!form.card_name) problems.card_name = 'Enter the name of the payer.'
  const address = asked.asksForAddress ? parseAddress(form, problems) : null
  const taxId = asked.asksForTaxId ? parseTaxId(form, problems) : null
  if (Object.keys(problems).length > 0) return { ok: false, problems }
  const submission: CheckoutSubmission = {
    email,
    name: form.card_name ?? null,
    address: address ?? countryOnly(form),
    taxId,
    savesCard: asked.offersSaving && form.save_card !== undefined,
  }
  return { ok: true, payment: { card, submission } }
}

function parseCard(account: StripeAccount, form: FieldValues, problems: FieldProblems): CheckoutPayment['card'] {
  const number = (form.card_number ?? '').replaceAll(/[\s-]/g, '')
  if (!/^\d{12,19}$/.test(number)) problems.card_number = 'Enter the card number.'
  else if (!passesLuhn(number)) problems.card_number = 'Your card number is invalid.'
  const expiry = /^(\d{1,2})\s*\/?\s*(\d{2}|\d{4})$/.exec(form.card_expiry ?? '')
  const month = Number(expiry?.[1])
  const year = Number(expiry?.[2]) + (expiry?.[2]?.length === 2 ? 2_000 : 0)
  const now = new Date(account.clock.now())
  const isPast = year * 12 + month < now.getUTCFullYear() * 12 + now.getUTCMonth() + 1
  if (!expiry || month < 1 || month > 12) problems.card_expiry = 'Enter the expiry date as MM / YY.'
  else if (isPast) problems.card_expiry = "Your card's expiry date is in the past."
  if (!/^\d{3,4}$/.test(form.card_cvc ?? '')) problems.card_cvc = 'Enter the 3 or 4 digits of the security code.'
  return { number, expiryMonth: month, expiryYear: year }
}

function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, position) => {
    const value = Number(digit) * (position % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

function parseAddress(form: FieldValues, problems: FieldProblems): BillingAddress {
  if (!form.line1) problems.line1 = 'Enter the street and number.'
  if (!form.city) problems.city = 'Enter the city.'
  if (!form.country || !COUNTRIES.has(form.country)) problems.country = 'Choose the country.'
  return {
    city: form.city || null,
    country: form.country || null,
    line1: form.line1 || null,
    line2: null,
    postal_code: form.postal_code || null,
    state: null,
  }
}

/** Without a billing address a card still tells its country. */
function countryOnly({ country }: FieldValues): BillingAddress {
  const known = country && COUNTRIES.has(country) ? country : null
  return { city: null, country: known, line1: null, line2: null, postal_code: null, state: null }
}

function parseTaxId(form: FieldValues, problems: FieldProblems): CheckoutSubmission['taxId'] {
  const type = form.tax_id_type ?? ''
  const value = (form.tax_id ?? '').replaceAll(' ', '').toUpperCase()
  if (type === '' && value === '') return null
  if (type === '') problems.tax_id_type = 'Choose the kind of tax ID.'
  else if (value === '') problems.tax_id = 'Enter the tax ID.'
  else if (!isTaxIdWellFormed({ type, value })) problems.tax_id = 'This does not look like a tax ID of that kind.'
  return { type, value }
}
