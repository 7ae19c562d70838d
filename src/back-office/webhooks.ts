import type { Actor } from '../accounts/actor.ts'
import type { Applied } from '../orders/stripe/apply-payment.ts'
import { replayWebhook } from '../orders/stripe/replay-webhook.ts'
import { actThrough } from './acting.ts'

/**
 * Applies a webhook once more that has failed.
 * @throws OfficeError `not_allowed`; what `replayWebhook` throws
 */
export function replayWebhookFor(
  deps: Parameters<typeof replayWebhook>[0],
  actor: Actor,
  eventId: string,
): Promise<Applied> {
  const deed = {
    ...({ permission: 'replay webhooks', action: 'webhook.replay' } as const),
    subject: { kind: 'webhook_event', id: eventId, accountId: null },
  }
  return actThrough<Applied, Applied>(deps, actor, deed, (witness) =>
    replayWebhook(deps, eventId, (client, { after }) =>
      witness(client, {
        before: null,
        after: after && { result: after.result, reason: after.reason, orderId: after.orderId },
      }),
    ),
  )
}
