import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import { address, expandParam, filledText, listOf, metadata, readParams, text } from '../api/read-params.ts'
import { invalidParameter, invalidRequest, noSuchReference, noSuchResource } from '../api/stripe-refusal.ts'
import type { BillingAddress, StoredCustomer, StoredTaxId } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

const emptied = z.literal('').transform(() => null)
const taxIdParams = { type: filledText, value: filledText }

const updateParams = {
  address: z.union([emptied, address]).optional(),
  description: text.optional(),
  email: text.optional(),
  metadata: metadata.optional(),
  name: text.optional(),
  phone: text.optional(),
  preferred_locales: listOf(text).optional(),
  invoice_settings: z.strictObject({ default_payment_method: text.optional() }).optional(),
  tax_exempt: z.enum(['none', 'exempt', 'reverse']).optional(),
  ...expandParam,
}
const createParams = z.strictObject({
  ...updateParams,
  tax_id_data: listOf(z.strictObject(taxIdParams)).optional(),
  payment_method: filledText.optional(),
})

type CustomerChange = z.infer<z.ZodObject<typeof updateParams>>

/** Stores a new customer and tells of it. */
export function newCustomer(account: StripeAccount, facts: Partial<StoredCustomer> = {}): StoredCustomer {
  const customer = account.customers.save({
    id: account.newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: account.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: 'SANDBOX1',
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...facts,
  })
  account.emit('customer.created', customer)
  return customer
}

export function createCustomer(call: ApiCall): object {
  const { account } = call
  const given = readParams(createParams, call.params)
  const taxIds = (given.tax_id_data ?? []).map(checkTaxId)
  const customer = newCustomer(account, changedFields(given, {}))
  for (const taxId of taxIds) addTaxId(account, customer, taxId)
  return customer
}

export function updateCustomer(call: ApiCall): object {
  const given = readParams(z.strictObject(updateParams), call.params)
  const customer = existing(call)
  const methodId = given.invoice_settings?.default_payment_method
  if (methodId && call.account.paymentMethods.get(methodId)?.customer !== customer.id)
    throw noSuchReference('PaymentMethod', methodId, 'invoice_settings[default_payment_method]')
  return changeCustomer(call.account, customer, changedFields(given, customer.metadata))
}

/** Writes the fields and tells of those that differ. */
export function changeCustomer(
  account: StripeAccount,
  customer: StoredCustomer,
  change: Partial<StoredCustomer>,
): StoredCustomer {
  const before = Object.entries(change).flatMap(([field, value]) => {
    const old = customer[field as keyof StoredCustomer]
    return JSON.stringify(old) === JSON.stringify(value) ? [] : [[field, old] as const]
  })
  if (before.length === 0) return customer
  Object.assign(customer, change)
  account.customers.save(customer)
  account.emit('customer.updated', customer, Object.fromEntries(before))
  return customer
}

function changedFields(given: CustomerChange, oldMetadata: Record<string, string>): Partial<StoredCustomer> {
  const change: Partial<StoredCustomer> = {}
  for (const field of ['description', 'email', 'name', 'phone'] as const) {
    const value = given[field]
    if (value !== undefined) change[field] = value === '' ? null : value
  }
  if (given.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(given.email))
    throw invalidParameter(`Invalid email address: ${given.email}`, 'email', 'email_invalid')
  if (given.address !== undefined) change.address = given.address && wholeAddress(given.address)
  if (given.preferred_locales) change.preferred_locales = given.preferred_locales
  if (given.tax_exempt) change.tax_exempt = given.tax_exempt
  if (given.metadata) change.metadata = mergeMetadata(oldMetadata, given.metadata)
  const methodId = given.invoice_settings?.default_payment_method
  if (methodId !== undefined) {
    const nothing = { custom_fields: null, footer: null, rendering_options: null }
    change.invoice_settings = { ...nothing, default_payment_method: methodId || null }
  }
  return change
}

