import type { StoredCharge, StoredPaymentIntent, StoredPaymentMethod } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import type { Decline } from './judge-payment.ts'

type ChargeEnd = { status: 'succeeded' | 'pending' } | { status: 'failed'; decline: Decline }

/** Stores the charge of one attempt to pay; the caller tells of it. */
export function createCharge(
  account: StripeAccount,
  intent: StoredPaymentIntent,
  method: StoredPaymentMethod,
  end: ChargeEnd,
): StoredCharge {
  const id = account.newId('ch')
  const isPaid = end.status === 'succeeded'
  const decline = end.status === 'failed' ? end.decline : null
  return account.charges.save({
    ...NEW_CHARGE,
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: isPaid ? intent.amount : 0,
    balance_transaction: isPaid ? account.newId('txn') : null,
    billing_details: method.billing_details,
    captured: isPaid,
    created: account.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    metadata: { ...intent.metadata },
    outcome: outcomeOf(decline),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(method, intent.amount),
    receipt_email: intent.receipt_email,
    receipt_url: isPaid ? `${account.origin}/receipts/${id}` : null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: end.status,
  })
}

/** The same for each new charge, and fields of features that the sandbox does not have. */
const NEW_CHARGE = {
  amount_refunded: 0,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  calculated_statement_descriptor: 'SANDBOX',
  disputed: false,
  failure_balance_transaction: null,
  livemode: false,
  on_behalf_of: null,
  receipt_number: null,
  refunded: false,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<StoredCharge>

/** A payment that was under way has arrived. */
export function settleCharge(account: StripeAccount, charge: StoredCharge): void {
  charge.status = 'succeeded'
  charge.paid = true
  charge.captured = true
  charge.amount_captured = charge.amount
  charge.balance_transaction = account.newId('txn')
  charge.receipt_url = `${account.origin}/receipts/${charge.id}`
  account.charges.save(charge)
}

/** A payment that was under way will not arrive. */
export function failCharge(account: StripeAccount, charge: StoredCharge, decline: Decline): void {
  charge.status = 'failed'
  charge.failure_code = decline.code
  charge.failure_message = decline.message
  charge.outcome = outcomeOf(decline)
  account.charges.save(charge)
}

function outcomeOf(decline: Decline | null): StoredCharge['outcome'] {
  const common = { advice_code: null, network_advice_code: null, risk_level: 'normal', risk_score: 20 }
  if (!decline)
    return {
      ...common,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      seller_message: 'Payment complete.',
      type: 'authorized',
    }
  return {
    ...common,
    network_decline_code: '05',
    network_status: 'declined_by_network',
    reason: decline.declineCode ?? decline.code,
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined',
  }
}

function detailsOf(method: StoredPaymentMethod, amount: number): StoredCharge['payment_method_details'] {
  const { card, type } = method
  if (!card) return { type, [type]: { ...method[type as 'sepa_debit'], mandate: null } }
  return {
    type: 'card',
    card: {
      amount_authorized: amount,
      authorization_code: '123456',
      brand: card.brand,
      checks: card.checks,
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: '976910110049114',
      overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
  }
}
