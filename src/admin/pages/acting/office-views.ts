import { listStaff } from '../../../back-office/staff.ts'
import { SHIPPED_TAX_RATES } from '../../../invoicing/tax/tax-rates.ts'
import { readTaxRates } from '../../../invoicing/tax-of-sale.ts'
import type { View } from './acting.ts'
import { openInvitations } from './invitations.ts'

const CODES_SHOWN_MAX = 200
const EVENTS_SHOWN_MAX = 100
const RATES_SHOWN_MAX = 200
const DISPUTES_SHOWN_MAX = 200

/** The operator's people, and who is invited to be one. */
export const staff: View = {
  may: 'manage staff',
  async read(deps, actor) {
    return {
      people: await listStaff(deps, actor),
      invitations: await openInvitations(deps.pool, deps.clock, null),
      ownId: actor.userId,
    }
  },
}

/** Codes without what redeems them. */
export const codes: View = {
  may: 'make codes',
  async read({ pool, currency }) {
    const { rows } = await pool.query(
      `SELECT code.id, code.hint, code.currency, code.amount_nano AS "amountNano", code.credit_days AS "creditDays",
              code.expires_at AS "expiresAt", code.note, code.created_at AS "createdAt", code.disabled_at AS "disabledAt",
              code.redeemed_at AS "redeemedAt", code.redeemed_by_account_id AS "redeemedById", redeemer.name AS "redeemedBy"
       FROM redemption_code code LEFT JOIN account redeemer ON redeemer.id = code.redeemed_by_account_id
       ORDER BY code.id DESC LIMIT ${CODES_SHOWN_MAX}`,
    )
    return { codes: rows, currency }
  },
}

/** What the payment provider has told, and what became of it; those that failed first. */
export const webhooks: View = {
  may: 'look at webhooks',
  async read({ pool }) {
    const { rows } = await pool.query(
      `SELECT id, type, state, reason, order_id AS "orderId", livemode, attempts, occurred_at AS "occurredAt",
              received_at AS "receivedAt", processed_at AS "processedAt"
       FROM webhook_event ORDER BY (state = 'FAILED') DESC, received_at DESC, id LIMIT ${EVENTS_SHOWN_MAX}`,
    )
    return { events: rows }
  },
}

/** The rates that the operator has added, and those that came with the program. */
export const taxRates: View = {
  may: 'change tax rates',
  async read({ pool, currency }) {
    const added = await readTaxRates(pool)
    const { rows: exchangeRates } = await pool.query(
      `SELECT id, from_currency AS "from", to_currency AS "to", to_char(effective_on, 'YYYY-MM-DD') AS date, rate::text, source
       FROM exchange_rate ORDER BY effective_on DESC, created_at DESC, id DESC LIMIT ${RATES_SHOWN_MAX}`,
    )
    const byDay = (left: { from: string }, right: { from: string }) => right.from.localeCompare(left.from)
    return { added: [...added].sort(byDay), shipped: SHIPPED_TAX_RATES, exchangeRates, currency }
  },
}

/** Payments that their payers contest, those that are open first. */
export const disputes: View = {
  may: 'look',
  async read({ pool }, actor) {
    const { rows } = await pool.query(
      `SELECT dispute.id, dispute.order_id AS "orderId", dispute.account_id AS "accountId", account.name AS "accountName",
              dispute.provider_dispute_id AS "providerDisputeId", dispute.state, dispute.currency,
              dispute.amount_minor AS "amountMinor", dispute.reason, dispute.frozen_nano AS "frozenNano",
              dispute.frozen_bonus_nano AS "frozenBonusNano", dispute.clawed_back_nano AS "clawedBackNano",
              dispute.opened_at AS "openedAt", dispute.closed_at AS "closedAt", payment_order.reference
       FROM dispute JOIN account ON account.id = dispute.account_id JOIN payment_order ON payment_order.id = dispute.order_id
       WHERE $1::uuid IS NULL OR account.id = $1 OR account.reseller_id = $1
       ORDER BY dispute.closed_at IS NOT NULL, dispute.opened_at DESC, dispute.id LIMIT ${DISPUTES_SHOWN_MAX}`,
      [actor.resellerId],
    )
    return { disputes: rows }
  },
}

/** How this Farebox is set up. Nothing of it is changed here: it is in the environment of its processes. */
export const settings: View = {
  may: 'change settings',
  async read({ currency, isSandbox, publicUrl, redisUrl, fourEyesLimitMinor, desk }) {
    const { limits, vatRegister, stripe } = desk
    return {
      ...{ currency, isSandbox, publicUrl, fourEyesLimitMinor, limits },
      paymentsAreLive: stripe.livemode,
      queues: redisUrl === null ? 'PostgreSQL' : 'Redis',
      vatIdsAreChecked: vatRegister !== null,
    }
  },
}
