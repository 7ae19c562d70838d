import Stripe from 'stripe'

/** Long enough for a slow bank, short enough that a job notices. */
const TIMEOUT_MS = 20_000
/** The SDK repeats with the same idempotency key, so a repeat never charges twice. */
const NETWORK_RETRIES_MAX = 2

export interface StripeAccess {
  secretKey: string
  /** Where the API is; null = Stripe itself. */
  apiUrl: string | null
  /** Several while they are rotated; none = every webhook is refused. */
  webhookSecrets: readonly string[]
}

/** Stripe with what we are to it. */
export interface StripeAccount {
  readonly api: Stripe
  /** Whether the key moves real money. An order is bound to it. */
  readonly livemode: boolean
  readonly webhookSecrets: readonly string[]
}

export function openStripeAccount({ secretKey, apiUrl, webhookSecrets }: StripeAccess): StripeAccount {
  const api = new Stripe(secretKey, {
    ...(apiUrl !== null && addressOf(apiUrl)),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: NETWORK_RETRIES_MAX,
    telemetry: false,
  })
  return { api, livemode: /^(sk|rk)_live_/.test(secretKey), webhookSecrets }
}

function addressOf(apiUrl: string): { host: string; port: string; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(apiUrl)
  const isPlain = protocol === 'http:'
  return { host: hostname, port: port || (isPlain ? '80' : '443'), protocol: isPlain ? 'http' : 'https' }
}
