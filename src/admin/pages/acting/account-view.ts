import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import { may } from '../../../accounts/permissions.ts'
import { accountOverview } from '../../../back-office/account-overview.ts'
import { listAdjustments } from '../../../back-office/adjust.ts'
import { namesOf } from '../../../back-office/order-trail.ts'
import { resellerCustomers } from '../../../back-office/reseller-customers.ts'
import { isOwnAccount } from '../../../back-office/scope.ts'
import { readTopUpSettings } from '../../../orders/top-up/top-up-settings.ts'
import type { View } from './acting.ts'
import { openInvitations } from './invitations.ts'
import { usageByDay } from './usage-by-day.ts'

const ENTRIES_SHOWN_MAX = 20
const ADJUSTMENTS_SHOWN_MAX = 10

/** An account with all that belongs to it, and what its reader may do. */
export const account: View = {
  may: 'look',
  async read({ pool, clock, isSandbox }, actor, { id = '' }) {
    const overview = await accountOverview(pool, clock, actor, id)
    const { account: facts, wallet } = overview
    const adjustments = (await listAdjustments({ pool }, actor, { accountId: facts.id })).slice(
      0,
      ADJUSTMENTS_SHOWN_MAX,
    )
    const isReseller = facts.kind === 'RESELLER'
    return {
      ...overview,
      adjustments,
      entries: await latestEntries(pool, facts.id),
      topUp: await readTopUpSettings(pool, facts.id),
      usage: await usageByDay(pool, clock, facts),
      invitations: await openInvitations(pool, clock, facts.id),
      reseller: isReseller ? await resellerCustomers(pool, clock, actor, facts.id) : null,
      plans: await plans(pool),
      people: Object.fromEntries(
        await namesOf(
          pool,
          adjustments.flatMap(({ createdById, decidedById }) => [createdById, decidedById]),
        ),
      ),
      currency: wallet.currency,
      can: abilities(actor, facts.id, isSandbox),
    }
  },
}

/** What the page offers. The use cases decide once more. */
function abilities(actor: Actor, accountId: string, isSandbox: boolean) {
  const isOwn = isOwnAccount(actor, accountId)
  return {
    order: may(actor, 'create manual orders'),
    adjust: may(actor, 'adjust credits') && !isOwn,
    rename: may(actor, 'change accounts'),
    change: may(actor, 'change accounts') && !isOwn,
    development: may(actor, 'change accounts') && !isOwn && isSandbox,
    people: may(actor, 'invite people'),
    notes: may(actor, 'write notes'),
  }
}

async function latestEntries(pool: Pool, accountId: string) {
  const { rows } = await pool.query(
    `SELECT seq, kind, source_id AS "sourceId", amount_nano AS "amountNano", balance_after_nano AS "balanceAfterNano",
            reason, created_at AS "createdAt"
     FROM ledger_entry WHERE account_id = $1 ORDER BY seq DESC LIMIT ${ENTRIES_SHOWN_MAX}`,
    [accountId],
  )
  return rows
}

async function plans(pool: Pool): Promise<{ id: string; name: string }[]> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM plan ORDER BY rank, name LIMIT 200',
  )
  return rows
}
