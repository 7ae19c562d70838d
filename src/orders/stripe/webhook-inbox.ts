import type { ClientBase, Pool } from 'pg'
import type Stripe from 'stripe'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { askAboutProfile, type VatRegister } from '../../invoicing/ask-vat-register.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Nudge } from '../../lib/nudge.ts'
import type { Witness } from '../../lib/witness.ts'
import { applyEvent, askBackground } from './apply-event.ts'
import type { Applied } from './apply-payment.ts'
import { type EventContent, readEvent } from './read-event.ts'
import type { StripeAccount } from './stripe-client.ts'
import { type SignatureFault, verifySignature } from './verify-signature.ts'

export interface InboxDeps {
  pool: Pool
  clock: Clock
  stripe: StripeAccount
  logger: Logger
  nudge: Nudge
  /** Asked about a VAT id that was given at the payment page; null = the online check is off. */
  vatRegister: VatRegister | null
  /** Counts what became of each event. */
  count: (outcome: InboxOutcome) => void
}

export type InboxOutcome = 'applied' | 'repeated' | 'ignored' | 'refused' | 'failed' | SignatureFault

export type Received =
  /** Not believed, and nothing of it is kept. */
  { outcome: 'not_believed'; reason: SignatureFault } | { outcome: Applied['result']; reason: string | null }

/**
 * Takes a webhook in: checks who signed it, applies it and remembers it, in one transaction. An event is remembered as
 * done only together with what it did; whatever fails leaves it to be sent again.
 * @throws whatever kept it from being applied; then the sender must be answered with a failure
 */
export async function receiveWebhook(deps: InboxDeps, body: Buffer, signature: string | undefined): Promise<Received> {
  const { clock, stripe, logger, count } = deps
  const verified = verifySignature(stripe, body, signature, clock.now())
  if (!verified.ok) {
    logger.warn({ reason: verified.reason }, 'a webhook was not believed')
    count(verified.reason)
    return { outcome: 'not_believed', reason: verified.reason }
  }
  const { event } = verified
  try {
    const applied = await applyOnce(deps, event)
    count(applied.result)
    if (applied.nudged) deps.nudge(applied.nudged)
    if (applied.result === 'refused') {
      logger.error({ event: event.id, type: event.type, ...applied }, 'a signed event does not fit its order')
    }
    return { outcome: applied.result, reason: applied.reason }
  } catch (error) {
    count('failed')
    logger.error({ err: error, event: event.id, type: event.type }, 'a webhook could not be applied')
    await rememberFailure(deps, event, error).catch((failure: unknown) =>
      logger.error({ err: failure, event: event.id }, 'a failed webhook could not be remembered'),
    )
    throw error
  }
}

/** Applies an event that is known to be Stripe's own, unless it was applied before. */
export async function applyOnce(
  deps: Pick<InboxDeps, 'pool' | 'clock' | 'stripe' | 'vatRegister'>,
  event: Stripe.Event,
  witness?: Witness<Applied>,
): Promise<Applied> {
  const { pool, clock, stripe } = deps
  const known = await doneBefore(pool, event.id)
  if (known) return known
  if (event.livemode !== stripe.livemode) {
    const refused: Applied = { result: 'refused', reason: 'livemode_mismatch', orderId: null }
    await inTransaction(pool, async (client) => {
      await remember(client, clock, event, refused)
      await witness?.(client, { before: null, after: refused })
    })
    return refused
  }
  const content = readEvent(event)
  const background = await askBackground(stripe.api, content)
  // Before the transaction that writes the invoice, which then has the answer.
  if (content.kind === 'payment' && content.fact.outcome === 'paid') await askAboutProfile(deps, content.fact.buyer)
  const expected = expectedOf(content)
  return inTransaction(pool, async (client) => {
    // Remembered first, before any wallet is locked. Of two deliveries at once, the second waits here for the first one's row.
    const isNew = await upsert(client, clock, event, STATE_OF[expected.result], expected.reason, expected.orderId)
    if (!isNew) return (await doneBefore(client, event.id)) as Applied
    const applied = await applyEvent(client, clock, content, background, {
      cause: `${event.type} ${event.id}`,
      actorId: null,
    })
    if (!isSameMemory(applied, expected)) await correct(client, event, applied)
    await witness?.(client, { before: null, after: applied })
    return applied
  })
}

