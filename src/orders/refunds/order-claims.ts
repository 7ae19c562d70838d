import type { ClientBase } from 'pg'
import type { LotClaims } from '../../ledger/lot-claims.ts'
import { type Dispute, findDisputes } from '../disputes/dispute.ts'
import type { PaymentOrder } from '../order.ts'
import type { OrderState } from '../order-state.ts'
import { findRefunds, type Refund } from './refund.ts'
import { creditsFor, disputedCredits, least } from './refund-amounts.ts'

/**
 * All that claims the credits of one order. What an order has lost is a function of this set and of nothing else: not of
 * the order in which refunds and disputes came, failed or were won. Every change books the difference to what was booked.
 */
export interface Claims {
  readonly refunds: readonly Refund[]
  readonly disputes: readonly Dispute[]
}

/** The claims on a locked order; nobody else changes them until the caller's transaction ends. */
export async function lockClaims(client: ClientBase, orderId: string): Promise<Claims> {
  const refunds = await findRefunds(client, 'order_id = $1 ORDER BY created_at, id FOR UPDATE', [orderId])
  const disputes = await findDisputes(client, 'order_id = $1 ORDER BY opened_at, id FOR UPDATE', [orderId])
  return { refunds, disputes }
}

/** The claims with this refund new or in its new state. */
export function withRefund(claims: Claims, refund: Refund): Claims {
  return { ...claims, refunds: withClaim(claims.refunds, refund) }
}

/** The claims with this dispute new or in its new state. */
export function withDispute(claims: Claims, dispute: Dispute): Claims {
  return { ...claims, disputes: withClaim(claims.disputes, dispute) }
}

function withClaim<Claim extends { id: string }>(claims: readonly Claim[], changed: Claim): Claim[] {
  const isKnown = claims.some(({ id }) => id === changed.id)
  return isKnown ? claims.map((claim) => (claim.id === changed.id ? changed : claim)) : [...claims, changed]
}

/** What refunds under way and made come to, in minor units. */
export function refundedOrPending({ refunds }: Claims): { totalMinor: bigint; taxMinor: bigint } {
  const counted = refunds.filter(({ state }) => state !== 'FAILED')
  return {
    totalMinor: sum(counted.map(({ totalMinor }) => totalMinor)),
    taxMinor: sum(counted.map(({ taxMinor }) => taxMinor)),
  }
}

/** What the payer contests, or got back by contesting it, in minor units. */
export function contestedMinor({ disputes }: Claims): bigint {
  return sum(disputes.filter(contests).map(({ amountMinor }) => amountMinor))
}

/** What the claims make of an order. */
export interface Due {
  refundedMinor: bigint
  /** Of the paid credits, what refunds and lost disputes take together: never more than there were. */
  withdrawnNano: bigint
  /** While anything is taken, so is the bonus. */
  takesBonus: boolean
  state: OrderState
}

export function dueOf(order: PaymentOrder, { refunds, disputes }: Claims): Due {
  const made = refunds.filter(({ state }) => state === 'SUCCEEDED')
  const lost = disputes.filter(({ state }) => state === 'LOST')
  const refundedMinor = least(order.totalMinor, sum(made.map(({ totalMinor }) => totalMinor)))
  const lostNano = sum(lost.map(({ amountMinor }) => disputedCredits(order, amountMinor)))
  return {
    refundedMinor,
    withdrawnNano: least(order.creditNano, creditsFor(order, refundedMinor) + lostNano),
    takesBonus: made.length > 0 || lost.length > 0,
    state: stateOf(order, refundedMinor, disputes.some(contests)),
  }
}

function stateOf(order: PaymentOrder, refundedMinor: bigint, isDisputed: boolean): OrderState {
  if (isDisputed) return 'DISPUTED'
  if (refundedMinor === 0n) return 'PAID'
  return refundedMinor === order.totalMinor ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
}

function contests({ state }: Dispute): boolean {
  return state === 'OPEN' || state === 'LOST'
}

/** Gives back to the lots all that the claims had frozen. */
export function thawAll(order: PaymentOrder, { refunds, disputes }: Claims, lots: LotClaims): void {
  for (const { frozenNano, frozenBonusNano } of [...refunds, ...disputes]) {
    if (order.lotId !== null) lots.thaw(order.lotId, frozenNano)
    if (order.bonusLotId !== null) lots.thaw(order.bonusLotId, frozenBonusNano)
  }
}

/**
 * Freezes anew what claims under way wait for, refunds before disputes: together never more than has not been withdrawn,
 * nor than is left in the lot. The first of them freezes the free bonus.
 */
export function freezeAll(order: PaymentOrder, claims: Claims, withdrawnNano: bigint, lots: LotClaims): Claims {
  const { lotId, bonusLotId } = order
  let unclaimed = order.creditNano - withdrawnNano
  let left = lotId === null ? 0n : lots.remainingNano(lotId)
  const freeze = (wantedNano: bigint) => {
    const frozenNano = lotId === null ? 0n : lots.freeze(lotId, least(wantedNano, unclaimed, left))
    unclaimed -= frozenNano
    left -= frozenNano
    const frozenBonusNano = bonusLotId === null ? 0n : lots.freeze(bonusLotId, lots.freeNano(bonusLotId))
    return { frozenNano, frozenBonusNano }
  }
  return {
    refunds: claims.refunds.map((refund) =>
      frozen(refund, refund.state === 'PENDING' ? freeze(refund.creditNano) : NOTHING_FROZEN),
    ),
    disputes: claims.disputes.map((dispute) =>
      frozen(dispute, dispute.state === 'OPEN' ? freeze(disputedCredits(order, dispute.amountMinor)) : NOTHING_FROZEN),
    ),
  }
}

interface Frozen {
  readonly frozenNano: bigint
  readonly frozenBonusNano: bigint
}
const NOTHING_FROZEN: Frozen = { frozenNano: 0n, frozenBonusNano: 0n }

/** The very same claim where nothing changes, so that it need not be written. */
function frozen<Claim extends Frozen>(claim: Claim, { frozenNano, frozenBonusNano }: Frozen): Claim {
  if (claim.frozenNano === frozenNano && claim.frozenBonusNano === frozenBonusNano) return claim
  return { ...claim, frozenNano, frozenBonusNano }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
