import { type ErrorRequestHandler, Router } from 'express'
import { z } from 'zod'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { type PaymentOrder, readOrder } from '../orders/order.ts'
import { OrderError, orderNotFound } from '../orders/order-error.ts'
import { cardSavedPath } from '../orders/order-path.ts'
import { isOpen, type OrderState, wasPaid } from '../orders/order-state.ts'
import { startSetup } from '../orders/stripe/setup-session.ts'
import { confirmTopUp } from '../orders/top-up/confirm-top-up.ts'
import { findSuspended } from '../orders/top-up/find-suspended.ts'
import { sendPage } from './pages.ts'

const UUID = z.uuid()
/** A confirmation comes within a second or two. */
const LOOK_AGAIN_SECONDS = 2

/** The few pages that a payment leads to and from. Their addresses are known only to those who were told them. */
export function orderPagesRouter(desk: CashDesk): Router {
  const router = Router()

  router.get('/credits/orders/:id/receipt', async (request, response) => {
    const order = await orderOf(desk, request.params.id)
    sendPage(response, 200, 'order', shownOrder(order, request.query.canceled === '1'))
  })

  router.get('/credits/orders/:id/confirm', async (request, response) => {
    const { id } = await orderOf(desk, request.params.id)
    response.redirect(303, await confirmTopUp(desk, id))
  })

  router.get(cardSavedPath(), (_request, response) => sendPage(response, 200, 'card-saved', {}))

  router.get('/credits/top-up/:consentId/resume', async (request, response) => {
    const suspended = await suspendedOf(desk, request.params.consentId)
    sendPage(response, 200, 'resume-top-up', {
      ...suspended,
      amount: formatMoney(suspended.amountMinor * NANO_PER_CENT, suspended.currency, 'exact'),
      threshold: formatMoney(suspended.thresholdNano, suspended.currency, 'exact'),
    })
  })

  router.post('/credits/top-up/:consentId/resume', async (request, response) => {
    const { accountId, consentId } = await suspendedOf(desk, request.params.consentId)
    const { url } = await startSetup(desk, { accountId, returnPath: cardSavedPath(), resumeConsentId: consentId })
    response.redirect(303, url)
  })

  const handleError: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    const isMissing = error instanceof OrderError && error.code === 'order_not_found'
    if (!isMissing) desk.logger.error({ err: error }, 'a page failed')
    sendPage(response, isMissing ? 404 : 500, 'problem', { isMissing })
  }
  router.use(handleError)
  return router
}

async function orderOf(desk: CashDesk, id: string): Promise<PaymentOrder> {
  const order = UUID.safeParse(id).success ? await readOrder(desk.pool, id) : null
  if (!order) throw orderNotFound()
  return order
}

async function suspendedOf(desk: CashDesk, consentId: string) {
  const suspended = UUID.safeParse(consentId).success ? await findSuspended(desk.pool, consentId) : null
  if (!suspended) throw orderNotFound()
  return suspended
}

/** What each state means to the buyer. Nothing is promised before it is so. */
const IN_WORDS: Readonly<Record<OrderState, { title: string; text: string; badge: string }>> = {
  DRAFT: { title: 'Not yet paid', text: 'The payment page was not opened yet.', badge: 'Pending' },
  AWAITING_PAYMENT: {
    title: 'Waiting for the payment',
    text: 'The credits are added as soon as the payment is confirmed. This page looks again by itself.',
    badge: 'Pending',
  },
  REQUIRES_ACTION: {
    title: 'Your bank wants you to confirm',
    text: 'Confirm the payment and the credits are added.',
    badge: 'Action needed',
  },
  PAID: { title: 'Credits added', text: 'The payment is confirmed and the credits can be used.', badge: 'Paid' },
  EXPIRED: { title: 'Expired', text: 'The payment page was not used in time. Nothing was charged.', badge: 'Expired' },
  CANCELED: { title: 'Canceled', text: 'Nothing was charged.', badge: 'Canceled' },
  FAILED: { title: 'The payment failed', text: 'Nothing was charged and no credits were added.', badge: 'Failed' },
  PARTIALLY_REFUNDED: {
    title: 'Partly refunded',
    text: 'A part of this payment was given back.',
    badge: 'Partly refunded',
  },
  REFUNDED: { title: 'Refunded', text: 'This payment was given back.', badge: 'Refunded' },
  DISPUTED: {
    title: 'Disputed',
    text: 'This payment is contested. Its unspent credits are on hold.',
    badge: 'Disputed',
  },
}

function shownOrder(order: PaymentOrder, isBack: boolean) {
  const money = (nano: bigint) => formatMoney(nano, order.currency, 'exact')
  const isWaiting = isOpen(order.state) && !isBack
  return {
    ...IN_WORDS[order.state],
    state: order.state,
    reference: order.reference,
    net: money(order.netMinor * NANO_PER_CENT),
    tax: order.taxMinor > 0n ? money(order.taxMinor * NANO_PER_CENT) : null,
    total: money(order.totalMinor * NANO_PER_CENT),
    credits: money(order.creditNano),
    bonus: order.bonusNano > 0n ? money(order.bonusNano) : null,
    paidAt: order.paidAt === null ? null : new Date(order.paidAt).toISOString(),
    wasPaid: wasPaid(order.state),
    failure: order.failureMessage,
    lookAgainSeconds: isWaiting && order.state === 'AWAITING_PAYMENT' ? LOOK_AGAIN_SECONDS : null,
    payUrl: isOpen(order.state) ? order.checkoutUrl : null,
    confirmPath:
      order.state === 'REQUIRES_ACTION' && order.checkoutUrl === null ? `/credits/orders/${order.id}/confirm` : null,
  }
}
