import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

export const EVENT_TYPES = [
  'credits.low_balance',
  'credits.expiring',
  'top_up.failed',
  'top_up.succeeded',
  'webhook.test',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Tries of one delivery: some 30 hours, so that an outage of a night, or of a day, is outlived. */
export const ATTEMPTS_MAX = 8

export interface NewEvent {
  readonly accountId: string
  readonly type: EventType
  /** The fact that it tells of: the same one becomes one event, however often it is found. */
  readonly source: string
  /** What the receiver is told. Amounts are decimal strings in the account's currency. */
  readonly data: Readonly<Record<string, unknown>>
  /** In milliseconds since the epoch. */
  readonly occurredAt: number
  /** To this endpoint alone; else to all that stood when it happened. */
  readonly endpointId?: string
}

/**
 * Writes an event with its deliveries in the caller's transaction, once; a job sends them. Where nobody is to be told,
 * nothing is written.
 * @returns the ids of the deliveries written
 */
export async function recordEvent(client: ClientBase, clock: Clock, event: NewEvent): Promise<string[]> {
  const { accountId, type, source, data, endpointId = null } = event
  const [occurredAt, now] = [new Date(event.occurredAt), new Date(clock.now())]
  // Locked, so that none is removed meanwhile: its deliveries are canceled with it.
  const { rows: endpoints } = await client.query<{ id: string }>(
    `SELECT id FROM webhook_endpoint WHERE account_id = $1 AND removed_at IS NULL AND created_at <= $2
       AND ($3::uuid IS NULL OR id = $3) ORDER BY id FOR SHARE`,
    [accountId, occurredAt, endpointId],
  )
  if (endpoints.length === 0) return []
  const id = uuidV7(clock)
  const { rowCount } = await client.query(
    `INSERT INTO notification_event (id, account_id, type, source, data, occurred_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, type, source) DO NOTHING`,
    [id, accountId, type, source, JSON.stringify(data), occurredAt, now],
  )
  if (rowCount === 0) return []
  const deliveries = endpoints.map((endpoint) => ({ id: uuidV7(clock), endpointId: endpoint.id }))
  await client.query(
    `INSERT INTO webhook_delivery (id, account_id, endpoint_id, event_id, state, attempts_left, created_at)
     SELECT delivery.id, $3, delivery.endpoint_id, $4, 'PENDING', $5, $6
     FROM unnest($1::uuid[], $2::uuid[]) AS delivery (id, endpoint_id)`,
    [deliveries.map((one) => one.id), deliveries.map((one) => one.endpointId), accountId, id, ATTEMPTS_MAX, now],
  )
  return deliveries.map((one) => one.id)
}
