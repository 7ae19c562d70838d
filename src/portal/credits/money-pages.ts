import { Router } from 'express'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { billingPageRouter } from '../invoices/billing-page.ts'
import { invoicesPageRouter } from '../invoices/invoices-page.ts'
import { addCreditsPageRouter } from './add-credits-page.ts'
import { creditsPageRouter } from './credits-page.ts'
import { topUpPageRouter } from './top-up-page.ts'
import { transactionsPageRouter } from './transactions-page.ts'
import { transferPageRouter } from './transfer-page.ts'

/** Every page about an account's money. */
export function moneyPagesRouter(desk: CashDesk): Router {
  const router = Router()
  router.use(creditsPageRouter(desk))
  router.use(addCreditsPageRouter(desk))
  router.use(transferPageRouter(desk))
  router.use(topUpPageRouter(desk))
  router.use(transactionsPageRouter(desk))
  router.use(invoicesPageRouter(desk))
  router.use(billingPageRouter(desk))
  return router
}
