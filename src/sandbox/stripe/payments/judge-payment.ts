import type { PaymentMethodFacts, StoredPaymentMethod } from '../records/stored-objects.ts'
import { testCardWithNumber } from './test-cards.ts'

/** Why a payment failed, in Stripe's words. */
export interface Decline {
  code: string
  declineCode: string | null
  message: string
}

export type Verdict =
  | { kind: 'succeeds' }
  | { kind: 'arrivesLater' }
  | { kind: 'asksForAuthentication' }
  | { kind: 'declines'; decline: Decline }

export interface PaymentCircumstances {
  isOffSession: boolean
  isAuthenticated: boolean
}

const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
}

export const AUTHENTICATION_FAILED: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

/** What happens when this payment method is charged. */
export function judgePayment(
  method: StoredPaymentMethod,
  facts: PaymentMethodFacts,
  { isOffSession, isAuthenticated }: PaymentCircumstances,
): Verdict {
  if (method.type !== 'card') return { kind: 'arrivesLater' }
  const { behaviour } = testCardWithNumber(facts.number)
  if (behaviour.kind === 'declines') return { kind: 'declines', decline: behaviour }
  if (behaviour.kind === 'declinesOnceAttached' && method.customer !== null)
    return { kind: 'declines', decline: GENERIC }
  const asks = behaviour.kind === 'authenticates' && !(behaviour.when === 'once' && facts.isSetUp)
  if (!asks || isAuthenticated) return { kind: 'succeeds' }
  return isOffSession ? { kind: 'declines', decline: AUTHENTICATION_REQUIRED } : { kind: 'asksForAuthentication' }
}

const GENERIC: Decline = {
  code: 'card_declined',
  declineCode: 'generic_decline',
  message: 'Your card was declined.',
}
