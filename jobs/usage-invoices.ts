import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** Invoices what was used of vouchers in months that are over. */
export async function invoiceUsage(data: unknown, { deps }: JobContext): Promise<void> {
  parsePayload('usage-invoices', noPayload, data)
  await deps.usageInvoices.issue()
}
