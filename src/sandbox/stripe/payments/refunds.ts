import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import { amount, expandParam, filledText, metadata, readParams } from '../api/read-params.ts'
import { invalidRequest, noSuchReference, noSuchResource } from '../api/stripe-refusal.ts'
import type { StoredCharge, StoredRefund } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { formatMinor } from './minor-units.ts'
import { factsOf } from './payment-methods.ts'
import { testCardWithNumber } from './test-cards.ts'

/** How long, by the clock, a refund that will fail looks well. */
const FAILS_AFTER_MS = 5_000

const createParams = z.strictObject({
  amount: amount.optional(),
  charge: filledText.optional(),
  payment_intent: filledText.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
  ...expandParam,
})

export function createRefund(call: ApiCall): object {
  const { account } = call
  const given = readParams(createParams, call.params)
  const charge = chargeToRefund(account, given)
  const left = charge.amount - charge.amount_refunded
  const refunded = given.amount ?? left
  assertRefundable(charge, refunded, left)
  const refund = account.refunds.save({
    id: account.newId('re'),
    object: 'refund',
    amount: refunded,
    balance_transaction: account.newId('txn'),
    charge: charge.id,
    created: account.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    },
    metadata: given.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: given.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  })
  const before = { amount_refunded: charge.amount_refunded, refunded: charge.refunded }
  charge.amount_refunded += refunded
  charge.refunded = charge.amount_refunded === charge.amount
  account.charges.save(charge)
  if (failsLater(account, charge))
    account.doomedRefunds.save({ id: refund.id, failsAt: account.clock.now() + FAILS_AFTER_MS })
  account.emit('refund.created', refund)
  account.emit('charge.refunded', charge, before)
  return refund
}

function chargeToRefund(account: StripeAccount, given: z.infer<typeof createParams>): StoredCharge {
  const { charge: chargeId, payment_intent: intentId } = given
  if (chargeId === undefined && intentId === undefined)
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.')
  if (chargeId !== undefined) {
    const charge = account.charges.get(chargeId)
    if (!charge) throw noSuchReference('charge', chargeId, 'charge')
    return charge
  }
  const intent = account.paymentIntents.get(intentId ?? '')
  if (!intent) throw noSuchReference('payment_intent', intentId ?? '', 'payment_intent')
  const charge = account.charges.get(intent.latest_charge ?? '')
  if (charge?.status !== 'succeeded')
    throw invalidRequest(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
      code: 'payment_intent_unexpected_state',
    })
  return charge
}

function assertRefundable(charge: StoredCharge, refunded: number, left: number): void {
  if (charge.status !== 'succeeded')
    throw invalidRequest(`Charge ${charge.id} has not succeeded; cannot issue a refund.`, { param: 'charge' })
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  if (charge.disputed)
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  if (refunded <= left) return
  const { currency } = charge
  const message = `Refund amount (${formatMinor(refunded, currency)}) is greater than unrefunded amount on charge (${formatMinor(left, currency)})`
  throw invalidRequest(message, { param: 'amount' })
}

function failsLater(account: StripeAccount, charge: StoredCharge): boolean {
  const method = account.paymentMethods.get(charge.payment_method ?? '')
  return method !== undefined && testCardWithNumber(factsOf(account, method).number).behaviour.kind === 'failsRefunds'
}

/** The customer's bank sends a refund back: the money is the seller's again. */
export function failRefund(account: StripeAccount, refund: StoredRefund): void {
  account.doomedRefunds.delete(refund.id)
  if (refund.status === 'failed') return
  refund.status = 'failed'
  refund.failure_reason = 'expired_or_canceled_card'
  refund.failure_balance_transaction = account.newId('txn')
  account.refunds.save(refund)
  const charge = account.charges.get(refund.charge ?? '')
  if (charge) {
    charge.amount_refunded -= refund.amount
    charge.refunded = false
    account.charges.save(charge)
  }
  account.emit('refund.updated', refund, { status: 'succeeded' })
  account.emit('refund.failed', refund)
}

export function retrieveRefund({ account, ids, params }: ApiCall): object {
  readParams(z.strictObject(expandParam), params)
  const refund = account.refunds.get(ids[0] ?? '')
  if (!refund) throw noSuchResource('refund', ids[0] ?? '', 'refund')
  return refund
}

export function listRefunds(call: ApiCall): object {
  return listObjects(call, call.account.refunds, { noun: 'refund', filters: ['charge', 'payment_intent'] })
}

export function retrieveCharge({ account, ids, params }: ApiCall): object {
  readParams(z.strictObject(expandParam), params)
  const charge = account.charges.get(ids[0] ?? '')
  if (!charge) throw noSuchResource('charge', ids[0] ?? '', 'charge')
  return charge
}

export function listCharges(call: ApiCall): object {
  return listObjects(call, call.account.charges, { noun: 'charge', filters: ['customer', 'payment_intent'] })
}
