import Stripe from 'stripe'
import type { StripeAccount } from './stripe-client.ts'

/** A stamp may be this far from our clock, on either side: what is older may be a replay, what is newer is made up. */
const TOLERANCE_SECONDS = 300

export type Verified = { ok: true; event: Stripe.Event } | { ok: false; reason: SignatureFault }
export type SignatureFault = 'no_secret' | 'no_signature' | 'bad_signature' | 'stamp_in_future' | 'not_an_event'

/**
 * Whether Stripe signed these very bytes, and lately. Without a secret nothing is believed.
 * @param now milliseconds since the epoch
 */
export function verifySignature(
  { api, webhookSecrets }: StripeAccount,
  body: Buffer,
  header: string | undefined,
  now: number,
): Verified {
  const secrets = webhookSecrets.filter((secret) => secret.trim() !== '')
  if (secrets.length === 0) return { ok: false, reason: 'no_secret' }
  if (!header) return { ok: false, reason: 'no_signature' }
  // The SDK refuses old stamps, but takes one from the future.
  if (stampOf(header) > now / 1000 + TOLERANCE_SECONDS) return { ok: false, reason: 'stamp_in_future' }
  for (const secret of secrets) {
    const verified = verifyWith(api, body, header, secret, now)
    if (verified.ok || verified.reason !== 'bad_signature') return verified
  }
  return { ok: false, reason: 'bad_signature' }
}

function verifyWith(api: Stripe, body: Buffer, header: string, secret: string, now: number): Verified {
  try {
    const event = api.webhooks.constructEvent(body, header, secret, TOLERANCE_SECONDS, undefined, now)
    return isEvent(event) ? { ok: true, event } : { ok: false, reason: 'not_an_event' }
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return { ok: false, reason: 'bad_signature' }
    // Signed by us both, but not JSON: nothing that could be tried again.
    return { ok: false, reason: 'not_an_event' }
  }
}

function stampOf(header: string): number {
  return Number(/(?:^|,)\s*t=(\d+)/.exec(header)?.[1] ?? Number.NaN)
}

function isEvent(event: unknown): event is Stripe.Event {
  const { id, type, data, livemode, created } = event as Partial<Stripe.Event>
  return (
    typeof id === 'string' &&
    typeof type === 'string' &&
    typeof livemode === 'boolean' &&
    typeof created === 'number' &&
    typeof data?.object === 'object'
  )
}
