import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import {
  type BillingProfileVersion,
  changeBillingProfile,
  listBillingProfiles,
  readBillingProfile,
} from '../accounts/billing-profile.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { askAboutProfile, type VatRegister } from '../invoicing/ask-vat-register.ts'
import { billingProfileSchema } from '../invoicing/billing-profile-schema.ts'
import { askableVatId, isAnswerInForce, latestAnswer } from '../invoicing/vat-id-checks.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { OrderError } from '../orders/order-error.ts'
import type { ApiError } from './api-error.ts'
import { apiRouter, jsonBody, parseBody } from './api-router.ts'

const PAGE = 20
const PAGE_MAX = 100
/** PostgreSQL's integer: no account has as many versions. */
const VERSION_MAX = 2_147_483_647
/** Longer than any list of entity tags that means something here. */
const IF_MATCH_LENGTH_MAX = 200

const wholeNumber = (max: number) => {
  const error = `expected a whole number from 1 to ${max}`
  return z.coerce.number({ error }).int({ error }).min(1, { error }).max(max, { error })
}
const historyQuery = z.strictObject({
  limit: wholeNumber(PAGE_MAX).default(PAGE),
  before: wholeNumber(VERSION_MAX).optional(),
})

/**
 * Whom invoices are made out to: the profile in force, changing it, and its versions.
 * @param vatRegister asked about a new EU VAT id before the answer; null = the online check is off
 */
export function billingProfileRouter(
  gateway: Gateway,
  desk: Pick<CashDesk, 'pool' | 'clock'>,
  vatRegister: VatRegister | null = null,
): Router {
  const { router, caller, finish } = apiRouter(gateway)

  router.get('/v1/billing-profile', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    await send(desk, response, await readBillingProfile(desk.pool, accountId))
  })

  router.put('/v1/billing-profile', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'billing')
    const isExpected = expectedVersions(request)
    const profile = parseBody(billingProfileSchema, request.body)
    const by = { source: 'portal', actorId: accessKeyId } as const
    const change = await changeBillingProfile(desk, accountId, profile, by, isExpected)
    if (!change.ok) {
      sendConflict(response, change.version)
      return
    }
    // After the commit: the register may take seconds.
    await askAboutProfile({ ...desk, vatRegister }, change.profile)
    await send(desk, response, change.profile)
  })

  router.get('/v1/billing-profile/history', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    const { limit, before = null } = parseBody(historyQuery, request.query)
    const versions = await listBillingProfiles(desk.pool, accountId, { limit, before })
    response.json({
      versions: versions.map(shown),
      /** Ask for what comes after it with `?before=`. */
      nextBefore: versions.length === limit ? (versions.at(-1)?.version ?? null) : null,
    })
  })
  return finish()
}

/** The entity tag of a version; `"0"` = there is no profile yet. */
const etagOf = (version: number): string => `"${version}"`

/**
 * Which versions the caller wants to replace, by `If-Match`; any, where it says nothing.
 * @throws OrderError `invalid_request` naming the header
 */
function expectedVersions(request: Request): (version: number) => boolean {
  const header = request.header('if-match')?.trim()
  if (header === undefined) return () => true
  if (header === '*') return (version) => version > 0
  const tags = header.split(',').map((tag) => tag.trim())
  if (header.length > IF_MATCH_LENGTH_MAX || !tags.every((tag) => /^(W\/)?"[^"]*"$/.test(tag))) {
    throw new OrderError('invalid_request', `'If-Match': expected the ETag of the profile, such as "3".`, {
      field: 'If-Match',
    })
  }
  return (version) => tags.includes(etagOf(version))
}

function sendConflict(response: Response, version: number): void {
  const body: ApiError = {
    errorCode: 'profile_changed_meanwhile',
    statusCode: 412,
    msg: 'The billing profile was changed meanwhile. Read it again, then send your change with its ETag.',
    details: { field: 'If-Match' },
  }
  response.status(body.statusCode).set('etag', etagOf(version)).json(body)
}

async function send(
  { pool, clock }: Pick<CashDesk, 'pool' | 'clock'>,
  response: Response,
  profile: BillingProfileVersion | null,
): Promise<void> {
  const vatId = profile && askableVatId(profile)
  const answer = vatId === null ? null : await latestAnswer(pool, vatId)
  const inForce = answer && isAnswerInForce(answer, clock.now()) ? answer : null
  response.set({ etag: etagOf(profile?.version ?? 0), 'cache-control': 'private, no-store' }).json({
    billingProfile: profile && shown(profile),
    /** What the register has said about the EU VAT id; null = nothing that still counts. */
    vatIdCheck: inForce && { ...inForce, checkedAt: new Date(inForce.checkedAt).toISOString() },
  })
}

function shown({ version, since, source, actorId, ...profile }: BillingProfileVersion) {
  const { name, email, line1, line2, city, region, postalCode, country, taxIdType, taxIdValue } = profile
  return {
    version,
    since: new Date(since).toISOString(),
    source,
    /** Who works in the back office is the operator's own business. */
    actorId: source === 'portal' ? actorId : null,
    ...{ name, email },
    address: { line1, line2, city, region, postalCode, country },
    taxId: taxIdType !== null && taxIdValue !== null ? { type: taxIdType, value: taxIdValue } : null,
  }
}
