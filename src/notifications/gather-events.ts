import type { Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { formatDecimalNano, NANO_PER_CENT } from '../money/nano.ts'
import { type EventType, type NewEvent, recordEvent } from './record-event.ts'

const DAY_MS = 86_400_000
/** What happened longer ago is not looked for: an outage of the jobs may last so long. */
const LOOKED_BACK_MS = 7 * DAY_MS
/** Found by one run; the next one takes the rest. */
const EVENTS_PER_RUN_MAX = 500

/** Only what happened while somebody wanted to be told of it. */
const LISTENING = `EXISTS (SELECT FROM webhook_endpoint endpoint WHERE endpoint.account_id = fact.account_id
  AND endpoint.removed_at IS NULL AND endpoint.created_at <= fact.occurred_at)`
const UNTOLD = `NOT EXISTS (SELECT FROM notification_event event WHERE event.account_id = fact.account_id
  AND event.type = fact.type AND event.source = fact.source)`

/**
 * Purchases of automatic top-up that ended, and notices of credits that expire. `$1` the earliest time, `$2` how many.
 * A lot's notices of one moment are one telling: the nearest, with the farther ones that it stands for.
 */
const FACTS = `
  WITH account AS MATERIALIZED (SELECT DISTINCT account_id FROM webhook_endpoint WHERE removed_at IS NULL),
  fact AS (
    SELECT o.account_id, CASE move.to_state WHEN 'PAID' THEN 'top_up.succeeded' ELSE 'top_up.failed' END AS type,
           o.id || ' ' || move.ordinal AS source, move.created_at AS occurred_at, o.currency, o.id AS subject_id, o.reference,
           o.total_minor::text AS amount, o.credit_nano::text AS credits, o.failure_code AS code, o.failure_message AS message,
           NULL::timestamptz AS expires_at, NULL::int AS days
    FROM account JOIN payment_order o USING (account_id) JOIN order_transition move ON move.order_id = o.id
    WHERE o.kind = 'AUTO_TOP_UP' AND move.to_state IN ('PAID', 'FAILED') AND move.created_at >= $1
    UNION ALL
    SELECT lot.account_id, 'credits.expiring', lot.id || ' ' || (extract(epoch FROM lot.expires_at) * 1000)::bigint || ' ' || min(notice.days_before),
           notice.created_at, wallet.currency, lot.id, NULL, NULL, (lot.remaining_nano - lot.held_nano - lot.frozen_nano)::text, NULL, NULL,
           lot.expires_at, min(notice.days_before)
    FROM account JOIN wallet USING (account_id) JOIN credit_lot lot USING (account_id) JOIN expiry_notice notice ON notice.lot_id = lot.id
    WHERE lot.open AND notice.created_at >= $1
    GROUP BY lot.id, wallet.currency, notice.created_at
  )
  SELECT * FROM fact WHERE ${LISTENING} AND ${UNTOLD} ORDER BY occurred_at, source LIMIT $2`

interface Fact {
  account_id: string
  type: Extract<EventType, 'top_up.succeeded' | 'top_up.failed' | 'credits.expiring'>
  source: string
  occurred_at: Date
  currency: string
  subject_id: string
  reference: string | null
  amount: string | null
  credits: string
  code: string | null
  message: string | null
  expires_at: Date | null
  days: number | null
}

/**
 * Finds what happened to accounts that have webhooks, and writes it down as events: from the facts themselves, so that
 * nothing which books money has to know of it, and nothing is lost that was booked.
 *
 * @returns the ids of webhook deliveries that were written
 */
export async function gatherEvents({ pool, clock }: { pool: Pool; clock: Clock }): Promise<string[]> {
  const since = new Date(clock.now() - LOOKED_BACK_MS)
  const { rows } = await pool.query<Fact>(FACTS, [since, EVENTS_PER_RUN_MAX])
  const written: string[] = []
  for (const fact of rows) {
    written.push(...(await inTransaction(pool, (client) => recordEvent(client, clock, eventOf(fact)))))
  }
  return written
}

function eventOf(fact: Fact): NewEvent {
  const { account_id: accountId, type, source, occurred_at: occurredAt } = fact
  return { accountId, type, source, occurredAt: occurredAt.getTime(), data: dataOf(fact) }
}

function dataOf(fact: Fact): Record<string, unknown> {
  const { currency, subject_id: id } = fact
  const credits = formatDecimalNano(BigInt(fact.credits))
  if (fact.type === 'credits.expiring') {
    return { lotId: id, amount: credits, currency, expiresAt: fact.expires_at?.toISOString(), daysBefore: fact.days }
  }
  const amount = formatDecimalNano(BigInt(fact.amount ?? 0) * NANO_PER_CENT)
  const order = { orderId: id, reference: fact.reference, amount, credits, currency }
  return fact.type === 'top_up.failed' ? { ...order, code: fact.code, reason: fact.message } : order
}
