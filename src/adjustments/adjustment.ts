import type { ClientBase, Pool } from 'pg'

export const ADJUSTMENT_KINDS = ['CREDIT', 'DEBIT', 'EXTENSION'] as const
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number]
export type AdjustmentState = 'PENDING' | 'BOOKED' | 'REJECTED'

/** Amounts in nano, times in milliseconds since the epoch. */
export interface Adjustment {
  readonly id: string
  readonly accountId: string
  readonly kind: AdjustmentKind
  readonly state: AdjustmentState
  readonly currency: string
  /** Above zero also for a debit; of an extension, what was left in the lot when it was asked for. */
  readonly amountNano: bigint
  /** Of an extension, the lot; of a credit that is booked, the lot that it became. */
  readonly lotId: string | null
  /** Of an extension, the new end of the lot. Of a credit, its end: counted from when it was asked for, then from its booking. */
  readonly expiresAt: number | null
  readonly promotional: boolean
  readonly reason: string
  readonly attachmentName: string | null
  readonly attachmentType: string | null
  readonly attachmentKey: string | null
  /** In hex. */
  readonly attachmentSha256: string | null
  /** The reseller whose people adjust; null = the operator's. */
  readonly resellerId: string | null
  readonly createdById: string
  readonly createdAt: number
  readonly decidedById: string | null
  readonly decidedAt: number | null
  readonly decisionNote: string | null
}

type Row = Omit<Adjustment, 'amountNano' | 'expiresAt' | 'createdAt' | 'decidedAt'> & {
  amountNano: string
  expiresAt: Date | null
  createdAt: Date
  decidedAt: Date | null
}

const SELECTED = `
  id, account_id AS "accountId", kind, state, currency, amount_nano AS "amountNano", lot_id AS "lotId", expires_at AS "expiresAt",
  promotional, reason, attachment_name AS "attachmentName", attachment_type AS "attachmentType",
  attachment_key AS "attachmentKey", encode(attachment_sha256, 'hex') AS "attachmentSha256", reseller_id AS "resellerId",
  created_by_id AS "createdById", created_at AS "createdAt", decided_by_id AS "decidedById", decided_at AS "decidedAt",
  decision_note AS "decisionNote"`

/** Adjustments by a condition on the table `adjustment`. */
export async function findAdjustments(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<Adjustment[]> {
  const { rows } = await client.query<Row>(`SELECT ${SELECTED} FROM adjustment WHERE ${condition}`, [...values])
  return rows.map((row) => ({
    ...row,
    amountNano: BigInt(row.amountNano),
    expiresAt: row.expiresAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
    decidedAt: row.decidedAt?.getTime() ?? null,
  }))
}

export async function readAdjustment(client: ClientBase | Pool, id: string): Promise<Adjustment | null> {
  const [adjustment] = await findAdjustments(client, 'id = $1', [id])
  return adjustment ?? null
}

/** Writes what is asked for; it is not decided yet. */
export async function insertAdjustment(client: ClientBase, adjustment: Adjustment): Promise<void> {
  const at = (time: number | null) => (time === null ? null : new Date(time))
  await client.query(
    `INSERT INTO adjustment (id, account_id, kind, state, currency, amount_nano, lot_id, expires_at, promotional, reason,
       attachment_name, attachment_type, attachment_key, attachment_sha256, reseller_id, created_by_id, created_at)
     VALUES ($1, $2, $3, 'PENDING', $4, $5, $6, $7, $8, $9, $10, $11, $12, decode($13, 'hex'), $14, $15, $16)`,
    [
      ...[adjustment.id, adjustment.accountId, adjustment.kind, adjustment.currency, adjustment.amountNano],
      ...[adjustment.lotId, at(adjustment.expiresAt), adjustment.promotional, adjustment.reason],
      ...[adjustment.attachmentName, adjustment.attachmentType, adjustment.attachmentKey, adjustment.attachmentSha256],
      ...[adjustment.resellerId, adjustment.createdById, at(adjustment.createdAt)],
    ],
  )
}

/** Writes a decision about a locked one, with what came of it. */
export async function saveDecision(client: ClientBase, decided: Adjustment): Promise<void> {
  const at = (time: number | null) => (time === null ? null : new Date(time))
  await client.query(
    `UPDATE adjustment SET state = $2, lot_id = $3, expires_at = $4, decided_by_id = $5, decided_at = $6, decision_note = $7
     WHERE id = $1`,
    [
      ...[decided.id, decided.state, decided.lotId, at(decided.expiresAt)],
      ...[decided.decidedById, at(decided.decidedAt), decided.decisionNote],
    ],
  )
}
