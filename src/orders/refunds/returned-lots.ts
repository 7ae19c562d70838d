import type { ClientBase } from 'pg'
import type { PaymentOrder } from '../order.ts'
import type { Claims } from './order-claims.ts'

/** The lots that an order's credits lie in by now: its own, then those in which credits came back after a claim fell. */
export interface OrderLots {
  paidLotIds: readonly string[]
  bonusLotIds: readonly string[]
  /** The bonus that claims took and that has not been given back, in nano. */
  bonusTakenNano: bigint
  /** When each of the two lots of the order expires, in milliseconds since the epoch; null = never, or no such lot. */
  expiresAt: number | null
  bonusExpiresAt: number | null
}

interface LotRow {
  id: string
  promotional: boolean
  expires_at: Date | null
}

const LOTS = `
  SELECT id, promotional, expires_at FROM credit_lot
  WHERE account_id = $1 AND (id = ANY ($2::uuid[]) OR source_id = ANY ($3::uuid[]))
  ORDER BY (id = ANY ($2::uuid[])) DESC, created_at, id`

const BONUS_TAKEN = `
  SELECT coalesce(sum(CASE WHEN e.kind = 'GRANT' THEN -e.amount_nano ELSE taken.nano END), 0)::text AS nano
  FROM ledger_entry e
  CROSS JOIN LATERAL (
    SELECT -coalesce(sum(m.nano), 0) AS nano
    FROM unnest(e.lot_ids, e.lot_amounts_nano) AS m (lot_id, nano)
    JOIN credit_lot l ON l.id = m.lot_id AND l.promotional
  ) taken
  WHERE e.kind IN ('REFUND', 'DISPUTE', 'GRANT') AND e.source_id = ANY ($2::uuid[]) AND e.account_id = $1`

/** Changes only with the order's claims, so the caller has locked the order. */
export async function readOrderLots(
  client: ClientBase,
  order: PaymentOrder,
  { refunds, disputes }: Claims,
): Promise<OrderLots> {
  const claimIds = [...refunds, ...disputes].map(({ id }) => id)
  const own = [order.lotId, order.bonusLotId].filter((id) => id !== null)
  const { rows } = await client.query<LotRow>(LOTS, [order.accountId, own, claimIds])
  const { rows: taken } = await client.query<{ nano: string }>(BONUS_TAKEN, [order.accountId, claimIds])
  const expiryOf = (id: string | null) => rows.find((row) => row.id === id)?.expires_at?.getTime() ?? null
  return {
    paidLotIds: rows.filter(({ promotional }) => !promotional).map(({ id }) => id),
    bonusLotIds: rows.filter(({ promotional }) => promotional).map(({ id }) => id),
    bonusTakenNano: BigInt(taken[0]?.nano ?? 0),
    expiresAt: expiryOf(order.lotId),
    bonusExpiresAt: expiryOf(order.bonusLotId),
  }
}
