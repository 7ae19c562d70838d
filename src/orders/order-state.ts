/**
 * The life of an order:
 *
 *     DRAFT ──────────► AWAITING_PAYMENT ──────► PAID ◄──────────► PARTIALLY_REFUNDED ──► REFUNDED
 *                        │    ▲        │          ▲ ▲ │                    │                 │
 *                        ▼    │        │          │ │ ▼                    ▼                 ▼
 *                     REQUIRES_ACTION ─┼──────────┘ └─ DISPUTED ◄──────────┴─────────────────┘
 *                                      ▼
 *                     EXPIRED, CANCELED, FAILED
 *                        └────────▲
 *
 * A draft awaits payment once its buyer has been told how to pay. The provider's confirmation (or, for a bank transfer, a
 * person's approval) makes it paid. An order that was given up becomes paid all the same when the money arrives late: it
 * is the customer's. Refunds and disputes move a paid order on, and back when a refund fails or a dispute is won.
 */
export const ORDER_STATES = [
  'DRAFT',
  'AWAITING_PAYMENT',
  'REQUIRES_ACTION',
  'PAID',
  'EXPIRED',
  'CANCELED',
  'FAILED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'DISPUTED',
] as const
export type OrderState = (typeof ORDER_STATES)[number]

/** The table of allowed moves; the database has the same one and refuses every other. */
export const ORDER_MOVES: Readonly<Record<OrderState, readonly OrderState[]>> = {
  DRAFT: ['AWAITING_PAYMENT', 'EXPIRED', 'CANCELED', 'FAILED'],
  AWAITING_PAYMENT: ['REQUIRES_ACTION', 'PAID', 'EXPIRED', 'CANCELED', 'FAILED'],
  REQUIRES_ACTION: ['AWAITING_PAYMENT', 'PAID', 'EXPIRED', 'CANCELED', 'FAILED'],
  EXPIRED: ['PAID', 'CANCELED'],
  CANCELED: ['PAID'],
  FAILED: ['PAID'],
  PAID: ['PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED'],
  PARTIALLY_REFUNDED: ['PAID', 'REFUNDED', 'DISPUTED'],
  REFUNDED: ['PAID', 'PARTIALLY_REFUNDED', 'DISPUTED'],
  DISPUTED: ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'],
}

export function mayMove(from: OrderState, to: OrderState): boolean {
  return ORDER_MOVES[from].includes(to)
}

/** Still waiting for money. */
export function isOpen(state: OrderState): boolean {
  return state === 'DRAFT' || state === 'AWAITING_PAYMENT' || state === 'REQUIRES_ACTION'
}

/** Its credits were granted, whatever came after. */
export function wasPaid(state: OrderState): boolean {
  return state === 'PAID' || state === 'PARTIALLY_REFUNDED' || state === 'REFUNDED' || state === 'DISPUTED'
}
