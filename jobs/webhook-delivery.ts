import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload, SWEPT_IDS_MAX, webhookDeliveryPayload } from './queues.ts'

/** Makes one try of one delivery, if it is its turn. */
export async function runWebhookDelivery(data: unknown, { deps }: JobContext): Promise<void> {
  const { deliveryId } = parsePayload('webhook-delivery', webhookDeliveryPayload, data)
  await deps.webhooks.deliver(deliveryId)
}

/** Finds deliveries whose turn it is, for the first time or again. */
export async function sweepWebhookDeliveries(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('webhook-delivery', noPayload, data)
  for (const deliveryId of await deps.webhooks.due(SWEPT_IDS_MAX)) nudge({ job: 'webhook-delivery', deliveryId })
}
