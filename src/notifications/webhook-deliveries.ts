import type { Pool } from 'pg'
import { NotificationError } from './notification-error.ts'
import { ATTEMPTS_MAX, type EventType } from './record-event.ts'

export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED' | 'CANCELED'

/** One event on its way to one address. Times in milliseconds since the epoch. */
export interface WebhookDelivery {
  readonly id: string
  /** As the receiver knows it: `webhook-id`. */
  readonly eventId: string
  readonly type: EventType
  readonly url: string
  readonly state: DeliveryState
  readonly attempts: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly lastAttemptAt: number | null
  /** Null = at once, or never more. */
  readonly nextAttemptAt: number | null
  readonly createdAt: number
}

export interface DeliveryPage {
  /** The newest first. */
  readonly deliveries: readonly WebhookDelivery[]
  /** Where the next page begins; null = this is the last. */
  readonly next: string | null
}

interface Row {
  id: string
  event_id: string
  type: EventType
  url: string
  state: DeliveryState
  attempts: number
  last_status: number | null
  last_error: string | null
  last_attempt_at: Date | null
  next_attempt_at: Date | null
  created_at: Date
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What an account's addresses were told, page by page. @param cursor as the page before gave it; null = from the newest */
export async function listDeliveries(
  pool: Pool,
  accountId: string,
  { cursor, limit }: { cursor: string | null; limit: number },
): Promise<DeliveryPage> {
  if (cursor !== null && !UUID.test(cursor)) {
    throw new NotificationError('invalid_request', 'Expected a cursor that was given.', 'cursor')
  }
  const { rows } = await pool.query<Row>(
    `SELECT delivery.id, delivery.event_id, event.type, endpoint.url, delivery.state, delivery.attempts, delivery.last_status,
            delivery.last_error, delivery.last_attempt_at, delivery.next_attempt_at, delivery.created_at
     FROM webhook_delivery delivery JOIN notification_event event ON event.id = delivery.event_id
     JOIN webhook_endpoint endpoint ON endpoint.id = delivery.endpoint_id
     WHERE delivery.account_id = $1 AND ($2::uuid IS NULL OR delivery.id < $2) ORDER BY delivery.id DESC LIMIT $3`,
    [accountId, cursor, limit + 1],
  )
  const deliveries = rows.slice(0, limit).map(deliveryOf)
  return { deliveries, next: rows.length > limit ? (deliveries.at(-1)?.id ?? null) : null }
}

/**
 * Has a delivery tried anew, under the same `webhook-id`, with all of its tries.
 * @throws NotificationError `delivery_not_found`, also for somebody else's; `delivery_canceled`
 */
export async function resendDelivery(pool: Pool, accountId: string, deliveryId: string): Promise<void> {
  const notFound = new NotificationError('delivery_not_found', 'There is no such delivery.', 'id')
  if (!UUID.test(deliveryId)) throw notFound
  // One that is under way right now keeps its turn.
  const { rows } = await pool.query<{ state: DeliveryState }>(
    `UPDATE webhook_delivery SET attempts_left = $3, delivered_at = NULL,
       state = CASE state WHEN 'CANCELED' THEN state ELSE 'PENDING' END,
       next_attempt_at = NULL
     WHERE id = $1 AND account_id = $2 RETURNING state`,
    [deliveryId, accountId, ATTEMPTS_MAX],
  )
  if (!rows[0]) throw notFound
  if (rows[0].state === 'CANCELED') {
    throw new NotificationError('delivery_canceled', 'Its address was removed.', 'id')
  }
}

function deliveryOf(row: Row): WebhookDelivery {
  const { id, type, url, state, attempts, last_status: lastStatus, last_error: lastError } = row
  const timeOf = (date: Date | null) => date?.getTime() ?? null
  return {
    ...{ id, type, url, state, attempts, lastStatus, lastError, eventId: `evt_${row.event_id}` },
    ...{ lastAttemptAt: timeOf(row.last_attempt_at), nextAttemptAt: timeOf(row.next_attempt_at) },
    createdAt: row.created_at.getTime(),
  }
}
