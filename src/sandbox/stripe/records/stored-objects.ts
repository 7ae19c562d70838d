import type Stripe from 'stripe'

/**
 * An object as it is kept: fields that the API can expand hold the id only. Amounts are JavaScript numbers here, for they
 * are the integers in minor units that go over Stripe's wire; nothing in this folder divides them.
 */
export type Unexpanded<Full> = {
  [Field in keyof Full]: string extends Extract<Full[Field], string> ? Exclude<Full[Field], object> : Full[Field]
}

export type StoredCustomer = Unexpanded<Stripe.Customer>
export type StoredTaxId = Unexpanded<Stripe.TaxId>
export type StoredSession = Unexpanded<Stripe.Checkout.Session>
export type StoredPaymentIntent = Unexpanded<Stripe.PaymentIntent>
export type StoredSetupIntent = Unexpanded<Stripe.SetupIntent>
export type StoredPaymentMethod = Unexpanded<Stripe.PaymentMethod>
export type StoredCharge = Unexpanded<Stripe.Charge>
export type StoredRefund = Unexpanded<Stripe.Refund>
export type StoredDispute = Unexpanded<Stripe.Dispute>
export type StoredLineItem = Stripe.LineItem

/** An event: its body is the text that is sent, a picture of the object at that moment. */
export interface StoredEvent {
  id: string
  type: string
  /** Seconds. */
  created: number
  body: string
}

/** What the simulator knows about a payment method and the API does not tell. */
export interface PaymentMethodFacts {
  /** Id of the payment method. */
  id: string
  /** Number of the test card, or `bank_debit`. */
  number: string
  /** Authenticated once for use off session, so that later payments need no authentication. */
  isSetUp: boolean
  /** Used without a customer, or detached: Stripe refuses to use it again. */
  isSpent: boolean
}

export interface BillingAddress {
  line1: string | null
  line2: string | null
  city: string | null
  postal_code: string | null
  state: string | null
  country: string | null
}

/** What a person entered on the hosted page. */
export interface CheckoutSubmission {
  email: string | null
  name: string | null
  address: BillingAddress | null
  taxId: { type: string; value: string } | null
  savesCard: boolean
}

/** What a session was created with and does not show, and what the person entered last. */
export interface CheckoutFacts {
  /** Id of the session. */
  id: string
  lineItems: StoredLineItem[]
  intentData: {
    metadata: Record<string, string>
    setupFutureUsage: 'off_session' | 'on_session' | null
    description: string | null
    receiptEmail: string | null
    statementDescriptor: string | null
  }
  updatesAddress: boolean
  updatesName: boolean
  submission: CheckoutSubmission | null
}

/** A first reply to an idempotency key. */
export interface IdempotentReply {
  /** The key. */
  id: string
  /** Method, path and parameters. */
  fingerprint: string
  /** Milliseconds. */
  storedAt: number
  status: number
  body: string
  requestId: string
}

export type DeliveryState = 'unsent' | 'held' | 'dropped' | 'sending' | 'waiting' | 'delivered' | 'failed'

/** How the sending of one event went. */
export interface Delivery {
  /** Id of the event. */
  id: string
  type: string
  state: DeliveryState
  attempts: number
  lastStatus: number | null
  lastError: string | null
}

/** A refund that will fail by itself. */
export interface DoomedRefund {
  /** Id of the refund. */
  id: string
  /** Milliseconds. */
  failsAt: number
}
