import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { openOrder } from '../open-order.ts'
import { findOrders, type PaymentOrder } from '../order.ts'
import { taxOnOrder } from '../order-tax.ts'
import { planTopUp, type TopUpRefusal } from './plan-top-up.ts'
import { readTopUpSettings, type TopUpSettings } from './top-up-settings.ts'

export type OpenedTopUp =
  | { outcome: 'opened' | 'resumed'; order: PaymentOrder; settings: TopUpSettings }
  | { outcome: 'nothing'; reason: TopUpRefusal | 'under_way' }

/**
 * Opens the order of a due top-up in the caller's transaction, or finds the one that a crash left before its charge. The
 * settings' row is locked, so of many at once one decides after the other; the database allows one open top-up besides.
 */
export async function openTopUp(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  livemode: boolean,
): Promise<OpenedTopUp> {
  const settings = await readTopUpSettings(client, accountId, { lock: true })
  const [open] = await findOrders(
    client,
    `account_id = $1 AND kind = 'AUTO_TOP_UP' AND state IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION')`,
    [accountId],
  )
  if (open && settings) {
    const isCharged = open.paymentIntentId !== null || open.checkoutSessionId !== null
    return isCharged ? { outcome: 'nothing', reason: 'under_way' } : { outcome: 'resumed', order: open, settings }
  }
  const now = clock.now()
  const tax = settings ? await taxOnOrder(client, clock, { ...settings, netMinor: settings.amountMinor }) : null
  const chargeMinor = (settings?.amountMinor ?? 0n) + (tax?.taxMinor ?? 0n)
  const plan = planTopUp({ settings, ...(await readSituation(client, accountId, now)), chargeMinor, now })
  if (plan.do === 'nothing') {
    await noteNothing(client, accountId, plan.reason, plan.tryAgainAt, now)
    return { outcome: 'nothing', reason: plan.reason }
  }
  const { amountMinor, currency, paymentMethodId } = plan.settings
  const order = await openOrder(client, clock, {
    accountId,
    kind: 'AUTO_TOP_UP',
    state: 'AWAITING_PAYMENT',
    provider: 'STRIPE',
    livemode,
    packageId: null,
    planId: null,
    currency,
    netMinor: amountMinor,
    ...(tax ?? { taxMinor: 0n }),
    creditNano: amountMinor * NANO_PER_CENT,
    bonusNano: 0n,
    paymentMethodId,
    createdById: null,
    note: null,
    expiresAt: null,
    cause: 'balance under the threshold',
  })
  await client.query('UPDATE auto_top_up SET last_attempt_at = $2, updated_at = $2 WHERE account_id = $1', [
    accountId,
    new Date(now),
  ])
  return { outcome: 'opened', order, settings: plan.settings }
}

async function readSituation(client: ClientBase, accountId: string, now: number) {
  const { rows } = await client.query<{ top_up_due_at: Date | null; today: string; month: string }>(
    `SELECT top_up_due_at,
       (SELECT coalesce(sum(total_minor), 0) FROM payment_order
        WHERE account_id = $1 AND kind = 'AUTO_TOP_UP' AND state NOT IN ('EXPIRED', 'CANCELED', 'FAILED')
          AND created_at >= date_trunc('day', $2::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') AS today,
       (SELECT coalesce(sum(total_minor), 0) FROM payment_order
        WHERE account_id = $1 AND kind = 'AUTO_TOP_UP' AND state NOT IN ('EXPIRED', 'CANCELED', 'FAILED')
          AND created_at >= date_trunc('month', $2::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') AS month
     FROM wallet WHERE account_id = $1`,
    [accountId, new Date(now)],
  )
  const [row] = rows
  return {
    dueSince: row?.top_up_due_at?.getTime() ?? null,
    chargedTodayMinor: BigInt(row?.today ?? 0),
    chargedThisMonthMinor: BigInt(row?.month ?? 0),
  }
}

/** A cap is said once, and holds until its period ends; the sweeper does not ask again before. */
async function noteNothing(
  client: ClientBase,
  accountId: string,
  reason: TopUpRefusal,
  tryAgainAt: number | null,
  now: number,
): Promise<void> {
  if (reason !== 'daily_cap' && reason !== 'monthly_cap') return
  await client.query(
    'UPDATE auto_top_up SET last_result = $2, next_attempt_at = $3, updated_at = $4 WHERE account_id = $1',
    [accountId, reason, tryAgainAt === null ? null : new Date(tryAgainAt), new Date(now)],
  )
}
