import type { ClientBase, Pool } from 'pg'

const LOTS_SHOWN_MAX = 200

/** Credit from one source, as people see it. Amounts in nano. */
export interface ListedLot {
  readonly id: string
  readonly sourceKind: string
  readonly promotional: boolean
  readonly grantedNano: bigint
  readonly remainingNano: bigint
  /** Reserved by requests under way. */
  readonly heldNano: bigint
  /** Claimed by disputes and refunds under way. */
  readonly frozenNano: bigint
  readonly expiresAt: Date | null
}

type Amounts = Record<'granted' | 'remaining' | 'held' | 'frozen', string>

/** Lots by a condition on the table `credit_lot`, in the order in which they are drawn. */
export async function listLots(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<ListedLot[]> {
  const { rows } = await client.query<ListedLot & Amounts>(
    `SELECT id, source_kind AS "sourceKind", promotional, granted_nano AS granted, remaining_nano AS remaining,
            held_nano AS held, frozen_nano AS frozen, expires_at AS "expiresAt"
     FROM credit_lot WHERE ${condition}
     ORDER BY priority, expires_at NULLS LAST, created_at, id LIMIT ${LOTS_SHOWN_MAX}`,
    [...values],
  )
  return rows.map(({ granted, remaining, held, frozen, ...lot }) => ({
    ...lot,
    ...{ grantedNano: BigInt(granted), remainingNano: BigInt(remaining) },
    ...{ heldNano: BigInt(held), frozenNano: BigInt(frozen) },
  }))
}
