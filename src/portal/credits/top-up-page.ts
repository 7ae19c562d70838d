import { type Request, type Response, Router } from 'express'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { OrderError } from '../../orders/order-error.ts'
import { listPaymentMethods } from '../../orders/stripe/payment-methods.ts'
import { startSetup } from '../../orders/stripe/setup-session.ts'
import { disableTopUp, enableTopUp } from '../../orders/top-up/change-top-up.ts'
import { CONSENT_VERSION, consentText } from '../../orders/top-up/consent.ts'
import { readTopUpSettings } from '../../orders/top-up/top-up-settings.ts'
import { sendPage } from '../page.ts'
import { fieldOf, type Problems, problemsOf, refusalStatus } from './form-fields.ts'
import { MONEY_ROLES } from './money-roles.ts'
import { shownMinor } from './shown-amount.ts'
import { shownCard } from './shown-card.ts'
import { shownTopUp } from './shown-top-up.ts'
import { readTopUpForm, type TopUpForm, topUpFormOf } from './top-up-form.ts'

/** Where the browser comes back to from the page on which a card is saved. */
export const CARD_RETURN_PATH = '/credits?card=entered'

/** By the names that the use case has for the fields of this page. */
const FIELDS: Readonly<Record<string, string>> = {
  thresholdCents: 'threshold',
  amountCents: 'amount',
  dailyCapCents: 'daily-cap',
  monthlyCapCents: 'monthly-cap',
  paymentMethodId: 'card',
  consentVersion: 'consent',
}

/** Automatic top-up: agreed to here, and switched off. */
export function topUpPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock, currency, limits } = desk

  async function show(
    request: Request,
    response: Response,
    status: number,
    typed?: TopUpForm,
    problems: Problems = {},
  ) {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const settings = await readTopUpSettings(pool, accountId)
    const cards = await listPaymentMethods(pool, accountId)
    const values = typed ?? topUpFormOf(settings, cards, fieldOf(request.query, 'card'))
    sendPage(response, status, 'credits-top-up', {
      title: 'Automatic top-up',
      ...{ values, problems, currency, topUp: shownTopUp(settings, cards, clock.now()) },
      cards: cards.map((card) => ({ id: card.id, label: shownCard(card) })),
      minimum: shownMinor(limits.minimumMinor, currency),
      maximum: shownMinor(limits.maximumMinor, currency),
      // The text names the fields rather than what they held when the page opened: what is read is what is agreed to.
      consent: {
        version: CONSENT_VERSION,
        text: consentText({ amount: 'the amount above', threshold: 'the threshold above' }),
      },
    })
  }

  router.get('/auto-top-up', requirePerson, (request, response) => show(request, response, 200))

  router.post('/auto-top-up', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const form = readTopUpForm(request.body)
    if (!form.ok) return show(request, response, 422, form.typed, form.problems)
    const actor = { actorId: signedInPerson(request).userId, actorKind: 'user', clientIp: request.ip ?? null } as const
    try {
      const settings = await enableTopUp(desk, { accountId, ...form.wish, actor })
      flash(response, `Automatic top-up is on: ${shownMinor(settings.amountMinor, currency)} at a time.`)
    } catch (error) {
      return show(request, response, refusalStatus(error), form.typed, problemsOf(error, FIELDS))
    }
    response.redirect(303, '/credits')
  })

  router.post('/auto-top-up/off', requirePerson, async (request, response) => {
    await disableTopUp(desk, accountOf(request, MONEY_ROLES).accountId)
    flash(response, 'Automatic top-up is off. A charge that is under way is not called back.')
    response.redirect(303, '/credits')
  })

  /** One way on for whatever stopped it: a card that works, agreed to on the payment provider's page. */
  router.post('/auto-top-up/resume', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const settings = await readTopUpSettings(pool, accountId)
    if (!settings?.enabled || settings.suspendedAt === null) throw new PageError('not found')
    try {
      const asked = { accountId, returnPath: CARD_RETURN_PATH, resumeConsentId: settings.consentId }
      response.redirect(303, (await startSetup(desk, asked)).url)
    } catch (error) {
      if (!(error instanceof OrderError)) throw error
      flash(response, error.message, 'failed')
      response.redirect(303, '/credits')
    }
  })

  return router
}
