import type { EntryKind } from './entry.ts'
import type { LotClaims } from './lot-claims.ts'
import type { RouteAttempt, UsageEvent } from './usage-event.ts'

/** What is available to a request at the moment of decision, under the locks. */
export interface Room {
  /** The least of the customer's free credit and the room in its budgets, in nano. */
  customerNano: bigint
  /** The reseller's free credit, in nano; null = no reseller. */
  resellerNano: bigint | null
}

/** The reservation a request settles for: both planes cover `outputTokensMax` tokens of output. */
export interface Fit {
  outputTokensMax: number
  priceNano: bigint
  wholesaleNano: bigint
  costNano: bigint
}

/** How much a request needs; asked under the lock, so it must be pure and quick. */
export interface Demand {
  /** A reservation within the room, or null when the request cannot be afforded. */
  fit(room: Room): Fit | null
  /** How many output tokens the room would cover (0 = not even the input). */
  affordableOutputTokens(room: Room): number
}

export interface AuthorizeRequest {
  requestId: string
  accountId: string
  resellerId: string | null
  budgetIds: readonly string[]
  projectId: string
  accessKeyId: string
  model: string
  surface: string
  streaming: boolean
  demand: Demand
  /** The hold may be reaped from then on, in milliseconds since the epoch. */
  deadlineAt: number
}

export const REFUSAL_REASONS = [
  'insufficient_credits',
  'debt_outstanding',
  'budget_exceeded',
  'reseller_credits_exhausted',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export type Authorization =
  | { granted: true; outputTokensMax: number; heldNano: bigint; costBoundNano: bigint }
  | {
      granted: false
      reason: RefusalReason
      /** What is available of that which ran out: the wallet's credit or the budget's room. */
      availableNano: bigint
      affordableOutputTokens: number
      budgetId: string | null
    }

/** The end of a request: a capture where something was charged, else a void. */
export interface Resolution {
  requestId: string
  accountId: string
  resellerId: string | null
  budgetIds: readonly string[]
  /** Null where a reservation is undone that may never have been made. */
  event: UsageEvent | null
  attempts: readonly RouteAttempt[]
  /** Debited from the customer's and the reseller's wallet, in nano; 0 = a void. */
  priceNano: bigint
  wholesaleNano: bigint
}

export type Resolved =
  | { outcome: 'booked'; balanceNano: bigint; overdraftNano: bigint }
  /** The very same figures had been booked before. */
  | { outcome: 'repeated' }
  /** Nothing was reserved under this id any more, and nothing is booked under it. */
  | { outcome: 'no_hold' }

export interface CreditRequest {
  accountId: string
  amountNano: bigint
  kind: Exclude<EntryKind, 'USAGE_DEBIT' | 'EXPIRY' | 'EXTENSION'>
  /** The order, code or act behind it: the same source is credited once, whatever happens. */
  sourceId: string
  promotional: boolean
  /** Milliseconds since the epoch; null = never. */
  expiresAt: number | null
  actorId: string | null
  reason: string | null
}

/** A change of lots that came from outside the spend path: a refund, a dispute, an adjustment. */
export interface Amendment {
  accountId: string
  /** The refund, dispute or adjustment: the cause of whatever follows from the change. */
  sourceId: string
  /** Decides and applies the change under the wallet's lock; pure but for the claims, and quick. */
  apply(claims: LotClaims): void
}

export interface Amended {
  outcome: 'amended'
  balanceNano: bigint
}

export type Credited = { outcome: 'booked'; lotId: string; balanceNano: bigint } | { outcome: 'repeated' }
