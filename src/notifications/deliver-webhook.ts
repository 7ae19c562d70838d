import type { Pool } from 'pg'
import { Webhook } from 'standardwebhooks'
import { request } from 'undici'
import type { Clock } from '../lib/clock.ts'
import { open } from '../lib/seal.ts'
import { NotPublic, type PublicAgent } from './public-agent.ts'
import { ATTEMPTS_MAX } from './record-event.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
/** The wait after each failure; after the last try it is given up. As Standard Webhooks advises. */
const RETRY_DELAYS_MS = [
  ...[5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS],
  ...[2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 10 * HOUR_MS],
]
/** A receiver acknowledges and works later: one that takes longer would keep others waiting. */
const ANSWER_TIMEOUT_MS = 10 * SECOND_MS
/** A try that says nothing for so long has died with its process, and another one may begin. */
const TRY_LEASE_MS = MINUTE_MS
/** Of an answer nothing is kept; this much is read, so that the connection can be used again. */
const ANSWER_BYTES_MAX = 16_384
const ERROR_LENGTH_MAX = 200

export interface DeliveryDeps {
  pool: Pool
  clock: Clock
  /** Opens the endpoints' secrets. */
  secret: string
  agent: PublicAgent
}

interface Taken {
  url: string
  secret_sealed: Buffer
  event_id: string
  type: string
  data: Record<string, unknown>
  occurred_at: Date
  attempts: number
  attempts_left: number
}

/**
 * Makes one try of one delivery, if it is its turn. Safe to run twice, also at once: a try is taken by a change of its row,
 * which also says when the next one may begin. The connection to the database is not kept while the receiver thinks.
 *
 * ```
 * PENDING ──2xx──▶ DELIVERED ──resend──▶ PENDING
 *    │ └──eight tries in vain──▶ FAILED ──resend──▶ PENDING
 *    └──endpoint removed──▶ CANCELED
 * ```
 *
 * A receiver may be told twice, under the same `webhook-id`, by which it can tell.
 */
export async function deliverWebhook(deps: DeliveryDeps, deliveryId: string): Promise<void> {
  const taken = await takeTry(deps, deliveryId)
  if (!taken) return
  const outcome = await send(deps, taken)
  const now = deps.clock.now()
  const isLast = taken.attempts_left === 0
  const delayMs = RETRY_DELAYS_MS[ATTEMPTS_MAX - 1 - taken.attempts_left] ?? 0
  const state = outcome.isDone ? 'DELIVERED' : isLast ? 'FAILED' : 'PENDING'
  // Its own try alone: one that was given up for dead and still ends says nothing any more.
  await deps.pool.query(
    `UPDATE webhook_delivery SET state = $3, last_status = $4, last_error = $5, next_attempt_at = $6, delivered_at = $7
     WHERE id = $1 AND attempts = $2 AND state = 'PENDING'`,
    [
      ...[deliveryId, taken.attempts, state, outcome.status, outcome.error],
      ...[state === 'PENDING' ? new Date(now + delayMs) : null, outcome.isDone ? new Date(now) : null],
    ],
  )
}

/** Deliveries whose turn it is, the oldest first. */
export async function dueDeliveries(
  { pool, clock }: Pick<DeliveryDeps, 'pool' | 'clock'>,
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM webhook_delivery WHERE state = 'PENDING' AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
     ORDER BY created_at, id LIMIT $2`,
    [new Date(clock.now()), limit],
  )
  return rows.map(({ id }) => id)
}

async function takeTry({ pool, clock }: DeliveryDeps, deliveryId: string): Promise<Taken | null> {
  const now = clock.now()
  const { rows } = await pool.query<Taken>(
    `UPDATE webhook_delivery delivery SET attempts = attempts + 1, attempts_left = attempts_left - 1, last_attempt_at = $2, next_attempt_at = $3
     FROM webhook_endpoint endpoint, notification_event event
     WHERE delivery.id = $1 AND delivery.state = 'PENDING' AND delivery.attempts_left > 0
       AND (delivery.next_attempt_at IS NULL OR delivery.next_attempt_at <= $2)
       AND endpoint.id = delivery.endpoint_id AND endpoint.removed_at IS NULL AND event.id = delivery.event_id
     RETURNING endpoint.url, endpoint.secret_sealed, event.id AS event_id, event.type, event.data, event.occurred_at,
               delivery.attempts, delivery.attempts_left`,
    [deliveryId, new Date(now), new Date(now + TRY_LEASE_MS)],
  )
  return rows[0] ?? null
}

interface Outcome {
  isDone: boolean
  /** Null = there was no answer. */
  status: number | null
  error: string | null
}

async function send({ clock, secret, agent }: DeliveryDeps, taken: Taken): Promise<Outcome> {
  const id = `evt_${taken.event_id}`
  const body = JSON.stringify({ id, type: taken.type, timestamp: taken.occurred_at.toISOString(), data: taken.data })
  const at = new Date(clock.now())
  const signature = new Webhook(open(secret, taken.secret_sealed)).sign(id, at, body)
  try {
    const url = new URL(taken.url)
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Farebox-Webhooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / SECOND_MS)),
        'webhook-signature': signature,
      },
      body,
      dispatcher: agent.agentFor(url),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    // How it ends does not matter: the status has said it.
    await answer.body.dump({ limit: ANSWER_BYTES_MAX }).catch(() => undefined)
    const { statusCode: status } = answer
    if (status >= 200 && status < 300) return { isDone: true, status, error: null }
    return { isDone: false, status, error: `The receiver answered ${status}.` }
  } catch (error) {
    return { isDone: false, status: null, error: reasonOf(error) }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens at this address.',
  ENOTFOUND: 'The name of the address is not known.',
  EAI_AGAIN: 'The name of the address could not be looked up.',
  ECONNRESET: 'The receiver closed the connection.',
  UND_ERR_SOCKET: 'The receiver closed the connection.',
  UND_ERR_CONNECT_TIMEOUT: 'The receiver could not be reached in time.',
}

/** In words for the customer. */
function reasonOf(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string }
  if (error instanceof NotPublic) return message
  if (name === 'TimeoutError') return `The receiver did not answer within ${ANSWER_TIMEOUT_MS / SECOND_MS} seconds.`
  return REASONS[code ?? ''] ?? `It could not be sent: ${message}`.slice(0, ERROR_LENGTH_MAX)
}
