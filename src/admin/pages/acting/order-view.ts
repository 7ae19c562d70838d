import { OFFICE_SENTENCES } from '../../../back-office/office-error.ts'
import { orderTrail } from '../../../back-office/order-trail.ts'
import { orderWithin } from '../../../back-office/order-within.ts'
import { printedReference } from '../../../orders/creditor-reference.ts'
import { findDisputes } from '../../../orders/disputes/dispute.ts'
import { mayMove, wasPaid } from '../../../orders/order-state.ts'
import { planRefund } from '../../../orders/refunds/plan-refund.ts'
import { findRefunds } from '../../../orders/refunds/refund.ts'
import { refundable } from '../../../orders/refunds/refundable.ts'
import type { View } from './acting.ts'
import { inMoney } from './in-money.ts'
import { settlementChoices } from './settlement-words.ts'
import { soldByOperator, whyNotApprove, whyRoleNot } from './why-not.ts'
import { readWrittenAmount } from './written-amount.ts'

/** An order with everything that happened to it, what can be done now, and by whom not. */
export const order: View = {
  may: 'look',
  async read({ pool, clock, fourEyesLimitMinor }, actor, { id = '' }) {
    const trail = await orderTrail(pool, actor, id)
    const { order, receipts } = trail
    const isSoldByOperator = (await soldByOperator(pool, actor, [order.accountId])).has(order.accountId)
    const isManual = order.kind === 'MANUAL'
    const isOpen = isManual && (order.state === 'AWAITING_PAYMENT' || order.state === 'EXPIRED')
    const most = wasPaid(order.state) ? await refundable({ pool, clock }, order.id) : null
    const seller = isSoldByOperator ? OFFICE_SENTENCES.operator_sells : null
    return {
      ...trail,
      people: Object.fromEntries(trail.people),
      printedReference: printedReference(order.reference),
      choices: isOpen ? settlementChoices(order) : [],
      refundable: most,
      // What does not stand here cannot be done to the order as it is; null = this reader may do it.
      whyNot: {
        ...(isOpen && { receive: whyRoleNot(actor, 'record receipts') ?? seller }),
        ...(isOpen &&
          order.receivedMinor > 0n && {
            approve: whyNotApprove(actor, order, receipts, { limitMinor: fourEyesLimitMinor, isSoldByOperator }),
          }),
        ...(isManual && mayMove(order.state, 'CANCELED') && { cancel: whyRoleNot(actor, 'cancel orders') ?? seller }),
        ...(most && most.totalMinor > 0n && { refund: whyRoleNot(actor, 'refund orders') }),
        settle: whyRoleNot(actor, 'refund orders'),
      },
    }
  },
}

/** What a refund of so much would take back. */
export const refundPreview: View = {
  may: 'refund orders',
  async read({ pool, clock }, actor, { id = '', amount = '' }) {
    const order = await orderWithin(pool, actor, id)
    const most = await refundable({ pool, clock }, order.id)
    const written = readWrittenAmount(amount, 2, order.currency)
    if (!written.ok) return { problem: amount.trim() === '' ? null : written.problem }
    if (written.units === 0n) return { problem: 'Enter an amount above zero.' }
    if (written.units > most.totalMinor) {
      return { problem: `At most ${inMoney(most.totalMinor, order.currency)} of this order can be refunded now.` }
    }
    const claims = {
      refunds: await findRefunds(pool, 'order_id = $1', [order.id]),
      disputes: await findDisputes(pool, 'order_id = $1', [order.id]),
    }
    return { problem: null, plan: planRefund(order, claims, written.units, most.bonusNano), currency: order.currency }
  },
}
