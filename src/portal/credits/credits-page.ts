import { type Request, type Response, Router } from 'express'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { redeemCode } from '../../orders/codes/redeem-code.ts'
import { OrderError } from '../../orders/order-error.ts'
import { listPaymentMethods, removePaymentMethod } from '../../orders/stripe/payment-methods.ts'
import { startSetup } from '../../orders/stripe/setup-session.ts'
import { readTopUpSettings } from '../../orders/top-up/top-up-settings.ts'
import { accountSpendSummary } from '../../reports/usage/account-spend-summary.ts'
import { sendPage } from '../page.ts'
import { fieldOf, type Problems, problemsOf, refusalStatus } from './form-fields.ts'
import { handlesMoney, MONEY_ROLES } from './money-roles.ts'
import { LOTS_SHOWN_MAX, lotSource, readOpenLots } from './open-lots.ts'
import { shownBalance } from './shown-amount.ts'
import { shownCard } from './shown-card.ts'
import { readWaitingOrders } from './shown-orders.ts'
import { shownTopUp } from './shown-top-up.ts'
import { CARD_RETURN_PATH } from './top-up-page.ts'

/** A card is confirmed within seconds, or was never entered: the page looks this often, and then waits to be asked. */
const LOOKS_MAX = 20

/** Longer is no code. */
const CODE_LENGTH_MAX = 64

/** What an account has, how it is paid for, and what is under way. */
export function creditsPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  async function show(request: Request, response: Response, status: number, problems: Problems = {}, code = '') {
    const account = accountOf(request)
    const { accountId } = account
    const mayBuy = handlesMoney(account)
    const now = clock.now()
    const { currency, ...money } = await accountSpendSummary(desk, { accountId })
    const cards = mayBuy ? await listPaymentMethods(pool, accountId) : []
    const topUp = await readTopUpSettings(pool, accountId)
    const lots = await readOpenLots(pool, accountId, now)
    const orders = await readWaitingOrders(pool, accountId, now)
    const isCardEntered = mayBuy && request.query.card === 'entered'
    const looks = Number.parseInt(fieldOf(request.query, 'looks'), 10) || 0
    const isCardAwaited = isCardEntered && looks < LOOKS_MAX
    sendPage(response, status, 'credits', {
      title: 'Credits',
      ...{ mayBuy, problems, code, orders, isCardEntered, lotsMax: LOTS_SHOWN_MAX },
      balance: shownBalance(money.balanceNano, currency),
      available: shownBalance(money.availableNano, currency),
      held: money.heldNano > 0n ? shownBalance(money.heldNano, currency) : null,
      topUp: shownTopUp(topUp, cards, now),
      cards: cards.map((card) => ({
        id: card.id,
        label: shownCard(card),
        isCharged: topUp?.enabled === true && topUp.paymentMethodId === card.id,
      })),
      lots: lots.map((lot) => ({
        source: lotSource(lot),
        granted: shownBalance(lot.grantedNano, currency),
        remaining: shownBalance(lot.remainingNano, currency),
        frozen: lot.frozenNano > 0n ? shownBalance(lot.frozenNano, currency) : null,
        expiresAt: lot.expiresAt,
      })),
      isWaiting: isCardAwaited || orders.some(({ isQuick }) => isQuick),
      lookedAt: now,
      lookPath: isCardAwaited ? `${CARD_RETURN_PATH}&looks=${looks + 1}` : '/credits',
      scripts: ['htmx.js'],
    })
  }

  router.get('/credits', requirePerson, (request, response) => show(request, response, 200))

  router.post('/credits', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const code = fieldOf(request.body, 'code')
    if (code === '') return show(request, response, 422, { code: 'Enter the code.' })
    try {
      if (code.length > CODE_LENGTH_MAX) {
        throw new OrderError('code_not_redeemable', 'This code cannot be redeemed.', { field: 'code' })
      }
      const redeemed = await redeemCode(desk, { accountId, code, actorId: signedInPerson(request).userId })
      const { text } = shownBalance(redeemed.amountNano, redeemed.currency)
      flash(response, `The code is redeemed: ${text} of credits.`)
    } catch (error) {
      return show(request, response, 422, problemsOf(error, { code: 'code' }), code.slice(0, CODE_LENGTH_MAX))
    }
    response.redirect(303, '/credits')
  })

  router.post('/payment-methods', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    try {
      const asked = { accountId, returnPath: CARD_RETURN_PATH, resumeConsentId: null }
      response.redirect(303, (await startSetup(desk, asked)).url)
    } catch (error) {
      await show(request, response, refusalStatus(error), problemsOf(error, {}))
    }
  })

  router.post('/payment-methods/:id/remove', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    try {
      await removePaymentMethod(desk, accountId, fieldOf(request.params, 'id'))
    } catch (error) {
      if (error instanceof OrderError && error.code === 'payment_method_not_found') throw new PageError('not found')
      return show(request, response, refusalStatus(error), problemsOf(error, {}))
    }
    flash(response, 'The card is removed.')
    response.redirect(303, '/credits')
  })

  return router
}
