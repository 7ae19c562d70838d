import type { Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { closeUsageMonth } from './close-usage-month.ts'
import { dueUsageMonths } from './due-usage-months.ts'

/** What one run closes at most; the next one goes on. */
const MONTHS_PER_RUN_MAX = 20_000

/**
 * Closes every month of vouchers that is over, each in a transaction of its own, so that an account whose month cannot be invoiced
 * holds up no other. Safe to run twice, also at once. Returns how many invoices it issued.
 * @throws AggregateError once all were tried, with the reasons of those that failed
 */
export async function issueUsageInvoices({ pool, clock }: { pool: Pool; clock: Clock }): Promise<number> {
  const failures: Error[] = []
  let [issued, tried] = [0, 0]
  for (const { accountId, sellerId, months } of await dueUsageMonths(pool, clock.now())) {
    for (const month of months) {
      if (tried === MONTHS_PER_RUN_MAX) break
      tried += 1
      try {
        const outcome = await inTransaction(pool, (client) =>
          closeUsageMonth(client, clock, { accountId, sellerId, month }),
        )
        if (outcome === 'invoiced') issued += 1
      } catch (cause) {
        failures.push(
          new Error(`usage of account ${accountId} in ${month.slice(0, 7)} could not be invoiced`, { cause }),
        )
        // A later month must not be closed before this one.
        break
      }
    }
  }
  if (failures.length > 0) {
    throw new AggregateError(
      failures,
      `${failures.length} accounts could not be invoiced for their usage, first: ${failures[0]?.message}`,
    )
  }
  return issued
}
