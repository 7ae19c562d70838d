import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { DocumentSnapshot } from './document-snapshot.ts'
import { snapshotHash, writeSnapshot } from './snapshot-json.ts'
import { takeNumber } from './take-number.ts'

/** A document that says everything but its number. */
export type DraftDocument = Omit<DocumentSnapshot, 'number'>

export interface IssueRequest {
  sellerId: string
  accountId: string
  /** The order that it is about; null = a month of use. */
  orderId: string | null
  /** The first day of the month of use that it is about; left out where it is about an order. */
  usageMonth?: string
  refundId: string | null
  originalId: string | null
  draft: DraftDocument
}

/**
 * Takes the number and freezes the document, in the caller's transaction. Call it last: the series is locked until the
 * commit. A rollback leaves no gap.
 * @returns the document's id and number
 */
export async function issueDocument(
  client: ClientBase,
  clock: Clock,
  { sellerId, accountId, orderId, usageMonth, refundId, originalId, draft }: IssueRequest,
): Promise<{ id: string; number: string }> {
  const taken = await takeNumber(client, sellerId, draft.kind, Number(draft.issueDate.slice(0, 4)))
  const snapshot: DocumentSnapshot = { ...draft, number: taken.number }
  const id = uuidV7(clock)
  await client.query({
    name: 'insert_tax_document',
    text: `INSERT INTO tax_document (id, kind, seller_id, series_id, year, sequence, number, account_id, order_id, refund_id,
             original_id, currency, net_minor, tax_minor, total_minor, issue_date, snapshot, snapshot_sha256, created_at, usage_month)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    values: [
      ...[id, draft.kind, sellerId, taken.seriesId, taken.year, taken.sequence, taken.number, accountId, orderId],
      ...[refundId, originalId, draft.currency, draft.netMinor, draft.taxMinor, draft.totalMinor, draft.issueDate],
      ...[writeSnapshot(snapshot), snapshotHash(snapshot), new Date(clock.now()), usageMonth ?? null],
    ],
  })
  return { id, number: taken.number }
}

/** The day in the seller's time zone, as its documents are dated. */
export function dayIn(timeZone: string, time: number): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(time)
}
