import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { readBillingProfile } from '../../accounts/billing-profile.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { startCheckout } from '../../orders/checkout.ts'
import { OrderError } from '../../orders/order-error.ts'
import { listPaymentMethods } from '../../orders/stripe/payment-methods.ts'
import { sendPage } from '../page.ts'
import { fieldOf, type Problems, problemsOf, refusalStatus } from './form-fields.ts'
import { MONEY_ROLES } from './money-roles.ts'
import { type Choice, isOwnAmount, offersOf, type PurchaseQuote, quotePurchase } from './quote-purchase.ts'
import { requestTransfer } from './request-transfer.ts'
import { shownMinor } from './shown-amount.ts'
import { shownCard } from './shown-card.ts'
import { shownOffer, shownQuote } from './shown-quote.ts'
import { transferPath } from './transfer-path.ts'

const UUID = z.uuid()
const FIELDS: Readonly<Record<string, string>> = { amountMinor: 'amount', package: 'package' }

/** Buying credits: what it comes to is said before anybody pays, and paid exactly so. */
export function addCreditsPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, currency, limits } = desk

  /** @param problems of sending the form; those of the choice itself are found here */
  async function show(request: Request, response: Response, status: number, problems: Problems = {}) {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const fields = request.method === 'GET' ? request.query : request.body
    const offers = await offersOf(desk)
    const choice = choiceOf(fields, offers[0]?.slug ?? '')
    const isChosen = fieldOf(fields, 'package') !== ''
    const quoted = await tryQuote(desk, accountId, choice)
    // Whoever has just come has made no mistake yet.
    const found = quoted.ok || !isChosen ? {} : quoted.problems
    const profile = await readBillingProfile(pool, accountId)
    const cards = await listPaymentMethods(pool, accountId)
    sendPage(response, status, 'credits-add', {
      title: 'Add credits',
      ...{ choice, problems: { ...found, ...problems }, profile, scripts: ['htmx.js'] },
      offers: offers.map((offer) => shownOffer(offer, offer.slug === choice.packageSlug)),
      ownSlugs: offers.filter(isOwnAmount).map(({ slug }) => slug),
      minimum: shownMinor(limits.minimumMinor, currency),
      maximum: shownMinor(limits.maximumMinor, currency),
      quote: quoted.ok ? shownQuote(quoted.quote, currency, profile !== null) : null,
      /** Two clicks on one page are one purchase. */
      key: crypto.randomUUID(),
      saveCard: fieldOf(fields, 'save-card') === 'yes',
      cards: cards.map(shownCard),
      here: `/add-credits?${new URLSearchParams({ package: choice.packageSlug, amount: choice.amount })}`,
    })
  }

  router.get('/add-credits', requirePerson, (request, response) => show(request, response, 200))

  /** Where the payment goes on; or the page again with what is the matter. */
  async function pay(
    request: Request,
    response: Response,
    open: (quote: PurchaseQuote, idempotencyKey: string) => Promise<string>,
  ) {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const quoted = await tryQuote(desk, accountId, choiceOf(request.body, ''))
    if (!quoted.ok) return show(request, response, 422, quoted.problems)
    const key = UUID.safeParse(fieldOf(request.body, 'key'))
    if (fieldOf(request.body, 'total') !== quoted.quote.totalMinor.toString() || !key.success) {
      return show(request, response, 409, { form: 'The total has changed. Look at it again below, then pay.' })
    }
    try {
      response.redirect(303, await open(quoted.quote, key.data))
    } catch (error) {
      await show(request, response, refusalStatus(error), sendingProblems(error))
    }
  }

  router.post('/add-credits', requirePerson, (request, response) =>
    pay(request, response, async ({ amountMinor, packageSlug }, idempotencyKey) => {
      const { accountId } = accountOf(request, MONEY_ROLES)
      const saveCard = fieldOf(request.body, 'save-card') === 'yes'
      const actorId = signedInPerson(request).userId
      const asked = { accountId, amountMinor, packageSlug, currency: null, saveCard, actorId, idempotencyKey }
      return (await startCheckout(desk, asked)).url
    }),
  )

  router.post('/add-credits/transfer', requirePerson, (request, response) =>
    pay(request, response, async (quote, idempotencyKey) => {
      const { accountId } = accountOf(request, MONEY_ROLES)
      const actorId = signedInPerson(request).userId
      return transferPath((await requestTransfer(desk, { accountId, currency, quote, actorId, idempotencyKey })).id)
    }),
  )

  return router
}

function choiceOf(fields: unknown, fallback: string): Choice {
  return { packageSlug: fieldOf(fields, 'package') || fallback, amount: fieldOf(fields, 'amount') }
}

async function tryQuote(
  desk: CashDesk,
  accountId: string,
  choice: Choice,
): Promise<{ ok: true; quote: PurchaseQuote } | { ok: false; problems: Problems }> {
  try {
    return { ok: true, quote: await quotePurchase(desk, accountId, choice) }
  } catch (error) {
    return { ok: false, problems: problemsOf(error, FIELDS) }
  }
}

function sendingProblems(error: unknown): Problems {
  if (error instanceof OrderError && error.code === 'idempotency_conflict') {
    return { form: 'This page was sent before with another choice. Nothing was charged now: check it, then pay.' }
  }
  return problemsOf(error, FIELDS)
}
