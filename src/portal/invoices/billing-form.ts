import type { BillingProfile, BillingProfileVersion } from '../../accounts/billing-profile.ts'
import { billingProfileSchema } from '../../invoicing/billing-profile-schema.ts'
import { fieldOf, type Problems } from '../credits/form-fields.ts'

/** The fields as they were typed, by their ids. */
export interface BillingForm {
  name: string
  email: string
  line1: string
  line2: string
  city: string
  region: string
  'postal-code': string
  country: string
  'tax-id-type': string
  'tax-id': string
}

export type ReadBillingForm =
  | { ok: true; typed: BillingForm; profile: BillingProfile }
  | { ok: false; typed: BillingForm; problems: Problems }

/** Ids of fields, by where the schema has them. */
const FIELDS: Readonly<Record<string, keyof BillingForm>> = {
  name: 'name',
  email: 'email',
  'address.line1': 'line1',
  'address.line2': 'line2',
  'address.city': 'city',
  'address.region': 'region',
  'address.postalCode': 'postal-code',
  'address.country': 'country',
  'taxId.type': 'tax-id-type',
  'taxId.value': 'tax-id',
}

export function billingFormOf(profile: BillingProfileVersion | null, email: string): BillingForm {
  return {
    ...{ name: profile?.name ?? '', email: profile ? (profile.email ?? '') : email },
    ...{ line1: profile?.line1 ?? '', line2: profile?.line2 ?? '', city: profile?.city ?? '' },
    ...{ region: profile?.region ?? '', 'postal-code': profile?.postalCode ?? '', country: profile?.country ?? '' },
    ...{ 'tax-id-type': profile?.taxIdType ?? '', 'tax-id': profile?.taxIdValue ?? '' },
  }
}

/** Reads the form by the schema that the API has as well; each sentence beside its field. */
export function readBillingForm(fields: unknown): ReadBillingForm {
  const typed = Object.fromEntries(
    Object.values(FIELDS).map((id) => [id, fieldOf(fields, id)]),
  ) as unknown as BillingForm
  const { name, email, line1, line2, city, region, country } = typed
  const hasTaxId = typed['tax-id'] !== '' || typed['tax-id-type'] !== ''
  if (hasTaxId && typed['tax-id-type'] === '') {
    return { ok: false, typed, problems: { 'tax-id-type': 'Choose what kind of tax id it is.' } }
  }
  const parsed = billingProfileSchema.safeParse({
    ...{ name, email },
    address: { line1, line2, city, region, postalCode: typed['postal-code'], country },
    taxId: hasTaxId ? { type: typed['tax-id-type'], value: typed['tax-id'] } : null,
  })
  if (parsed.success) return { ok: true, typed, profile: parsed.data }
  const problems: Problems = {}
  for (const { path, message } of parsed.error.issues) problems[FIELDS[path.join('.')] ?? 'form'] ??= sentence(message)
  return { ok: false, typed, problems }
}

/** "expected one line of text" → "Expected one line of text." */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}
