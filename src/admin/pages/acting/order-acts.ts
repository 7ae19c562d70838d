import { z } from 'zod'
import {
  approveOrderFor,
  cancelOrderFor,
  createOrderFor,
  recordReceiptFor,
} from '../../../back-office/manual-orders.ts'
import { namesOf } from '../../../back-office/order-trail.ts'
import { orderWithin } from '../../../back-office/order-within.ts'
import { cancelBankRefundFor, requestRefundFor, settleBankRefundFor } from '../../../back-office/refund-orders.ts'
import { accountWithin } from '../../../back-office/scope.ts'
import { SETTLEMENTS } from '../../../orders/manual/settle.ts'
import { OrderError } from '../../../orders/order-error.ts'
import { listPackages } from '../../../orders/packages.ts'
import type { Act } from './acting.ts'
import {
  day,
  flag,
  formKey,
  neededText,
  readForm,
  rowId,
  rowIdOrNone,
  text,
  wholeNumber,
  writtenMinor,
  writtenMinorOrNone,
  writtenNanoOrNone,
} from './form.ts'
import { inMoney, nanoInMoney } from './in-money.ts'
import { currencyOf } from './new-order-view.ts'

const DUE_DAYS_MAX = 365

const newOrder = z.strictObject({
  accountId: rowId,
  packageId: rowIdOrNone,
  netMinor: writtenMinorOrNone,
  creditNano: writtenNanoOrNone,
  bonusNano: writtenNanoOrNone,
  taxMinor: writtenMinorOrNone,
  dueDays: wholeNumber(1, DUE_DAYS_MAX),
  note: text,
  key: formKey,
})

/** Opens an order by bank transfer. A package with a price says what it costs and gives; a bonus may be set besides. */
export const createOrder: Act = async (deps, actor, form) => {
  const { key, netMinor, packageId, creditNano, bonusNano, taxMinor, ...asked } = readForm(newOrder, form)
  const { name } = await accountWithin(deps.pool, actor, asked.accountId)
  const currency = await currencyOf(deps.pool, asked.accountId)
  const chosen = packageId === null ? null : (await listPackages(deps.pool)).find(({ id }) => id === packageId)
  const net = chosen?.priceMinor ?? netMinor
  if (net === null)
    throw new OrderError('invalid_request', 'netMinor is missing: enter what is to be paid before tax.', {
      field: 'netMinor',
    })
  const credits = creditNano ?? chosen?.creditNano
  const bonus = bonusNano ?? chosen?.bonusNano
  const order = await createOrderFor(deps, actor, {
    ...{ ...asked, netMinor: net, currency, packageId, idempotencyKey: key },
    ...(credits !== undefined && credits !== null && { creditNano: credits }),
    ...(bonus !== undefined && { bonusNano: bonus }),
    ...(taxMinor !== null && { taxMinor }),
  })
  const message = `The order of ${name} over ${inMoney(order.totalMinor, currency)} is open.`
  return { message, to: `/admin/pages/order?id=${order.id}` }
}

const receipt = z.strictObject({
  orderId: rowId,
  bankReference: neededText('Enter the reference of the bank.'),
  amountMinor: writtenMinor,
  receivedOn: day,
  evidence: text,
  key: formKey,
})

export const recordReceipt: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(receipt, form)
  const { currency } = await orderWithin(deps.pool, actor, asked.orderId)
  const { receipt: recorded, order } = await recordReceiptFor(deps, actor, { ...asked, currency, idempotencyKey: key })
  return {
    message: `${inMoney(recorded.amountMinor, currency)} is recorded. ${inMoney(order.receivedMinor, currency)} of ${inMoney(order.totalMinor, currency)} has arrived.`,
  }
}

const approval = z.strictObject({
  orderId: rowId,
  settlement: z.enum(SETTLEMENTS, { error: 'Choose one.' }),
  /** What had arrived when the page was read, in minor units: the button spoke of that. */
  receivedMinor: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
  key: formKey,
})

/**
 * Approves what arrived. Of two people who approve at once, the one who was slower is told so: the use case takes the
 * same approval twice for one, whoever gives it.
 */
export const approveOrder: Act = async (deps, actor, form) => {
  const { key, receivedMinor, ...asked } = readForm(approval, form)
  const order = await approveOrderFor(deps, actor, { ...asked, seenReceivedMinor: receivedMinor, idempotencyKey: key })
  if (order.approvedById !== actor.userId) {
    const name = (await namesOf(deps.pool, [order.approvedById])).get(order.approvedById ?? '') ?? 'Somebody'
    throw changedMeanwhile(`${name} has approved this order before you. It was paid once.`)
  }
  return {
    message: `Approved: credits of ${nanoInMoney(order.creditNano + order.bonusNano, order.currency)} are in the account.`,
  }
}

function changedMeanwhile(sentence: string): OrderError {
  return new OrderError('order_changed_meanwhile', sentence)
}

const cancellation = z.strictObject({
  orderId: rowId,
  reason: neededText('Say why.'),
  returnReceived: flag.default(false),
  key: formKey,
})

export const cancelOrder: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(cancellation, form)
  const order = await cancelOrderFor(deps, actor, { ...asked, idempotencyKey: key })
  const owed = order.receivedMinor > 0n ? ` ${inMoney(order.receivedMinor, order.currency)} is owed back.` : ''
  return { message: `The order is canceled.${owed}` }
}

const refund = z.strictObject({
  orderId: rowId,
  /** Empty = all that can be refunded. */
  totalMinor: writtenMinorOrNone,
  reason: neededText('Say why: it is in the mail to the account.'),
  key: formKey,
})

export const requestRefund: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(refund, form)
  const wanted = { pool: deps.pool, clock: deps.clock, nudge: deps.desk.nudge }
  const begun = await requestRefundFor(wanted, actor, { ...asked, idempotencyKey: key })
  const how =
    begun.provider === 'BANK' ? 'Transfer it, and record the transfer here.' : 'The payment provider is asked for it.'
  return {
    message: `A refund of ${inMoney(begun.totalMinor, begun.currency)} has begun, and its credits are frozen. ${how}`,
  }
}

const settlement = z.strictObject({
  refundId: rowId,
  bankReference: neededText('Enter the reference of the transfer back.'),
  key: formKey,
})

export const settleRefund: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(settlement, form)
  const wanted = { pool: deps.pool, clock: deps.clock, nudge: deps.desk.nudge }
  const done = await settleBankRefundFor(wanted, actor, { ...asked, idempotencyKey: key })
  return {
    message: `The transfer of ${inMoney(done.totalMinor, done.currency)} is recorded, and the credits are withdrawn.`,
  }
}

const giveUp = z.strictObject({ refundId: rowId, reason: neededText('Say why.'), key: formKey })

export const cancelRefund: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(giveUp, form)
  const wanted = { pool: deps.pool, clock: deps.clock, nudge: deps.desk.nudge }
  const done = await cancelBankRefundFor(wanted, actor, { ...asked, idempotencyKey: key })
  return {
    message: `The refund of ${inMoney(done.totalMinor, done.currency)} is given up: its credits can be used again.`,
  }
}
