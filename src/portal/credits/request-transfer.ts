import type { Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { createManualOrder } from '../../orders/manual/create-manual-order.ts'
import { findOrders, type PaymentOrder } from '../../orders/order.ts'
import { OrderError } from '../../orders/order-error.ts'
import type { PurchaseQuote } from './quote-purchase.ts'

/** Each is mailed, and waits for weeks: whoever has this many pays one of them first. */
export const OPEN_TRANSFERS_MAX = 5

export interface TransferRequest {
  accountId: string
  currency: string
  quote: PurchaseQuote
  /** The person who asks. */
  actorId: string
  idempotencyKey: string
}

/** A repeat is answered with what it made, also where it made the last one. `$1` the person, `$2` the key. */
const ASKED_BEFORE = `SELECT FROM idempotency_key WHERE scope_id = $1 AND verb = 'createManualOrder' AND key = $2`

/**
 * Opens an order that its buyer pays by bank transfer, and mails how. Nothing is credited before the transfer was booked
 * and approved by the seller's people.
 * @throws OrderError `invalid_request` where too many wait already, or nobody could be paid; `idempotency_conflict`
 */
export async function requestTransfer(
  { pool, clock }: { pool: Pool; clock: Clock },
  { accountId, currency, quote, actorId, idempotencyKey }: TransferRequest,
): Promise<PaymentOrder> {
  const { rowCount } = await pool.query(ASKED_BEFORE, [actorId, idempotencyKey])
  const open = rowCount === 0 ? await openTransfers(pool, accountId) : []
  if (open.length >= OPEN_TRANSFERS_MAX) {
    const message = `${open.length} bank transfers are awaited already. Pay one of them first, or pay by card.`
    throw new OrderError('invalid_request', message)
  }
  const { netMinor, creditNano, bonusNano, packageId } = quote
  return createManualOrder(
    // The limit is asked for where money is approved, and nothing is approved here: zero is the strictest.
    { pool, clock, fourEyesLimitMinor: 0n },
    { accountId, netMinor, currency, creditNano, bonusNano, packageId, actorId, idempotencyKey },
  )
}

/** Bank transfers that are awaited, the latest first. */
function openTransfers(pool: Pool, accountId: string): Promise<PaymentOrder[]> {
  const condition = `account_id = $1 AND kind = 'MANUAL' AND state = 'AWAITING_PAYMENT' ORDER BY created_at DESC LIMIT $2`
  return findOrders(pool, condition, [accountId, OPEN_TRANSFERS_MAX])
}
