import type { ClientBase } from 'pg'
import type { Extended } from '../ledger/lot-claims.ts'
import type { Clock } from '../lib/clock.ts'
import { AdjustmentError } from './adjustment-error.ts'
import { type LotAsRead, readLot } from './wallet-reads.ts'

/** Farther ahead, an end is a mistake of typing. */
const EXTENSION_MAX_MS = 5 * 365.25 * 86_400_000

/**
 * A lot that could be extended to an end, as it is now: that its credit may be spent or expire meanwhile, the booking
 * sees under the wallet's lock.
 * @throws AdjustmentError `lot_not_found`, `lot_not_extendable`
 */
export async function extendableLot(
  client: ClientBase,
  clock: Clock,
  { accountId, lotId, expiresAt }: { accountId: string; lotId: string; expiresAt: number },
): Promise<LotAsRead> {
  const lot = await readLot(client, accountId, lotId)
  if (!lot) throw new AdjustmentError('lot_not_found', 'The account has no such credit.', 'lotId')
  if (lot.expiresAt === null) throw notExtendable('never_expires')
  if (lot.expiresAt <= clock.now()) throw notExtendable('expired')
  if (lot.remainingNano === 0n) throw notExtendable('empty')
  if (expiresAt <= lot.expiresAt) throw notExtendable('not_later')
  if (expiresAt > clock.now() + EXTENSION_MAX_MS) throw notExtendable('too_far')
  return lot
}

type Unextendable = Extract<Extended, { ok: false }>['reason'] | 'too_far'

const UNEXTENDABLE: Readonly<Record<Unextendable, readonly [sentence: string, field: string]>> = {
  empty: ['Nothing is left of this credit, so there is nothing to extend.', 'lotId'],
  expired: ['This credit has expired, and what has expired is not extended: give new credit instead.', 'lotId'],
  never_expires: ['This credit never expires, so there is nothing to extend.', 'lotId'],
  not_later: ['The new end must be later than the one that this credit has now.', 'expiresAt'],
  too_far: ['The new end must be at most five years ahead.', 'expiresAt'],
}

export function notExtendable(reason: Unextendable): AdjustmentError {
  return new AdjustmentError('lot_not_extendable', ...UNEXTENDABLE[reason])
}
