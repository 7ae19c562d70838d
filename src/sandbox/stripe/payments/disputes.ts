import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import { expandParam, readParams } from '../api/read-params.ts'
import { invalidRequest, noSuchResource } from '../api/stripe-refusal.ts'
import type { StoredCharge, StoredDispute } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

/** In minor units, whatever the currency. */
const DISPUTE_FEE = 1_500
const EVIDENCE_DAYS = 9
const SECONDS_PER_DAY = 86_400

const NO_EVIDENCE: StoredDispute['evidence'] = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}

export interface DisputeOptions {
  /** In minor units; the whole charge without it. */
  amount?: number | undefined
  reason?: string | undefined
  /** A question of the bank that takes no money yet. */
  isInquiry?: boolean | undefined
}

export type DisputeEnd = 'won' | 'lost' | 'warning_closed'

/** The customer's bank takes a payment back, or asks about it. */
export function openDispute(account: StripeAccount, charge: StoredCharge, options: DisputeOptions): StoredDispute {
  const isInquiry = options.isInquiry === true
  const reason = options.reason ?? 'general'
  const brand = charge.payment_method_details?.card?.brand ?? 'visa'
  const dispute = account.disputes.save({
    id: account.newId('du'),
    object: 'dispute',
    amount: options.amount ?? charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: account.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE, customer_email_address: charge.billing_details.email },
    evidence_details: {
      due_by: account.now() + EVIDENCE_DAYS * SECONDS_PER_DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    network_reason_code: '10.4',
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: { brand, case_type: isInquiry ? 'inquiry' : 'chargeback', network: brand, network_reason_code: '10.4' },
    },
    reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  })
  charge.disputed = true
  account.charges.save(charge)
  if (!isInquiry) addTransaction(account, dispute, -dispute.amount, DISPUTE_FEE)
  account.emit('charge.dispute.created', dispute)
  if (!isInquiry) account.emit('charge.dispute.funds_withdrawn', dispute)
  return dispute
}

/** Ends a dispute. A won one brings the money back as well, unless `isReinstated` is false. */
export function endDispute(account: StripeAccount, dispute: StoredDispute, end: DisputeEnd, isReinstated = true): void {
  if (!isOpen(dispute)) throw invalidRequest(`This dispute is already closed (${dispute.status}).`)
  dispute.status = end
  if (end === 'won' && isReinstated) reinstateFunds(account, dispute)
  account.disputes.save(dispute)
  account.emit('charge.dispute.closed', dispute)
}

/** Gives the money back once; does nothing where it is back already. */
export function reinstateFunds(account: StripeAccount, dispute: StoredDispute): void {
  if (dispute.balance_transactions.length !== 1) return
  addTransaction(account, dispute, dispute.amount, 0)
  account.disputes.save(dispute)
  account.emit('charge.dispute.funds_reinstated', dispute)
}

function isOpen({ status }: StoredDispute): boolean {
  return status.endsWith('needs_response') || status.endsWith('under_review')
}

function addTransaction(account: StripeAccount, dispute: StoredDispute, amount: number, fee: number): void {
  const isWithdrawal = amount < 0
  const description = isWithdrawal
    ? `Chargeback withdrawal for ${dispute.charge}`
    : `Chargeback reversal for ${dispute.charge}`
  dispute.balance_transactions.push({
    id: account.newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: account.now(),
    balance_type: 'payments',
    created: account.now(),
    currency: dispute.currency,
    description,
    exchange_rate: null,
    fee,
    fee_details: fee
      ? [{ amount: fee, application: null, currency: dispute.currency, description: 'Dispute fee', type: 'stripe_fee' }]
      : [],
    net: amount - fee,
    reporting_category: isWithdrawal ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    status: 'available',
    type: 'adjustment',
  })
}

function existing({ account, ids }: ApiCall): StoredDispute {
  const id = ids[0] ?? ''
  const dispute = account.disputes.get(id)
  if (!dispute) throw noSuchResource('dispute', id, 'dispute')
  return dispute
}

export function retrieveDispute(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  return existing(call)
}

export function listDisputes(call: ApiCall): object {
  return listObjects(call, call.account.disputes, { noun: 'dispute', filters: ['charge', 'payment_intent'] })
}

/** Closing means giving up: the dispute is lost. */
export function closeDispute(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  const dispute = existing(call)
  endDispute(call.account, dispute, 'lost')
  return dispute
}
