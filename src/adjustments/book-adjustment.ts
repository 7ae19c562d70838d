import type { ClientBase } from 'pg'
import { bookWithin } from '../ledger/book-within.ts'
import type { ActCause, LotClaims } from '../ledger/lot-claims.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { formatMoney } from '../money/format-money.ts'
import { type Adjustment, saveDecision } from './adjustment.ts'
import { AdjustmentError } from './adjustment-error.ts'
import { extendableLot, notExtendable } from './extendable-lot.ts'
import { tellAccount } from './tell-account.ts'

export interface Decision {
  actorId: string
  note: string | null
}

/**
 * Books a locked adjustment that waits: entry, lot, decision and mail, in the caller's transaction. What it would change
 * may have changed since it was asked for, and is looked at under the wallet's lock; the wallet stays locked.
 * @throws AdjustmentError `debit_exceeds_available`, `lot_not_extendable`
 */
export async function bookAdjustment(
  client: ClientBase,
  clock: Clock,
  adjustment: Adjustment,
  { actorId, note }: Decision,
): Promise<Adjustment> {
  const now = clock.now()
  const decided = { ...adjustment, state: 'BOOKED', decidedById: actorId, decidedAt: now, decisionNote: note } as const
  const booked = adjustment.kind === 'CREDIT' ? { ...decided, ...lotOf(clock, adjustment) } : decided
  await saveDecision(client, booked)
  const balanceNano = await bookEntry(client, clock, booked)
  await tellAccount(client, clock, booked, balanceNano)
  return booked
}

/** It lasts as long from now as it was to last when it was asked for. */
function lotOf(clock: Clock, { createdAt, expiresAt }: Adjustment): { lotId: string; expiresAt: number | null } {
  return { lotId: uuidV7(clock), expiresAt: expiresAt === null ? null : clock.now() + (expiresAt - createdAt) }
}

async function bookEntry(client: ClientBase, clock: Clock, adjustment: Adjustment): Promise<bigint> {
  const { id: sourceId, accountId, amountNano, promotional, expiresAt, decidedById: actorId, reason } = adjustment
  const cause: ActCause = { sourceId, actorId, reason }
  if (adjustment.kind === 'EXTENSION') return extend(client, clock, adjustment, cause)
  if (adjustment.kind === 'DEBIT') {
    return amend(client, clock, accountId, cause, (lots) => {
      const debited = lots.debit(cause, amountNano)
      if (!debited.ok) throw exceedsAvailable(debited.availableNano, adjustment.currency)
    })
  }
  const request = { ...cause, kind: 'ADJUSTMENT', accountId, amountNano, promotional, expiresAt } as const
  const [credited] = await bookWithin(client, clock, [{ kind: 'credit', request, lotId: adjustment.lotId as string }])
  if (credited?.outcome !== 'booked')
    throw new Error(`adjustment ${sourceId} is not decided, but its credits are booked`)
  return credited.balanceNano
}

/** More is asked for than can be taken. */
export function exceedsAvailable(availableNano: bigint, currency: string): AdjustmentError {
  const message =
    availableNano === 0n
      ? 'Nothing can be taken now: no credit of the account is free.'
      : `At most ${formatMoney(availableNano, currency, 'exact')} can be taken now: no more credit of the account is free.`
  return new AdjustmentError('debit_exceeds_available', message, 'amountNano')
}

async function extend(
  client: ClientBase,
  clock: Clock,
  { accountId, lotId, expiresAt }: Adjustment,
  cause: ActCause,
): Promise<bigint> {
  if (lotId === null || expiresAt === null) throw new Error(`adjustment ${cause.sourceId} extends nothing`)
  await extendableLot(client, clock, { accountId, lotId, expiresAt })
  return amend(client, clock, accountId, cause, (lots) => {
    const extended = lots.extend(cause, lotId, expiresAt)
    if (!extended.ok) throw notExtendable(extended.reason)
  })
}

/** Returns the balance with it. */
async function amend(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  { sourceId }: ActCause,
  apply: (lots: LotClaims) => void,
): Promise<bigint> {
  const [amended] = await bookWithin(client, clock, [{ kind: 'amend', amendment: { accountId, sourceId, apply } }])
  if (amended?.outcome !== 'amended') throw new Error(`adjustment ${sourceId} was not booked`)
  return amended.balanceNano
}
