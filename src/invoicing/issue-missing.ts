import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { draftInvoice, type SoldCredits } from './draft-invoice.ts'
import { issueDocument } from './issue-document.ts'

/**
 * Invoices in a transaction each, so that one that cannot be made does not hold up the others.
 * @throws AggregateError once all were tried, with the reasons of those that failed
 */
export async function issueMissing(
  { pool, clock }: { pool: Pool; clock: Clock },
  sold: readonly SoldCredits[],
): Promise<number> {
  let issued = 0
  const failures: Error[] = []
  for (const one of sold) {
    const issuing = inTransaction(pool, async (client) => {
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
    await issuing.then(
      (isIssued) => {
        if (isIssued) issued += 1
      },
      (cause: unknown) => failures.push(new Error(`order ${one.orderId} could not be invoiced`, { cause })),
    )
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} orders could not be invoiced, first ${failures[0]?.message}`)
  }
  return issued
}
