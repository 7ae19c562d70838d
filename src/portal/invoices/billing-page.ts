import { type Request, type Response, Router } from 'express'
import {
  type BillingProfileVersion,
  changeBillingProfile,
  listBillingProfiles,
  readBillingProfile,
} from '../../accounts/billing-profile.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { nextPath } from '../../http/next-path.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import { askAboutProfile } from '../../invoicing/ask-vat-register.ts'
import { askableVatId, isAnswerInForce, latestAnswer } from '../../invoicing/vat-id-checks.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { fieldOf, type Problems } from '../credits/form-fields.ts'
import { MONEY_ROLES } from '../credits/money-roles.ts'
import { sendPage } from '../page.ts'
import { badge, type StatusBadge } from '../status-badge.ts'
import { COUNTRIES, countryName, TAX_IDS, taxIdLabel } from './billing-choices.ts'
import { type BillingForm, billingFormOf, readBillingForm } from './billing-form.ts'

const HERE = '/settings/billing'
const VERSIONS_SHOWN = 10
/** The largest that the column holds. */
const VERSION = /^\d{1,9}$/

/** Whom invoices are made out to: shown, changed, and what it was before. */
export function billingPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool } = desk

  async function show(
    request: Request,
    response: Response,
    status: number,
    typed?: BillingForm,
    problems: Problems = {},
  ) {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const profile = await readBillingProfile(pool, accountId)
    const versions = await listBillingProfiles(pool, accountId, { limit: VERSIONS_SHOWN, before: null })
    sendPage(response, status, 'billing', {
      title: 'Billing profile',
      values: typed ?? billingFormOf(profile, signedInPerson(request).email),
      ...{ problems, countries: COUNTRIES, taxIds: TAX_IDS, version: profile?.version ?? 0 },
      next: nextPath(fieldOf(request.method === 'GET' ? request.query : request.body, 'next'), HERE),
      registered: profile && (await vatIdBadge(desk, profile)),
      versions: versions.slice(1).map(shownVersion),
      isFirst: profile === null,
    })
  }

  router.get(HERE, requirePerson, (request, response) => show(request, response, 200))

  router.post(HERE, requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const form = readBillingForm(request.body)
    if (!form.ok) return show(request, response, 422, form.typed, form.problems)
    const version = fieldOf(request.body, 'version')
    const isExpected = (inForce: number) => VERSION.test(version) && Number(version) === inForce
    const by = { source: 'portal', actorId: signedInPerson(request).userId } as const
    const change = await changeBillingProfile(desk, accountId, form.profile, by, isExpected)
    if (!change.ok) {
      const text = 'Somebody else has changed it meanwhile: this is what you typed. Send it again to replace theirs.'
      return show(request, response, 409, form.typed, { form: text })
    }
    // After the commit: the register may take seconds.
    await askAboutProfile(desk, change.profile)
    flash(response, 'The billing profile is saved. Invoices from now on are made out to it.')
    response.redirect(303, nextPath(request.body.next, HERE))
  })

  return router
}

/** What the register said about the VAT id, where it was asked. */
async function vatIdBadge({ pool, clock }: CashDesk, profile: BillingProfileVersion): Promise<StatusBadge | null> {
  const vatId = askableVatId(profile)
  const answer = vatId === null ? null : await latestAnswer(pool, vatId)
  if (!answer || !isAnswerInForce(answer, clock.now())) return null
  return answer.result === 'valid' ? badge('In the EU register', 'done') : badge('Not in the EU register', 'failed')
}

function shownVersion({ version, since, name, city, country, taxIdType, taxIdValue }: BillingProfileVersion) {
  const place = [city, countryName(country)].filter(Boolean).join(', ')
  const taxId = taxIdValue === null ? null : `${taxIdLabel(taxIdType)} ${taxIdValue}`
  return { version, since: new Date(since), name, place, taxId }
}
