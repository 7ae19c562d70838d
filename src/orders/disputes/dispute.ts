import type { ClientBase, Pool } from 'pg'

/**
 * The life of a dispute, moved by what the provider says of it, and only forward:
 *
 *     INQUIRY ──► OPEN ──► LOST ──► REINSTATED
 *        └──────────┴────► WON
 *
 * An inquiry is a question of the payer's bank and touches nothing. An open dispute freezes credit, a lost one takes it.
 * Money that comes back after all makes a lost one reinstated; one that was never seen as lost is simply won.
 */
export type DisputeState = 'INQUIRY' | 'OPEN' | 'WON' | 'LOST' | 'REINSTATED'

/** Amounts of money in minor units, credits in nano, times in milliseconds since the epoch. */
export interface Dispute {
  readonly id: string
  readonly orderId: string
  readonly accountId: string
  readonly providerDisputeId: string
  readonly state: DisputeState
  readonly currency: string
  readonly amountMinor: bigint
  readonly reason: string
  readonly frozenNano: bigint
  readonly frozenBonusNano: bigint
  /** Paid and bonus credits that it took when it was lost. */
  readonly clawedBackNano: bigint
  readonly openedAt: number
  readonly closedAt: number | null
}

function disputeOf(row: Record<string, unknown>): Dispute {
  const text = (name: string) => row[name] as string
  const nano = (name: string) => BigInt(text(name))
  return {
    id: text('id'),
    orderId: text('order_id'),
    accountId: text('account_id'),
    providerDisputeId: text('provider_dispute_id'),
    state: text('state') as DisputeState,
    currency: text('currency'),
    amountMinor: nano('amount_minor'),
    reason: text('reason'),
    frozenNano: nano('frozen_nano'),
    frozenBonusNano: nano('frozen_bonus_nano'),
    clawedBackNano: nano('clawed_back_nano'),
    openedAt: (row.opened_at as Date).getTime(),
    closedAt: (row.closed_at as Date | null)?.getTime() ?? null,
  }
}

/** Disputes by a condition on the table `dispute`. */
export async function findDisputes(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<Dispute[]> {
  const { rows } = await client.query<Record<string, never>>(`SELECT * FROM dispute WHERE ${condition}`, [...values])
  return rows.map(disputeOf)
}

/** Writes a new dispute, or what may change of one whose order the caller has locked. */
export async function saveDispute(client: ClientBase, dispute: Dispute): Promise<void> {
  const { id, orderId, accountId, providerDisputeId, state, currency, amountMinor, reason } = dispute
  const { frozenNano, frozenBonusNano, clawedBackNano, openedAt, closedAt } = dispute
  await client.query(
    `INSERT INTO dispute (id, order_id, account_id, provider_dispute_id, currency, opened_at, state, amount_minor, reason,
       frozen_nano, frozen_bonus_nano, clawed_back_nano, closed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (id) DO UPDATE SET
       state = EXCLUDED.state, amount_minor = EXCLUDED.amount_minor, reason = EXCLUDED.reason,
       frozen_nano = EXCLUDED.frozen_nano, frozen_bonus_nano = EXCLUDED.frozen_bonus_nano,
       clawed_back_nano = EXCLUDED.clawed_back_nano, closed_at = EXCLUDED.closed_at`,
    [
      ...[id, orderId, accountId, providerDisputeId, currency, new Date(openedAt), state, amountMinor, reason],
      ...[frozenNano, frozenBonusNano, clawedBackNano, closedAt === null ? null : new Date(closedAt)],
    ],
  )
}
