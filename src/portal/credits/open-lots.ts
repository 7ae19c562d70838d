import type { Pool } from 'pg'

/** Credits from one source that are not spent yet. Amounts in nano. */
export interface OpenLot {
  readonly sourceKind: string
  readonly promotional: boolean
  readonly grantedNano: bigint
  readonly remainingNano: bigint
  /** Claimed by a dispute or a refund under way: not to be spent. */
  readonly frozenNano: bigint
  readonly expiresAt: Date | null
}

/** More sources than anybody reads; what comes first is spent first. */
export const LOTS_SHOWN_MAX = 50

/** In the order in which they are drawn. `$1` the account, `$2` now. */
const OPEN_LOTS = `
  SELECT source_kind AS "sourceKind", promotional, granted_nano AS granted, remaining_nano AS remaining,
         frozen_nano AS frozen, expires_at AS "expiresAt"
  FROM credit_lot WHERE account_id = $1 AND open AND (expires_at IS NULL OR expires_at > $2)
  ORDER BY priority, expires_at NULLS LAST, created_at, id LIMIT ${LOTS_SHOWN_MAX}`

/** An account's unspent credits, those that are spent next first. */
export async function readOpenLots(pool: Pool, accountId: string, now: number): Promise<OpenLot[]> {
  const { rows } = await pool.query<OpenLot & Record<'granted' | 'remaining' | 'frozen', string>>(OPEN_LOTS, [
    accountId,
    new Date(now),
  ])
  return rows.map(({ granted, remaining, frozen, ...lot }) => ({
    ...lot,
    ...{ grantedNano: BigInt(granted), remainingNano: BigInt(remaining), frozenNano: BigInt(frozen) },
  }))
}

const SOURCES: Readonly<Record<string, string>> = {
  PURCHASE: 'Purchase',
  AUTO_TOP_UP: 'Automatic top-up',
  MANUAL_SETTLEMENT: 'Purchase by bank transfer',
  GRANT: 'Promotional credit',
  ADJUSTMENT: 'Adjustment',
  REFUND: 'Refund taken back',
  DISPUTE_REVERSAL: 'Dispute won',
}

/** Where a lot came from, in words. */
export function lotSource({ sourceKind, promotional }: OpenLot): string {
  return promotional && sourceKind !== 'GRANT' ? 'Bonus' : (SOURCES[sourceKind] ?? 'Credit')
}