/** What nearly always becomes of an event; it is corrected where it does not. */
function expectedOf(content: EventContent): Applied {
  const orderId = content.kind === 'payment' ? (orderIdSchema.safeParse(content.fact.orderId).data ?? null) : null
  return { result: 'applied', reason: null, orderId }
}

const orderIdSchema = z.uuid()

function isSameMemory(left: Applied, right: Applied): boolean {
  return (
    STATE_OF[left.result] === STATE_OF[right.result] && left.reason === right.reason && left.orderId === right.orderId
  )
}

/** Null for an event that is new or has failed so far. */
async function doneBefore(client: ClientBase | Pool, eventId: string): Promise<Applied | null> {
  const { rows } = await client.query<{ state: string; reason: string | null; order_id: string | null }>(
    `SELECT state, reason, order_id FROM webhook_event WHERE id = $1 AND state <> 'FAILED'`,
    [eventId],
  )
  const [row] = rows
  if (!row) return null
  // What was refused stays refused, and says so again.
  const result = row.state === 'REFUSED' ? 'refused' : 'repeated'
  return { result, reason: row.reason, orderId: row.order_id }
}

const STATE_OF = { applied: 'PROCESSED', repeated: 'PROCESSED', ignored: 'IGNORED', refused: 'REFUSED' } as const

const UPSERT = `
  INSERT INTO webhook_event (id, provider, type, livemode, state, reason, order_id, payload, attempts, occurred_at, received_at, processed_at)
  VALUES ($1, 'STRIPE', $2, $3, $4::webhook_state, $5, $6, $7, 1, to_timestamp($8::float8), $9, CASE WHEN $4 <> 'FAILED' THEN $9::timestamptz END)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, order_id = excluded.order_id,
    attempts = webhook_event.attempts + 1, processed_at = excluded.processed_at
  WHERE webhook_event.state = 'FAILED'`

async function remember(client: ClientBase, clock: Clock, event: Stripe.Event, applied: Applied): Promise<void> {
  await upsert(client, clock, event, STATE_OF[applied.result], applied.reason, applied.orderId)
}

async function correct(client: ClientBase, event: Stripe.Event, { result, reason, orderId }: Applied): Promise<void> {
  await client.query('UPDATE webhook_event SET state = $2, reason = $3, order_id = $4 WHERE id = $1', [
    ...[event.id, STATE_OF[result], reason, orderId],
  ])
}

/** How much of an error is kept; its details are in the log. */
const REASON_LENGTH_MAX = 500

/** Keeps that an event could not be applied, so that it is seen and tried again. */
export async function rememberFailure(
  { pool, clock }: Pick<InboxDeps, 'pool' | 'clock'>,
  event: Stripe.Event,
  error: unknown,
): Promise<void> {
  const reason = String(error instanceof Error ? error.message : error).slice(0, REASON_LENGTH_MAX)
  await upsert(pool, clock, event, 'FAILED', reason, null)
}

/** Returns false, and changes nothing, where the event was remembered as done before. */
async function upsert(
  client: ClientBase | Pool,
  clock: Clock,
  event: Stripe.Event,
  state: string,
  reason: string | null,
  orderId: string | null,
): Promise<boolean> {
  const { rowCount } = await client.query(UPSERT, [
    ...[event.id, event.type, event.livemode, state, reason, orderId],
    ...[JSON.stringify(event), event.created, new Date(clock.now())],
  ])
  return rowCount === 1
}
