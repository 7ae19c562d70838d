import { createHmac } from 'node:crypto'
import { join } from 'node:path'

/** The key that the simulated payment provider takes; it opens nothing. */
export const SANDBOX_STRIPE_KEY = 'sk_test_sandbox'

/** How to reach the simulator. Its webhook secret follows from the platform's, so that every process knows it. */
export function sandboxStripeAccess(apiUrl: string, secret: string) {
  return { secretKey: SANDBOX_STRIPE_KEY, apiUrl, webhookSecrets: [sandboxWebhookSecret(secret)] }
}

export function sandboxWebhookSecret(secret: string): string {
  return `whsec_${createHmac('sha256', secret).update('sandbox stripe webhooks').digest('hex')}`
}

/** Where a running Farebox writes its simulator's address, for commands beside it. */
export function sandboxStripeAddressFile(dataDirectory: string): string {
  return join(dataDirectory, 'sandbox-stripe.url')
}
