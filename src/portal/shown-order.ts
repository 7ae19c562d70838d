import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import type { PaymentOrder } from '../orders/order.ts'
import { confirmTopUpPath } from '../orders/order-path.ts'
import { isOpen, type OrderState, wasPaid } from '../orders/order-state.ts'
import { type BadgeTone, badge, type StatusBadge } from './status-badge.ts'

const DAY_MS = 86_400_000
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/** What the page of an order says. Everything is text. */
export interface ShownOrder {
  title: string
  text: string
  badge: StatusBadge
  total: string
  /** The payment provider's words, where the payment failed. */
  failure: string | null
  /** Where its buyer may go on; `isMain` = it is what they came for. */
  way: { url: string; label: string; isMain: boolean } | null
  facts: Fact[]
  /** The page shows by itself what becomes of the order. */
  looksAgain: boolean
}

interface Fact {
  label: string
  value: string
  /** ISO 8601, where the value is a time. */
  time?: string
  isStrong?: boolean
}

interface Words {
  title: string
  text: string
  badge: readonly [word: string, tone: BadgeTone]
}

/** What each state means to the buyer. Nothing is promised before it is so. */
const IN_WORDS: Readonly<Record<OrderState, Words>> = {
  DRAFT: { title: 'Not yet paid', text: 'The payment page was not opened yet.', badge: ['Pending', 'waiting'] },
  AWAITING_PAYMENT: {
    title: 'Waiting for the payment',
    text: 'The credits are added as soon as the payment is confirmed: within seconds for a card, within days for a bank debit. This page shows it by itself.',
    badge: ['Pending', 'waiting'],
  },
  REQUIRES_ACTION: {
    title: 'Your bank wants you to confirm',
    text: 'Confirm the payment and the credits are added.',
    badge: ['Action needed', 'action'],
  },
  PAID: {
    title: 'Credits added',
    text: 'The payment is confirmed and the credits can be used.',
    badge: ['Paid', 'done'],
  },
  EXPIRED: {
    title: 'Expired',
    text: 'The payment page was not used in time. Nothing was charged.',
    badge: ['Expired', 'over'],
  },
  CANCELED: { title: 'Canceled', text: 'Nothing was charged.', badge: ['Canceled', 'over'] },
  FAILED: {
    title: 'The payment failed',
    text: 'Nothing was charged and no credits were added.',
    badge: ['Failed', 'failed'],
  },
  PARTIALLY_REFUNDED: {
    title: 'Partly refunded',
    text: 'A part of this payment was given back.',
    badge: ['Partly refunded', 'over'],
  },
  REFUNDED: { title: 'Refunded', text: 'This payment was given back.', badge: ['Refunded', 'over'] },
  DISPUTED: {
    title: 'Disputed',
    text: 'This payment is contested with the bank. Its unspent credits are on hold until that is settled.',
    badge: ['Disputed', 'failed'],
  },
}

/** Where more is known than the state alone tells. */
const LEFT_UNPAID: Words = {
  title: 'Not paid',
  text: 'You left the payment page without paying. Nothing was charged.',
  badge: ['Not paid', 'over'],
}
const CARD_IS_CHARGED: Words = {
  ...IN_WORDS.AWAITING_PAYMENT,
  text: 'The saved card is being charged. This page shows by itself how it ends.',
}
const AWAITS_TRANSFER: Words = {
  title: 'Waiting for your transfer',
  text: 'Name the reference below in the transfer. The credits are added once it has arrived.',
  badge: ['Awaiting payment', 'waiting'],
}
const AT_THE_BANK: Words = {
  ...IN_WORDS.REQUIRES_ACTION,
  title: 'Waiting for your confirmation',
  text: 'Once you have confirmed the payment the credits are added within seconds, and this page shows it by itself.',
}

