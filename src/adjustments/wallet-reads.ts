import type { ClientBase, Pool } from 'pg'

/** What nobody has reserved, claimed or let expire of an account's credit, in nano: as it is while nobody locks the wallet. */
export async function freeCreditNano(client: ClientBase | Pool, accountId: string, now: number): Promise<bigint> {
  const { rows } = await client.query<{ nano: string }>(
    `SELECT coalesce(sum(greatest(remaining_nano - held_nano - frozen_nano, 0)), 0)::text AS nano
     FROM credit_lot WHERE open AND account_id = $1 AND (expires_at IS NULL OR expires_at > $2)`,
    [accountId, new Date(now)],
  )
  return BigInt(rows[0]?.nano ?? 0)
}

export interface LotAsRead {
  remainingNano: bigint
  promotional: boolean
  /** Milliseconds since the epoch; null = never. */
  expiresAt: number | null
}

/** A lot of the account; null = it has no such one. */
export async function readLot(client: ClientBase, accountId: string, lotId: string): Promise<LotAsRead | null> {
  const { rows } = await client.query<{ remaining_nano: string; promotional: boolean; expires_at: Date | null }>(
    'SELECT remaining_nano, promotional, expires_at FROM credit_lot WHERE account_id = $1 AND id = $2',
    [accountId, lotId],
  )
  const [row] = rows
  if (!row) return null
  const { remaining_nano, promotional, expires_at } = row
  return { remainingNano: BigInt(remaining_nano), promotional, expiresAt: expires_at?.getTime() ?? null }
}
