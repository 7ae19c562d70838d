import Stripe from 'stripe'
import type { CallReference } from '../records/stripe-account.ts'

export interface EventFacts {
  id: string
  type: string
  /** Seconds. */
  created: number
  object: object
  previousAttributes?: object | undefined
  call?: CallReference | null
  livemode?: boolean
}

/** The text of an event, as it is sent and signed. */
export function eventBody({ id, type, created, object, previousAttributes, call, livemode }: EventFacts): string {
  return JSON.stringify({
    id,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created,
    data: previousAttributes ? { object, previous_attributes: previousAttributes } : { object },
    livemode: livemode ?? false,
    pending_webhooks: 1,
    request: { id: call?.requestId ?? null, idempotency_key: call?.idempotencyKey ?? null },
    type,
  })
}
