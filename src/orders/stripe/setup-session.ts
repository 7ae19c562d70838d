import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { CheckoutDeps, CheckoutSession } from '../checkout.ts'
import { ACCOUNT_METADATA, ensureCustomer } from './customer.ts'
import { asProviderError } from './provider-error.ts'

/** Under this key a session that saves a card names the consent that it resumes. */
export const RESUME_METADATA = 'farebox_resume_consent'

export interface SetupRequest {
  accountId: string
  /** The path that the browser comes back to. */
  returnPath: string
  /** The consent whose automatic top-up goes on with the new card; null = the card is only saved. */
  resumeConsentId: string | null
}

/** Opens a page on which a card is saved without paying anything. */
export async function startSetup(deps: CheckoutDeps, request: SetupRequest): Promise<CheckoutSession> {
  const customer = await ensureCustomer(deps, request.accountId)
  const page = `${deps.publicUrl}${request.returnPath}`
  const session = await asProviderError(() =>
    deps.stripe.api.checkout.sessions.create(
      {
        mode: 'setup',
        customer,
        currency: deps.currency.toLowerCase(),
        success_url: page,
        cancel_url: page,
        metadata: {
          [ACCOUNT_METADATA]: request.accountId,
          ...(request.resumeConsentId !== null && { [RESUME_METADATA]: request.resumeConsentId }),
        },
      },
      { idempotencyKey: uuidV7(deps.clock) },
    ),
  )
  return { id: session.id, url: session.url as string }
}
