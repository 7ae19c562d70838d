import type { Pool } from 'pg'
import type { VatRegister } from '../invoicing/ask-vat-register.ts'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nudge } from '../lib/nudge.ts'
import type { PurchaseLimits } from './packages.ts'
import type { StripeAccount } from './stripe/stripe-client.ts'
import type { InboxOutcome } from './stripe/webhook-inbox.ts'

/** Where money comes in: what faces and jobs hold, and hand to the use cases that each take their part of it. */
export interface CashDesk {
  readonly pool: Pool
  readonly clock: Clock
  readonly logger: Logger
  readonly stripe: StripeAccount
  readonly nudge: Nudge
  readonly currency: string
  readonly limits: PurchaseLimits
  /** Where customers' browsers reach us, without a slash at the end. */
  readonly publicUrl: string
  readonly isSandbox: boolean
  /** Where rendered documents are kept. */
  readonly storage: DocumentStorage
  /** Asked about EU VAT ids; null = the online check is off. */
  readonly vatRegister: VatRegister | null
  /** Counts what became of each webhook. */
  count(outcome: InboxOutcome): void
}
