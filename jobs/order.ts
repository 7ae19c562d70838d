import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { orderPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Asks the payment provider about one order, and books what it says. */
export async function runOrder(data: unknown, { deps }: JobContext): Promise<void> {
  const { orderId } = parsePayload('order', orderPayload, data)
  await deps.orders.sync(orderId)
}

/** Finds open orders whose webhook has not come. Runs as the payment reconciliation of open orders. */
export async function sweepOrders({ deps, nudge }: JobContext): Promise<void> {
  for (const orderId of await deps.orders.due(SWEPT_IDS_MAX)) nudge({ job: 'order', orderId })
}
