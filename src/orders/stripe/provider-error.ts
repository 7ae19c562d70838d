import Stripe from 'stripe'
import { OrderError } from '../order-error.ts'

/**
 * Does what somebody waits for. That the payment provider cannot be reached is said to them; that it refuses what we ask
 * is our own mistake, and is not.
 * @throws OrderError `payment_provider_unavailable`
 */
export async function asProviderError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isUnavailable(error)) throw error
    throw new OrderError(
      'payment_provider_unavailable',
      'The payment provider cannot be reached. Try again in a moment.',
      {
        cause: error,
      },
    )
  }
}

function isUnavailable(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError
  )
}
