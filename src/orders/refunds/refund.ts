import type { ClientBase, Pool } from 'pg'
import type { PaymentProvider } from '../order.ts'

/**
 * The life of a refund. Asked for by us: PENDING, its credits frozen, until the provider (or, for a bank transfer, a
 * person) says what became of it. Made at the provider's own dashboard: whatever the provider says first.
 *
 *     PENDING ──► SUCCEEDED ──► FAILED   the money came back to us: the credits are given back
 *        └────────────────────────▲      refused: the credits are thawed
 */
export type RefundState = 'PENDING' | 'SUCCEEDED' | 'FAILED'

/** Amounts of money in minor units, credits in nano, times in milliseconds since the epoch. */
export interface Refund {
  readonly id: string
  readonly orderId: string
  readonly accountId: string
  readonly provider: PaymentProvider
  readonly providerRefundId: string | null
  readonly state: RefundState
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  /** Paid and bonus credits: what it is to take while it is pending, then what it took. */
  readonly creditNano: bigint
  readonly bonusNano: bigint
  readonly frozenNano: bigint
  readonly frozenBonusNano: bigint
  readonly external: boolean
  readonly reason: string
  readonly failureCode: string | null
  readonly actorId: string | null
  readonly attempts: number
  readonly nextAttemptAt: number | null
  readonly createdAt: number
  readonly closedAt: number | null
}

type RefundRow = Record<string, never>

function refundOf(row: Record<string, unknown>): Refund {
  const text = (name: string) => row[name] as string
  const nano = (name: string) => BigInt(text(name))
  const time = (name: string) => (row[name] as Date | null)?.getTime() ?? null
  return {
    id: text('id'),
    orderId: text('order_id'),
    accountId: text('account_id'),
    provider: text('provider') as PaymentProvider,
    providerRefundId: row.provider_refund_id as string | null,
    state: text('state') as RefundState,
    currency: text('currency'),
    netMinor: nano('net_minor'),
    taxMinor: nano('tax_minor'),
    totalMinor: nano('total_minor'),
    creditNano: nano('credit_nano'),
    bonusNano: nano('bonus_nano'),
    frozenNano: nano('frozen_nano'),
    frozenBonusNano: nano('frozen_bonus_nano'),
    external: row.external as boolean,
    reason: text('reason'),
    failureCode: row.failure_code as string | null,
    actorId: row.actor_id as string | null,
    attempts: row.attempts as number,
    nextAttemptAt: time('next_attempt_at'),
    createdAt: time('created_at') as number,
    closedAt: time('closed_at'),
  }
}

/** Refunds by a condition on the table `refund`. */
export async function findRefunds(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<Refund[]> {
  const { rows } = await client.query<RefundRow>(`SELECT * FROM refund WHERE ${condition}`, [...values])
  return rows.map(refundOf)
}

export async function readRefund(client: ClientBase | Pool, id: string): Promise<Refund | null> {
  const [refund] = await findRefunds(client, 'id = $1', [id])
  return refund ?? null
}

/** Writes a new refund, or what may change of one whose order the caller has locked. */
export async function saveRefund(client: ClientBase, refund: Refund): Promise<void> {
  const at = (time: number | null) => (time === null ? null : new Date(time))
  await client.query(
    `INSERT INTO refund (id, order_id, account_id, provider, currency, net_minor, tax_minor, total_minor, external, reason,
       actor_id, created_at, provider_refund_id, state, credit_nano, bonus_nano, frozen_nano, frozen_bonus_nano, failure_code,
       attempts, next_attempt_at, closed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
     ON CONFLICT (id) DO UPDATE SET
       provider_refund_id = EXCLUDED.provider_refund_id, state = EXCLUDED.state, credit_nano = EXCLUDED.credit_nano,
       bonus_nano = EXCLUDED.bonus_nano, frozen_nano = EXCLUDED.frozen_nano, frozen_bonus_nano = EXCLUDED.frozen_bonus_nano,
       failure_code = EXCLUDED.failure_code, attempts = EXCLUDED.attempts, next_attempt_at = EXCLUDED.next_attempt_at,
       closed_at = EXCLUDED.closed_at`,
    [
      ...[refund.id, refund.orderId, refund.accountId, refund.provider, refund.currency],
      ...[refund.netMinor, refund.taxMinor, refund.totalMinor, refund.external, refund.reason],
      ...[refund.actorId, at(refund.createdAt), refund.providerRefundId, refund.state],
      ...[refund.creditNano, refund.bonusNano, refund.frozenNano, refund.frozenBonusNano, refund.failureCode],
      ...[refund.attempts, at(refund.nextAttemptAt), at(refund.closedAt)],
    ],
  )
}
