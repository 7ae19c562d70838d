import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import type { Adjustment } from '../../../adjustments/adjustment.ts'
import { listAdjustments } from '../../../back-office/adjust.ts'
import { OFFICE_SENTENCES } from '../../../back-office/office-error.ts'
import { namesOf } from '../../../back-office/order-trail.ts'
import { findReceipts } from '../../../orders/manual/bank-receipt.ts'
import { findOrders } from '../../../orders/order.ts'
import { findRefunds } from '../../../orders/refunds/refund.ts'
import { accountNames } from './account-names.ts'
import type { View } from './acting.ts'
import { settlementChoices } from './settlement-words.ts'
import { soldByOperator, whyNotApprove, whyRoleNot } from './why-not.ts'

/** Who has more to decide begins with the oldest. */
const SHOWN_MAX = 100
const WITHIN = `($1::uuid IS NULL OR account_id IN (SELECT id FROM account WHERE id = $1 OR reseller_id = $1))`
const OWN = 'You have asked for this: somebody else has to decide.'

/** Everything that waits for somebody's decision: money that arrived, adjustments above the limit, transfers to be made. */
export const approvals: View = {
  may: 'look',
  async read({ pool, fourEyesLimitMinor }, actor) {
    const orders = await findOrders(
      pool,
      `kind = 'MANUAL' AND state IN ('AWAITING_PAYMENT', 'EXPIRED') AND received_minor > 0 AND ${WITHIN}
       ORDER BY created_at, id LIMIT ${SHOWN_MAX}`,
      [actor.resellerId],
    )
    const adjustments = await listAdjustments({ pool }, actor, { state: 'PENDING' })
    const refunds = await findRefunds(
      pool,
      `provider = 'BANK' AND state = 'PENDING' AND ${WITHIN} ORDER BY created_at, id LIMIT ${SHOWN_MAX}`,
      [actor.resellerId],
    )
    const receipts = await findReceipts(pool, 'order_id = ANY ($1::uuid[])', [orders.map(({ id }) => id)])
    const sold = await soldByOperator(
      pool,
      actor,
      orders.map(({ accountId }) => accountId),
    )
    return {
      orders: orders.map((order) => {
        const own = receipts.filter(({ orderId }) => orderId === order.id)
        const known = { limitMinor: fourEyesLimitMinor, isSoldByOperator: sold.has(order.accountId) }
        return {
          order,
          receipts: own,
          choices: settlementChoices(order),
          whyNot: whyNotApprove(actor, order, own, known),
          whyNotCancel:
            whyRoleNot(actor, 'cancel orders') ?? (known.isSoldByOperator ? OFFICE_SENTENCES.operator_sells : null),
        }
      }),
      adjustments: adjustments.map((adjustment) => ({ adjustment, whyNot: whyNotDecide(actor, adjustment) })),
      refunds: refunds.map((refund) => ({ refund, whyNot: whyRoleNot(actor, 'refund orders') })),
      limitMinor: fourEyesLimitMinor,
      ...(await namesIn(
        pool,
        [...orders, ...adjustments, ...refunds],
        [
          ...[...orders, ...adjustments].map(({ createdById }) => createdById),
          ...receipts.map(({ recordedById }) => recordedById),
          ...refunds.map(({ actorId }) => actorId),
        ],
      )),
    }
  },
}

/** Why somebody cannot decide about an adjustment; null = they can. */
export function whyNotDecide(actor: Actor, { createdById }: Adjustment): string | null {
  return whyRoleNot(actor, 'approve adjustments') ?? (createdById === actor.userId ? OWN : null)
}

async function namesIn(pool: Pool, rows: readonly { accountId: string }[], userIds: readonly (string | null)[]) {
  return {
    accounts: await accountNames(
      pool,
      rows.map(({ accountId }) => accountId),
    ),
    people: Object.fromEntries(await namesOf(pool, userIds)),
  }
}
