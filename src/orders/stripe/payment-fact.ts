import type Stripe from 'stripe'
import type { BillingProfile } from '../../accounts/billing-profile.ts'

/** What Stripe says about one payment of ours, whether it told us or was asked. Amounts in minor units. */
export interface PaymentFact {
  /** The order that the payment was made for, as we wrote it into its metadata. */
  orderId: string | null
  sessionId: string | null
  paymentIntentId: string | null
  customerId: string | null
  paymentMethodId: string | null
  livemode: boolean
  currency: string
  amountMinor: bigint
  outcome: PaymentOutcome
  /** What the buyer told at the payment page; null = nothing, or it was not asked there. */
  buyer: BillingProfile | null
  /** Where the card was given out, as ISO 3166-1; null = no card, or its charge was not asked for. */
  cardCountry: string | null
  /** A word for machines and a sentence for people, where it failed. */
  failureCode: string | null
  failureMessage: string | null
}

export type PaymentOutcome = 'paid' | 'pending' | 'action_required' | 'failed' | 'expired' | 'canceled'

/** Under this key our objects at Stripe name their order. */
export const ORDER_METADATA = 'farebox_order'

/** Null for a session that takes no payment. */
export function factOfSession(session: Stripe.Checkout.Session): PaymentFact | null {
  if (session.mode !== 'payment') return null
  const outcome = outcomeOfSession(session)
  return {
    orderId: session.metadata?.[ORDER_METADATA] ?? session.client_reference_id ?? null,
    sessionId: session.id,
    paymentIntentId: idOf(session.payment_intent),
    customerId: idOf(session.customer),
    paymentMethodId: null,
    livemode: session.livemode,
    currency: (session.currency ?? '').toUpperCase(),
    amountMinor: BigInt(session.amount_total ?? 0),
    outcome,
    buyer: buyerOf(session),
    cardCountry: cardCountryOf(session.payment_intent),
    ...(outcome === 'failed' ? ASYNC_FAILURE : { failureCode: null, failureMessage: null }),
  }
}

/** A delayed method that did not bring the money after all. */
export const ASYNC_FAILURE = {
  failureCode: 'async_payment_failed',
  failureMessage: 'The payment did not arrive.',
} as const

/** Money counts only as `paid`: a delayed method completes its session before the money has come. */
function outcomeOfSession({ payment_status, status, payment_intent }: Stripe.Checkout.Session): PaymentOutcome {
  if (payment_status === 'paid') return 'paid'
  if (status === 'expired') return 'expired'
  // That the money of a completed session will not come shows in its attempt alone, which is here where it was asked for.
  const attempt = typeof payment_intent === 'string' ? null : payment_intent?.status
  const isOver = attempt === 'requires_payment_method' || attempt === 'canceled'
  return status === 'complete' && isOver ? 'failed' : 'pending'
}

/** Whom documents are to be made out to, as the buyer has told. */
function buyerOf({ customer_details: details }: Stripe.Checkout.Session): BillingProfile | null {
  const name = details?.business_name ?? details?.name
  if (!details || !name) return null
  const { address, tax_ids: taxIds } = details
  const taxId = taxIds?.[0]
  return {
    name,
    email: details.email ?? null,
    line1: address?.line1 ?? null,
    line2: address?.line2 ?? null,
    city: address?.city ?? null,
    region: address?.state ?? null,
    postalCode: address?.postal_code ?? null,
    country: address?.country ?? null,
    taxIdType: taxId?.type ?? null,
    taxIdValue: taxId?.value ?? null,
  }
}

/** Known where the payment was asked for together with its latest charge. */
function cardCountryOf(intent: string | Stripe.PaymentIntent | null): string | null {
  const charge = intent === null || typeof intent === 'string' ? null : intent.latest_charge
  return charge === null || typeof charge === 'string' ? null : (charge.payment_method_details?.card?.country ?? null)
}

export function factOfIntent(intent: Stripe.PaymentIntent): PaymentFact {
  const failure = intent.last_payment_error
  return {
    orderId: intent.metadata?.[ORDER_METADATA] ?? null,
    sessionId: null,
    paymentIntentId: intent.id,
    customerId: idOf(intent.customer),
    paymentMethodId: idOf(intent.payment_method),
    livemode: intent.livemode,
    currency: intent.currency.toUpperCase(),
    amountMinor: BigInt(intent.status === 'succeeded' ? intent.amount_received : intent.amount),
    outcome: outcomeOfIntent(intent),
    buyer: null,
    cardCountry: cardCountryOf(intent),
    failureCode: failure?.decline_code ?? failure?.code ?? null,
    failureMessage: failure?.message ?? null,
  }
}

function outcomeOfIntent(intent: Stripe.PaymentIntent): PaymentOutcome {
  switch (intent.status) {
    case 'succeeded':
      return 'paid'
    case 'canceled':
      return 'canceled'
    case 'requires_action':
      return 'action_required'
    case 'requires_payment_method':
      if (intent.last_payment_error === null) return 'pending'
      return intent.last_payment_error.code === 'authentication_required' ? 'action_required' : 'failed'
    default:
      return 'pending'
  }
}

export function idOf(reference: string | { id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null
  return typeof reference === 'string' ? reference : reference.id
}
