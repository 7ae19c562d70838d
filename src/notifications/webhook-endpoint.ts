import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { seal } from '../lib/seal.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { NotificationError } from './notification-error.ts'
import { recordEvent } from './record-event.ts'
import { webhookUrlProblem } from './webhook-url.ts'

/** Of one account: each event is sent to all of them. */
export const ENDPOINTS_MAX = 5
/** 256 bits, as the hash has them. */
const SECRET_BYTES = 32

export interface WebhookDeps {
  pool: Pool
  clock: Clock
  /** What secrets are sealed under. */
  secret: string
  isSandbox: boolean
}

export interface WebhookEndpoint {
  readonly id: string
  readonly url: string
  /** In milliseconds since the epoch. */
  readonly createdAt: number
}

const notFound = () => new NotificationError('endpoint_not_found', 'There is no such endpoint.', 'id')
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function listEndpoints(
  { pool }: Pick<WebhookDeps, 'pool'>,
  accountId: string,
): Promise<WebhookEndpoint[]> {
  const { rows } = await pool.query<{ id: string; url: string; created_at: Date }>(
    'SELECT id, url, created_at FROM webhook_endpoint WHERE account_id = $1 AND removed_at IS NULL ORDER BY id',
    [accountId],
  )
  return rows.map(({ id, url, created_at: createdAt }) => ({ id, url, createdAt: createdAt.getTime() }))
}

/**
 * Has an address told of events from now on.
 * @returns its secret, shown this once, as `standardwebhooks` takes it
 * @throws NotificationError `invalid_request`, `too_many_endpoints`, `endpoint_known`
 */
export async function addEndpoint(
  { pool, clock, secret: sealingSecret, isSandbox }: WebhookDeps,
  { accountId, url: given, userId }: { accountId: string; url: string; userId: string },
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const text = given.trim()
  const problem = webhookUrlProblem(text, isSandbox)
  if (problem !== null) throw new NotificationError('invalid_request', problem, 'url')
  const url = new URL(text).href
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
  const id = uuidV7(clock)
  const now = clock.now()
  await inTransaction(pool, async (client) => {
    // Two at once must not both find the last free place.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('webhook_endpoint ' || $1, 0))`, [accountId])
    const { rows } = await client.query<{ url: string }>(
      'SELECT url FROM webhook_endpoint WHERE account_id = $1 AND removed_at IS NULL',
      [accountId],
    )
    if (rows.some((row) => row.url === url)) {
      throw new NotificationError('endpoint_known', 'This address is told already.', 'url')
    }
    if (rows.length >= ENDPOINTS_MAX) {
      throw new NotificationError('too_many_endpoints', `At most ${ENDPOINTS_MAX} addresses; remove one first.`, 'url')
    }
    await client.query(
      `INSERT INTO webhook_endpoint (id, account_id, url, secret_sealed, created_by_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, accountId, url, seal(sealingSecret, secret), userId, new Date(now)],
    )
  })
  return { endpoint: { id, url, createdAt: now }, secret }
}

/**
 * Tells an address nothing more; what was on its way there is canceled.
 * @throws NotificationError `endpoint_not_found`, also for somebody else's
 */
export async function removeEndpoint(
  { pool, clock }: Pick<WebhookDeps, 'pool' | 'clock'>,
  accountId: string,
  endpointId: string,
): Promise<void> {
  if (!UUID.test(endpointId)) throw notFound()
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      'UPDATE webhook_endpoint SET removed_at = $3 WHERE id = $1 AND account_id = $2 AND removed_at IS NULL',
      [endpointId, accountId, new Date(clock.now())],
    )
    if (rowCount === 0) throw notFound()
    await client.query(
      `UPDATE webhook_delivery SET state = 'CANCELED', next_attempt_at = NULL WHERE endpoint_id = $1 AND state = 'PENDING'`,
      [endpointId],
    )
  })
}

/**
 * Sends an endpoint something to try it with.
 * @returns the delivery's id
 * @throws NotificationError `endpoint_not_found`, also for somebody else's
 */
export async function sendTest(
  { pool, clock }: Pick<WebhookDeps, 'pool' | 'clock'>,
  accountId: string,
  endpointId: string,
): Promise<string> {
  if (!UUID.test(endpointId)) throw notFound()
  const test = { accountId, type: 'webhook.test', data: { message: 'It works.' }, endpointId } as const
  const [deliveryId] = await inTransaction(pool, (client) =>
    recordEvent(client, clock, { ...test, source: uuidV7(clock), occurredAt: clock.now() }),
  )
  if (deliveryId === undefined) throw notFound()
  return deliveryId
}
