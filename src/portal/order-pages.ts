import { type ErrorRequestHandler, Router } from 'express'
import { z } from 'zod'
import { pageHeaders } from '../http/security-headers.ts'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { type PaymentOrder, readOrder } from '../orders/order.ts'
import { OrderError, orderNotFound } from '../orders/order-error.ts'
import { cardSavedPath } from '../orders/order-path.ts'
import { startSetup } from '../orders/stripe/setup-session.ts'
import { confirmTopUp } from '../orders/top-up/confirm-top-up.ts'
import { findSuspended, type SuspendedTopUp } from '../orders/top-up/find-suspended.ts'
import { sendPage } from './page.ts'
import { sandboxBanner } from './shell.ts'
import { shownOrder } from './shown-order.ts'
import { badge } from './status-badge.ts'

const UUID = z.uuid()
/** Theirs alone: other addresses below `/credits` are for programs. */
const PATHS = [
  '/credits/orders/:id/receipt',
  '/credits/orders/:id/confirm',
  cardSavedPath(),
  '/credits/top-up/:consentId/resume',
]

/** The few pages that a payment leads to and from. Their addresses are known only to those who were told them. */
export function orderPagesRouter(desk: CashDesk, paymentOrigins: readonly string[]): Router {
  const router = Router()
  const { publicUrl, isSandbox } = desk
  // Known to no session, these pages take no token: their addresses, which nobody guesses, are the proof.
  router.use(PATHS, pageHeaders({ publicUrl, paymentOrigins }), sandboxBanner(isSandbox))

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
    sendPage(response, 200, 'resume-top-up', shownSuspension(suspended))
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
    sendPage(response, isMissing ? 404 : 500, 'order-problem', { isMissing })
  }
  router.use(handleError)
  return router
}

async function orderOf(desk: CashDesk, id: string): Promise<PaymentOrder> {
  const order = UUID.safeParse(id).success ? await readOrder(desk.pool, id) : null
  if (!order) throw orderNotFound()
  return order
}

async function suspendedOf(desk: CashDesk, consentId: string): Promise<SuspendedTopUp> {
  const suspended = UUID.safeParse(consentId).success ? await findSuspended(desk.pool, consentId) : null
  if (!suspended) throw orderNotFound()
  return suspended
}

/** In words, by what the settings say. */
export const WHY_SUSPENDED: Readonly<Record<string, string>> = {
  three_failures: 'The saved card was declined three times in a row.',
  hard_decline: 'The saved card was declined in a way that trying again cannot mend.',
  dispute: 'A payment of this account is disputed.',
}

function shownSuspension({ reason, amountMinor, thresholdNano, currency }: SuspendedTopUp) {
  return {
    badge: badge('Stopped', 'failed'),
    reason: WHY_SUSPENDED[reason] ?? 'The saved card could not be charged.',
    amount: formatMoney(amountMinor * NANO_PER_CENT, currency, 'exact'),
    threshold: formatMoney(thresholdNano, currency, 'exact'),
  }
}
