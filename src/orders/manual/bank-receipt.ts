import type { ClientBase, Pool } from 'pg'

/** Money on the bank statement. It is never changed once recorded. */
export interface BankReceipt {
  id: string
  orderId: string
  /** The bank's own name for the transfer, in capitals. */
  bankReference: string
  currency: string
  amountMinor: bigint
  /** The day on the statement, `YYYY-MM-DD`. */
  receivedOn: string
  evidence: string | null
  recordedById: string
  /** Milliseconds since the epoch. */
  recordedAt: number
}

interface ReceiptRow {
  id: string
  order_id: string
  bank_reference: string
  currency: string
  amount_minor: string
  received_on: string
  evidence: string | null
  recorded_by_id: string
  recorded_at: Date
}

/** Receipts by a condition on the table `bank_receipt`, as they were recorded. */
export async function findReceipts(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<BankReceipt[]> {
  const { rows } = await client.query<ReceiptRow>(
    `SELECT id, order_id, bank_reference, currency, amount_minor, to_char(received_on, 'YYYY-MM-DD') AS received_on,
            evidence, recorded_by_id, recorded_at
     FROM bank_receipt WHERE ${condition} ORDER BY recorded_at, id`,
    [...values],
  )
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    bankReference: row.bank_reference,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    receivedOn: row.received_on,
    evidence: row.evidence,
    recordedById: row.recorded_by_id,
    recordedAt: row.recorded_at.getTime(),
  }))
}
