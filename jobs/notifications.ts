import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** Tells of balances that have become low, and finds what webhooks are to be told. */
export async function tellNotifications(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('notifications', noPayload, data)
  for (const deliveryId of await deps.notifications.tell()) nudge({ job: 'webhook-delivery', deliveryId })
}
