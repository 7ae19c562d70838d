import { z } from 'zod'
import {
  type BillingProfileVersion,
  changeBillingProfile,
  listBillingProfiles,
  readBillingProfile,
} from '../../accounts/billing-profile.ts'
import { askAboutProfile, type VatRegister } from '../../invoicing/ask-vat-register.ts'
import { billingProfileSchema } from '../../invoicing/billing-profile-schema.ts'
import { askableVatId, isAnswerInForce, latestAnswer } from '../../invoicing/vat-id-checks.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { ApiRefusal } from '../api-refusal.ts'
import { isoTime, pageLimit, time, uuid } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { etagOf, expectedVersions } from '../read-request.ts'

const TAG = 'Billing profile'
const PATH = '/v1/billing-profile'
const PAGE = 20
const PAGE_MAX = 100
/** PostgreSQL's integer: no account has as many versions. */
const VERSION_MAX = 2_147_483_647

const line = z.string().nullable()
const profile = z
  .object({
    version: z.int().min(1),
    since: time,
    source: z.enum(['checkout', 'portal', 'back office']),
    actorId: uuid.nullable(),
    name: z.string(),
    email: line,
    address: z.object({ line1: line, line2: line, city: line, region: line, postalCode: line, country: line }),
    taxId: z.object({ type: z.string(), value: z.string() }).nullable(),
  })
  .meta({ id: 'BillingProfile' })
const profileReply = z
  .object({
    billingProfile: profile.nullable().describe('Null = none was ever given.'),
    vatIdCheck: z
      .object({
        value: z.string(),
        result: z.enum(['valid', 'invalid']),
        consultation: z.string().nullable(),
        checkedAt: time,
      })
      .nullable()
      .describe("What the EU's register has said about the VAT id; null = nothing that still counts."),
  })
  .meta({ id: 'BillingProfileInForce' })
const historyReply = z
  .object({
    versions: z.array(profile),
    nextBefore: z.int().nullable().describe('Ask for the next page with `?before=`; null = this is the last.'),
  })
  .meta({ id: 'BillingProfileVersions' })

const profileBody = billingProfileSchema.meta({ id: 'NewBillingProfile' })

const ETAG = { etag: 'The version in force; send it back in `If-Match`.' }
const reading = { scopes: ['billing:read'], accessKey: 'billing' } as const
const EXAMPLE = {
  name: 'Example GmbH',
  email: 'billing@example.com',
  address: { line1: 'Musterstraße 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  taxId: { type: 'eu_vat', value: 'DE136695976' },
}

/**
 * Whom invoices are made out to: the profile in force, changing it, and its versions.
 * @param vatRegister asked about a new EU VAT id before the answer; null = the online check is off
 */
export function billingProfileOperations(
  desk: Pick<CashDesk, 'pool' | 'clock'>,
  vatRegister: VatRegister | null,
): Operation[] {
  return [
    operation({
      ...{ id: 'getBillingProfile', method: 'get', path: PATH, tag: TAG },
      summary: 'Billing profile',
      access: reading,
      reply: profileReply,
      replies: [{ status: 200, description: 'Whom invoices are made out to.', headers: ETAG }],
      handle: async ({ caller }) => shownInForce(desk, await readBillingProfile(desk.pool, caller.accountId)),
    }),
    operation({
      ...{ id: 'setBillingProfile', method: 'put', path: PATH, tag: TAG, takesIfMatch: true },
      summary: 'Change the billing profile',
      description: 'The whole profile. Documents that were issued stay as they are.',
      access: { scopes: ['billing:write'], accessKey: 'billing' },
      body: profileBody,
      reply: profileReply,
      replies: [{ status: 200, description: 'The profile in force.', headers: ETAG }],
      errors: ['profile_changed_meanwhile'],
      example: { body: EXAMPLE },
      handle: async ({ caller, body, request, response }) => {
        const isExpected = expectedVersions(request, 'profile')
        const by = { source: 'portal', actorId: caller.credentialId } as const
        const change = await changeBillingProfile(desk, caller.accountId, body, by, isExpected)
        if (!change.ok) {
          response.set('etag', etagOf(change.version))
          const message =
            'The billing profile was changed meanwhile. Read it again, then send your change with its ETag.'
          throw new ApiRefusal('profile_changed_meanwhile', message, 'If-Match')
        }
        // After the commit: the register may take seconds.
        await askAboutProfile({ ...desk, vatRegister }, change.profile)
        return shownInForce(desk, change.profile)
      },
    }),
    operation({
      ...{ id: 'listBillingProfiles', method: 'get', path: `${PATH}/history`, tag: TAG },
      summary: 'Versions of the billing profile',
      access: reading,
      query: z.strictObject({ limit: pageLimit(PAGE_MAX, PAGE), before: versionNumber().optional() }),
      reply: historyReply,
      replies: [{ status: 200, description: 'The latest first.' }],
      handle: async ({ caller, query: { limit, before = null } }) => {
        const versions = await listBillingProfiles(desk.pool, caller.accountId, { limit, before })
        return answer({
          versions: versions.map(shown),
          nextBefore: versions.length === limit ? (versions.at(-1)?.version ?? null) : null,
        })
      },
    }),
  ]
}

function versionNumber() {
  const error = `expected a whole number from 1 to ${VERSION_MAX}`
  return z.coerce.number({ error }).int({ error }).min(1, { error }).max(VERSION_MAX, { error })
}

async function shownInForce({ pool, clock }: Pick<CashDesk, 'pool' | 'clock'>, inForce: BillingProfileVersion | null) {
  const vatId = inForce && askableVatId(inForce)
  const latest = vatId === null ? null : await latestAnswer(pool, vatId)
  const check = latest && isAnswerInForce(latest, clock.now()) ? latest : null
  return answer(
    {
      billingProfile: inForce && shown(inForce),
      vatIdCheck: check && { ...check, checkedAt: isoTime(check.checkedAt) },
    },
    { headers: { etag: etagOf(inForce?.version ?? 0) } },
  )
}

function shown({ version, since, source, actorId, ...fields }: BillingProfileVersion) {
  const { name, email, line1, line2, city, region, postalCode, country, taxIdType, taxIdValue } = fields
  return {
    version,
    since: isoTime(since),
    source,
    /** Who works in the back office is the operator's own business. */
    actorId: source === 'portal' ? actorId : null,
    ...{ name, email },
    address: { line1, line2, city, region, postalCode, country },
    taxId: taxIdType !== null && taxIdValue !== null ? { type: taxIdType, value: taxIdValue } : null,
  }
}
