import type { StripeAccount } from '../records/stripe-account.ts'
import type { FormObject } from './form-body.ts'

/** One authenticated call with its parameters, and the ids out of its path in order. */
export interface ApiCall {
  account: StripeAccount
  path: string
  ids: readonly string[]
  params: FormObject
}

/** Does the work and returns the object to be sent. Throws a StripeRefusal. */
export type ApiHandler = (call: ApiCall) => object

export interface ApiRoute {
  method: 'GET' | 'POST' | 'DELETE'
  /** With `:id` for each id, such as `/v1/customers/:id/tax_ids`. */
  path: string
  handle: ApiHandler
}
