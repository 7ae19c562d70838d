import type { Pool } from 'pg'
import type { DocumentKind } from './document-snapshot.ts'

/** A document as a list shows it. Amounts in minor units. */
export interface ListedDocument {
  id: string
  kind: DocumentKind
  number: string
  issueDate: string
  currency: string
  netMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
  /** Null where it is about a month of use. */
  orderId: string | null
  /** The month of use that it is about, as YYYY-MM; null where it is about an order. */
  usageMonth: string | null
  originalId: string | null
}

export const LIST_LIMIT_MAX = 100

/** An account's documents, newest first; `before` = the id of the last one on the page before. */
export async function listDocuments(
  pool: Pool,
  accountId: string,
  { limit, before }: { limit: number; before: string | null },
): Promise<ListedDocument[]> {
  const { rows } = await pool.query<Record<string, string | null>>(
    `SELECT id, kind, number, to_char(issue_date, 'YYYY-MM-DD') AS issue_date, currency, net_minor, tax_minor, total_minor,
            order_id, original_id, to_char(usage_month, 'YYYY-MM') AS usage_month
     FROM tax_document WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [accountId, before, Math.min(limit, LIST_LIMIT_MAX)],
  )
  return rows.map((row) => ({
    id: row.id as string,
    kind: row.kind as DocumentKind,
    number: row.number as string,
    issueDate: row.issue_date as string,
    currency: row.currency as string,
    netMinor: BigInt(row.net_minor as string),
    taxMinor: BigInt(row.tax_minor as string),
    totalMinor: BigInt(row.total_minor as string),
    orderId: row.order_id ?? null,
    usageMonth: row.usage_month ?? null,
    originalId: row.original_id ?? null,
  }))
}
