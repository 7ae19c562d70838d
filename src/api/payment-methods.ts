import type { Router } from 'express'
import type { Gateway } from '../gateway/gateway.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { cardSavedPath } from '../orders/order-path.ts'
import { listPaymentMethods, removePaymentMethod } from '../orders/stripe/payment-methods.ts'
import { startSetup } from '../orders/stripe/setup-session.ts'
import { apiRouter } from './api-router.ts'

/** The saved cards of an account. */
export function paymentMethodsRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  router.get('/credits/payment-methods', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    response.json({ paymentMethods: await listPaymentMethods(desk.pool, accountId) })
  })

  /** A page on which a card is saved without paying. */
  router.post('/credits/setup-session', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    response.json(await startSetup(desk, { accountId, returnPath: cardSavedPath(), resumeConsentId: null }))
  })

  router.delete('/credits/payment-methods/:id', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    await removePaymentMethod(desk, accountId, request.params.id)
    response.status(204).end()
  })
  return finish()
}
