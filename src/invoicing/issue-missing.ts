import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { draftInvoice, type SoldCredits } from './draft-invoice.ts'
import { issueDocument } from './issue-document.ts'

/** Invoices one transaction each, so that one that cannot be made does not hold up the others. */
export async function issueMissing(
  { pool, clock }: { pool: Pool; clock: Clock },
  sold: readonly SoldCredits[],
): Promise<number> {
  let issued = 0
  for (const one of sold) {
    const isIssued = await inTransaction(pool, async (client) => {
      // Whoever pays or invoices an order locks it first.
      await client.query('SELECT FROM payment_order WHERE id = $1 FOR UPDATE', [one.orderId])
      const known = await client.query(`SELECT FROM tax_document WHERE order_id = $1 AND kind = 'INVOICE'`, [
        one.orderId,
      ])
      if (known.rowCount !== 0) return false
      const draft = await draftInvoice(client, clock, one)
      if (draft) await issueDocument(client, clock, draft)
      return draft !== null
    })
    if (isIssued) issued += 1
  }
  return issued
}