function wholeAddress(given: z.infer<typeof address>): BillingAddress {
  const { line1, line2, city, postal_code, state, country } = given
  const orNull = (value: string | undefined) => value || null
  return {
    city: orNull(city),
    country: orNull(country),
    line1: orNull(line1),
    line2: orNull(line2),
    postal_code: orNull(postal_code),
    state: orNull(state),
  }
}

/** New keys are added, and those with an empty value are taken away. */
function mergeMetadata(old: Record<string, string>, change: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== ''))
}

function existing({ account, ids }: ApiCall): StoredCustomer {
  const id = ids[0] ?? ''
  const customer = account.customers.get(id)
  if (!customer) throw noSuchResource('customer', id, 'id')
  return customer
}

export function retrieveCustomer(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  return existing(call)
}

export function listCustomers(call: ApiCall): object {
  return listObjects(call, call.account.customers, { noun: 'customer', filters: ['email'] })
}

export interface TaxIdFacts {
  type: string
  value: string
}

/** Forms of the kinds that the sandbox offers; of others any is good. */
const TAX_ID_FORMS: Readonly<Record<string, RegExp>> = {
  eu_vat: /^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[0-9A-Z+*]{2,12}$/,
  gb_vat: /^GB([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})$/,
  ch_vat: /^CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}( ?(MWST|TVA|IVA))?$/,
  no_vat: /^[0-9]{9}(MVA)?$/,
  us_ein: /^[0-9]{2}-?[0-9]{7}$/,
}
const VERIFIED_KINDS = new Set(['eu_vat', 'gb_vat', 'au_abn'])

export function isTaxIdWellFormed({ type, value }: TaxIdFacts): boolean {
  return TAX_ID_FORMS[type]?.test(value) ?? /^[0-9A-Z./ -]{2,30}$/i.test(value)
}

function checkTaxId(taxId: TaxIdFacts): TaxIdFacts {
  if (isTaxIdWellFormed(taxId)) return taxId
  throw invalidRequest(`Invalid value for ${taxId.type}.`, { code: 'tax_id_invalid', param: 'value' })
}

/** Adds a tax id; the same one is added once. */
export function addTaxId(account: StripeAccount, customer: StoredCustomer, { type, value }: TaxIdFacts): StoredTaxId {
  const known = account.taxIds.find({
    where: { customer: customer.id },
    matches: (taxId) => taxId.type === type && taxId.value === value,
    limit: 1,
  }).objects[0]
  if (known) return known
  const country = /^[A-Z]{2}/.exec(value)?.[0] ?? type.slice(0, 2).toUpperCase()
  const isVerified = VERIFIED_KINDS.has(type)
  const taxId = account.taxIds.save({
    id: account.newId('txi'),
    object: 'tax_id',
    country: country === 'EL' ? 'GR' : country,
    created: account.now(),
    customer: customer.id,
    customer_account: null,
    livemode: false,
    owner: { customer: customer.id, customer_account: null, type: 'customer' },
    type: type as StoredTaxId['type'],
    value,
    verification: { status: isVerified ? 'pending' : 'unavailable', verified_address: null, verified_name: null },
  })
  account.emit('customer.tax_id.created', taxId)
  return taxId
}

export function createTaxId(call: ApiCall): object {
  const given = readParams(z.strictObject({ ...taxIdParams, ...expandParam }), call.params)
  const customer = existing(call)
  return addTaxId(call.account, customer, checkTaxId(given))
}

export function listTaxIds(call: ApiCall): object {
  const where = { customer: existing(call).id }
  return listObjects(call, call.account.taxIds, { noun: 'tax_id', filters: [], where })
}

export function listCustomerPaymentMethods(call: ApiCall): object {
  const where = { customer: existing(call).id }
  const filters = ['type', 'allow_redisplay']
  return listObjects(call, call.account.paymentMethods, { noun: 'PaymentMethod', filters, where })
}
