import type { ClientBase } from 'pg'
import { type BookableWithin, bookWithin } from '../../ledger/book-within.ts'
import type { LotClaims, WithdrawalCause } from '../../ledger/lot-claims.ts'
import type { CreditRequest } from '../../ledger/operations.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { changeOrder, type MoveCause, moveOrder } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { type Claims, type Due, dueOf, freezeAll, thawAll } from './order-claims.ts'
import { least } from './refund-amounts.ts'
import { type OrderLots, readOrderLots } from './returned-lots.ts'

/** Credits that come back after their lot has expired are good for this long. */
const RETURNED_FOR_MS = 30 * 86_400_000

/** The refund or dispute whose change is booked. */
export interface ClaimAct {
  kind: 'REFUND' | 'DISPUTE'
  id: string
  actorId: string | null
  /** For the entries of the ledger. */
  reason: string
}

export interface BookedClaims {
  order: PaymentOrder
  /** With what each of them has frozen now. */
  claims: Claims
  /** What this act took of the order's credits, in nano, also as debt. */
  creditNano: bigint
  bonusNano: bigint
}

/**
 * Brings wallet and order to what the claims come to, in the caller's transaction: thaws, withdraws or gives back the
 * difference to what was withdrawn, freezes anew, moves the order. The caller writes the claims themselves, right after:
 * the wallet stays locked.
 *
 * @param order locked, with its credits granted
 * @param claims locked, with the claim of `act` in its new state
 */
export async function bookClaims(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  claims: Claims,
  act: ClaimAct,
  cause: MoveCause,
): Promise<BookedClaims> {
  const due = dueOf(order, claims)
  const lots = await readOrderLots(client, order, claims)
  const creditNano = due.withdrawnNano - order.withdrawnNano
  let frozen = claims
  let bonusNano = 0n
  const apply = (lotClaims: LotClaims) => {
    thawAll(order, claims, lotClaims)
    if (due.takesBonus && takesNow(claims, act)) bonusNano = withdraw(lotClaims, act, lots, creditNano)
    frozen = freezeAll(order, claims, due.withdrawnNano, lotClaims)
  }
  const amend: BookableWithin = {
    kind: 'amend',
    amendment: { accountId: order.accountId, sourceId: consequenceId(clock, claims, act), apply },
  }
  const credits = creditsBack(clock, order, due, lots, act)
  await bookWithin(client, clock, [...credits.map((request) => ({ kind: 'credit', request }) as const), amend])
  const moved = await moveToDue(client, clock, order, due, cause)
  return { order: moved, claims: frozen, creditNano: creditNano > 0n ? creditNano : 0n, bonusNano }
}

/** Has the claim of this act just come to take credits? */
function takesNow({ refunds, disputes }: Claims, { id }: ClaimAct): boolean {
  return (
    refunds.some((refund) => refund.id === id && refund.state === 'SUCCEEDED') ||
    disputes.some((dispute) => dispute.id === id && dispute.state === 'LOST')
  )
}

/**
 * One entry over all lots of the order: its free bonus, then the paid credits; what these have not got becomes debt.
 * Returns how much of it was bonus.
 */
function withdraw(lotClaims: LotClaims, act: ClaimAct, lots: OrderLots, creditNano: bigint): bigint {
  const bonus = lots.bonusLotIds.map((lotId) => ({ lotId, amountNano: lotClaims.freeNano(lotId) }))
  let missing = creditNano
  const paid = lots.paidLotIds.map((lotId) => {
    const amountNano = least(missing, lotClaims.freeNano(lotId))
    missing -= amountNano
    return { lotId, amountNano }
  })
  const [first, ...others] = paid
  const indebted = first ? [{ ...first, amountNano: first.amountNano + missing }, ...others] : others
  const cause: WithdrawalCause = { kind: act.kind, sourceId: act.id, actorId: act.actorId, reason: act.reason }
  lotClaims.withdraw(cause, { lots: [...bonus, ...indebted], shortfallBecomesDebt: true })
  return bonus.reduce((sum, { amountNano }) => sum + amountNano, 0n)
}

/** What a claim that fell gives back: paid credits and bonus as lots of their own. */
function creditsBack(
  clock: Clock,
  order: PaymentOrder,
  due: Due,
  lots: OrderLots,
  { kind, id, actorId, reason }: ClaimAct,
): CreditRequest[] {
  const source = { accountId: order.accountId, sourceId: id, actorId, reason }
  const lasting = (expiresAt: number | null) =>
    expiresAt === null || expiresAt > clock.now() ? expiresAt : clock.now() + RETURNED_FOR_MS
  const credits: CreditRequest[] = []
  const amountNano = order.withdrawnNano - due.withdrawnNano
  if (amountNano > 0n) {
    const back = { promotional: false, expiresAt: lasting(lots.expiresAt) }
    credits.push({ ...source, ...back, amountNano, kind: kind === 'REFUND' ? 'ADJUSTMENT' : 'DISPUTE_REVERSAL' })
  }
  if (!due.takesBonus && lots.bonusTakenNano > 0n) {
    const back = { promotional: true, expiresAt: lasting(lots.bonusExpiresAt) }
    credits.push({ ...source, ...back, amountNano: lots.bonusTakenNano, kind: 'GRANT' })
  }
  return credits
}

/**
 * The source of what follows from an amendment: expiry and repayment of debt. That is the claim, but for a refund that
 * succeeds: its id must stay free for the adjustment that gives its credits back should it fail later.
 */
function consequenceId(clock: Clock, claims: Claims, act: ClaimAct): string {
  return act.kind === 'REFUND' && takesNow(claims, act) ? uuidV7(clock) : act.id
}

function moveToDue(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  { refundedMinor, withdrawnNano, state }: Due,
  cause: MoveCause,
): Promise<PaymentOrder> {
  const changes = { refundedMinor, withdrawnNano }
  if (state !== order.state) return moveOrder(client, clock, order, state, cause, changes)
  return changeOrder(client, order, changes)
}
