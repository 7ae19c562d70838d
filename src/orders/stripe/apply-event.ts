import type { ClientBase } from 'pg'
import type Stripe from 'stripe'
import type { Clock } from '../../lib/clock.ts'
import { applyDisputeFact } from '../disputes/apply-dispute.ts'
import type { MoveCause } from '../move-order.ts'
import { lockOrder, type PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { wasPaid } from '../order-state.ts'
import { applyRefundFact } from '../refunds/apply-refund.ts'
import type { RefundFact } from '../refunds/refund-fact.ts'
import { resumeTopUp } from '../top-up/resume-top-up.ts'
import { type Applied, applyPayment } from './apply-payment.ts'
import { idOf, type PaymentFact } from './payment-fact.ts'
import { forgetPaymentMethod, savePaymentMethod } from './payment-methods.ts'
import type { EventContent } from './read-event.ts'
import { RESUME_METADATA } from './setup-session.ts'
import { readCardCountry, readPayment, readRefunds } from './stripe-reads.ts'

/** What has to be asked of Stripe before an event can be applied; asked outside the transaction. */
export interface Background {
  /** The payment that a refund or dispute is about. */
  payment: PaymentFact | null
  /** Its refunds, where the event does not name them. */
  refunds: readonly RefundFact[]
  /** Where the card of a payment is from; null = not known. */
  cardCountry: string | null
  /** The card that was saved. */
  method: Stripe.PaymentMethod | null
}

export async function askBackground(api: Stripe, content: EventContent): Promise<Background> {
  const nothing: Background = { payment: null, refunds: [], cardCountry: null, method: null }
  switch (content.kind) {
    case 'payment':
      return { ...nothing, cardCountry: await readCardCountry(api, content.fact) }
    case 'refund':
    case 'refunds_changed':
    case 'dispute': {
      const { paymentIntentId } = content
      if (paymentIntentId === null) return nothing
      const [payment, refunds] = await Promise.all([
        readPayment(api, paymentIntentId),
        content.kind === 'refunds_changed' ? readRefunds(api, paymentIntentId) : [],
      ])
      return { ...nothing, payment, refunds }
    }
    case 'card_saved': {
      const setupIntent = await api.setupIntents.retrieve(idOf(content.session.setup_intent) as string)
      const methodId = idOf(setupIntent.payment_method)
      return { ...nothing, method: methodId === null ? null : await api.paymentMethods.retrieve(methodId) }
    }
    default:
      return nothing
  }
}

const IGNORED = (reason: string): Applied => ({ result: 'ignored', reason, orderId: null })

/** Applies what an event tells, in the caller's transaction. Every part of it finds what was applied before. */
export async function applyEvent(
  client: ClientBase,
  clock: Clock,
  content: EventContent,
  background: Background,
  cause: MoveCause,
): Promise<Applied> {
  switch (content.kind) {
    case 'payment':
      return applyPayment(client, clock, { ...content.fact, cardCountry: background.cardCountry }, cause)
    case 'refund':
      return applyReturns(client, clock, background, cause, (order) =>
        applyRefundFact(client, clock, order, content.fact, cause),
      )
    case 'refunds_changed':
      return applyReturns(client, clock, background, cause, (order) =>
        applyRefunds(client, clock, order, background.refunds, cause),
      )
    case 'dispute':
      return applyReturns(client, clock, background, cause, (order) =>
        applyDisputeFact(client, clock, order, content.fact, cause),
      )
    case 'card_saved':
      return applySavedCard(client, clock, content.session, background)
    case 'method_attached': {
      const accountId = await savePaymentMethod(client, clock, content.method)
      return accountId === null ? IGNORED('unknown_customer') : { result: 'applied', reason: null, orderId: null }
    }
    case 'method_detached':
      await forgetPaymentMethod(client, clock, content.methodId)
      return { result: 'applied', reason: null, orderId: null }
    case 'other':
      return IGNORED('not_handled')
  }
}

/** A refund or dispute may overtake the news of its payment: then the payment is booked first. */
async function applyReturns(
  client: ClientBase,
  clock: Clock,
  { payment }: Background,
  cause: MoveCause,
  apply: (order: PaymentOrder) => Promise<'applied' | 'repeated'>,
): Promise<Applied> {
  if (payment === null) return IGNORED('no_payment')
  const paid = await applyPayment(client, clock, payment, cause)
  if (paid.orderId === null || paid.result === 'refused') return paid
  const order = await lockOrder(client, paid.orderId)
  if (!order || !wasPaid(order.state)) return { ...IGNORED('not_paid'), orderId: paid.orderId }
  try {
    return { result: await apply(order), reason: null, orderId: order.id }
  } catch (error) {
    // Thrown before anything is written: what does not fit the order is for a person, and sending it again mends nothing.
    if (!(error instanceof OrderError) || error.code !== 'receipt_mismatch') throw error
    return { result: 'refused', reason: 'return_mismatch', orderId: order.id }
  }
}

/** Each refund on the order as the one before has left it. */
export async function applyRefunds(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  refunds: readonly RefundFact[],
  cause: MoveCause,
): Promise<'applied' | 'repeated'> {
  let result: 'applied' | 'repeated' = 'repeated'
  for (const fact of refunds) {
    const current = (await lockOrder(client, order.id)) as PaymentOrder
    if ((await applyRefundFact(client, clock, current, fact, cause)) === 'applied') result = 'applied'
  }
  return result
}

async function applySavedCard(
  client: ClientBase,
  clock: Clock,
  session: Stripe.Checkout.Session,
  { method }: Background,
): Promise<Applied> {
  if (!method) return IGNORED('no_payment_method')
  const accountId = await savePaymentMethod(client, clock, method)
  if (accountId === null) return IGNORED('unknown_customer')
  const consentId = session.metadata?.[RESUME_METADATA]
  const applied: Applied = { result: 'applied', reason: null, orderId: null }
  if (consentId === undefined) return applied
  const isResumed = await resumeTopUp(client, clock, { accountId, consentId, paymentMethodId: method.id })
  return isResumed ? { ...applied, nudged: { job: 'auto-top-up', accountId } } : applied
}
