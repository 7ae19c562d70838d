import type { JobContext } from './job-deps.ts'
import { sweepOrders } from './order.ts'
import { parsePayload } from './parse-payload.ts'
import { reconciliationPayload } from './queues.ts'

/** Makes up for what webhooks missed: every minute for the orders still open, daily for all payments. */
export async function reconcilePayments(data: unknown, context: JobContext): Promise<void> {
  const { scope } = parsePayload('payment-reconciliation', reconciliationPayload, data)
  if (scope === 'open') await sweepOrders(context)
  else await context.deps.payments.reconcile()
}
