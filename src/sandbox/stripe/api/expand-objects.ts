import type { StripeAccount } from '../records/stripe-account.ts'
import { listObject } from './list-objects.ts'
import { invalidRequest } from './stripe-refusal.ts'

/** Stripe expands no deeper. */
const DEPTH_MAX = 4
/** Items of a list inside an object, as Stripe sends it. */
const INNER_ITEMS_MAX = 10

type Fields = Record<string, unknown>

/** A copy of the object with the fields on the paths (such as `data.payment_intent.latest_charge`) in full. */
export function expandObject(account: StripeAccount, object: object, paths: readonly string[]): object {
  return paths.reduce((expanded, path) => {
    const steps = path.split('.')
    if (steps.length > DEPTH_MAX) throw invalidRequest(`You cannot expand more than ${DEPTH_MAX} levels of a property.`)
    return expandStep(account, expanded as Fields, steps, path)
  }, object)
}

function expandStep(account: StripeAccount, object: Fields, steps: readonly string[], path: string): Fields {
  const [step, ...rest] = steps as [string, ...string[]]
  const value = object[step]
  if (step === 'data' && Array.isArray(value)) {
    return {
      ...object,
      data: value.map((item: Fields) => (rest.length ? expandStep(account, item, rest, path) : item)),
    }
  }
  const full =
    typeof value === 'string' ? findByField(account, step, value) : (value ?? included(account, object, step))
  if (full === undefined)
    throw invalidRequest(`This property cannot be expanded (${step}).`, {
      param: `expand[0]`,
      code: 'parameter_invalid',
    })
  if (full === null) return object
  return { ...object, [step]: rest.length ? expandStep(account, full as Fields, rest, path) : full }
}

function findByField(account: StripeAccount, field: string, id: string): object | undefined {
  const table = {
    customer: account.customers,
    payment_intent: account.paymentIntents,
    setup_intent: account.setupIntents,
    payment_method: account.paymentMethods,
    default_payment_method: account.paymentMethods,
    latest_charge: account.charges,
    charge: account.charges,
  }[field]
  return table?.get(id)
}

/** What belongs to an object and is left out unless it is asked for; null is a field that is there and empty. */
function included(account: StripeAccount, object: Fields, field: string): object | null | undefined {
  const id = String(object.id)
  if (field === 'line_items' && object.object === 'checkout.session')
    return listObject(`/v1/checkout/sessions/${id}/line_items`, account.checkoutFacts.get(id)?.lineItems ?? [])
  if (field === 'refunds' && object.object === 'charge') {
    const page = account.refunds.find({ where: { charge: id }, limit: INNER_ITEMS_MAX })
    return listObject(`/v1/charges/${id}/refunds`, page.objects, page.hasMore)
  }
  if (field === 'tax_ids' && object.object === 'customer') {
    const page = account.taxIds.find({ where: { customer: id }, limit: INNER_ITEMS_MAX })
    return listObject(`/v1/customers/${id}/tax_ids`, page.objects, page.hasMore)
  }
  return field in object ? null : undefined
}