/** @param isBack its buyer came back from the payment page without paying */
export function shownOrder(order: PaymentOrder, isBack: boolean): ShownOrder {
  const { badge: words, ...said } = wordsFor(order, isBack)
  return {
    ...said,
    badge: badge(...words),
    total: minor(order, order.totalMinor),
    failure: order.state === 'FAILED' ? order.failureMessage : null,
    way: wayOn(order, isBack),
    facts: factsOf(order),
    looksAgain: isOpen(order.state) && order.kind !== 'MANUAL',
  }
}

function wordsFor({ state, kind, checkoutUrl }: PaymentOrder, isBack: boolean): Words {
  if (state === 'REQUIRES_ACTION' && checkoutUrl !== null) return AT_THE_BANK
  if (state !== 'AWAITING_PAYMENT') return IN_WORDS[state]
  if (kind === 'MANUAL') return AWAITS_TRANSFER
  if (kind === 'AUTO_TOP_UP') return CARD_IS_CHARGED
  return isBack ? LEFT_UNPAID : IN_WORDS.AWAITING_PAYMENT
}

function wayOn(order: PaymentOrder, isBack: boolean): ShownOrder['way'] {
  if (!isOpen(order.state)) return null
  const total = minor(order, order.totalMinor)
  if (order.checkoutUrl !== null) {
    if (isBack) return { url: order.checkoutUrl, label: `Pay ${total} after all`, isMain: true }
    return { url: order.checkoutUrl, label: 'Not paid yet? Go to the payment page', isMain: false }
  }
  if (order.state !== 'REQUIRES_ACTION') return null
  return { url: confirmTopUpPath(order.id), label: `Confirm ${total}`, isMain: true }
}

/** The rows of the receipt. */
function factsOf(order: PaymentOrder): Fact[] {
  const { state, paidAt, expiresAt, refundedMinor } = order
  const total = minor(order, order.totalMinor)
  const facts: Fact[] = []
  if (wasPaid(state) || isOpen(state)) {
    facts.push(...creditFacts(order), { label: wasPaid(state) ? 'Paid' : 'To pay', value: total, isStrong: true })
  } else {
    facts.push({ label: 'Amount, not charged', value: total })
  }
  if (refundedMinor > 0n) facts.push({ label: 'Given back', value: minor(order, refundedMinor) })
  if (paidAt !== null) facts.push(moment('Paid on', paidAt), moment('Usable until', paidAt + order.creditDays * DAY_MS))
  if (isOpen(state) && expiresAt !== null) facts.push(moment('Pay before', expiresAt))
  // In groups of four, as people read it out to their bank.
  facts.push({ label: 'Reference', value: order.reference.replace(/(.{4})(?=.)/g, '$1 ') })
  return facts
}

function creditFacts(order: PaymentOrder): Fact[] {
  const { creditNano, bonusNano, netMinor, taxMinor } = order
  const facts: Fact[] = [{ label: 'Credits', value: nano(order, creditNano) }]
  if (bonusNano > 0n) {
    facts.push({ label: 'Bonus', value: `+ ${nano(order, bonusNano)}` })
    facts.push({ label: 'Credits in all', value: nano(order, creditNano + bonusNano), isStrong: true })
  }
  if (order.taxPoint === 'USAGE') facts.push({ label: 'VAT', value: 'Contained; invoiced monthly as credits are used' })
  if (taxMinor > 0n) {
    facts.push({ label: 'Net', value: minor(order, netMinor) }, { label: 'Tax', value: minor(order, taxMinor) })
  }
  return facts
}

const nano = ({ currency }: PaymentOrder, amountNano: bigint) => formatMoney(amountNano, currency, 'exact')
const minor = (order: PaymentOrder, amountMinor: bigint) => nano(order, amountMinor * NANO_PER_CENT)

function moment(label: string, time: number): Fact {
  const iso = new Date(time).toISOString()
  return { label, value: `${DATE.format(time)}, ${iso.slice(11, 16)} UTC`, time: iso }
}
