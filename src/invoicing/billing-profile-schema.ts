import { z } from 'zod'
import type { BillingProfile } from '../accounts/billing-profile.ts'
import { canonicalCountry } from './tax/country-code.ts'
import { checkTaxId } from './tax/tax-id.ts'
import type { TaxIdFault } from './tax/tax-id-check.ts'
import { isTaxIdType } from './tax-id-type-names.ts'

/** What fits on a document beside the rest, in characters; an email address may have 254 (RFC 5321). */
const NAME_MAX = 200
const LINE_MAX = 200
const PLACE_MAX = 100
const POSTAL_CODE_MAX = 20
const EMAIL_MAX = 254
/** With its spaces and dots; the longest number has far fewer. */
const TAX_ID_MAX = 60

/** Reserved codes for parts of Spain: known to the tax engine, but no countries of ISO 3166-1. */
const PARTS_OF_SPAIN: ReadonlySet<string> = new Set(['IC', 'EA'])

/** Line breaks and the like would reach documents as something else than the text that was typed. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u

const text = (max: number) =>
  z
    .string({ error: 'expected text' })
    .trim()
    .refine((value) => !CONTROL_CHARACTER.test(value), { error: 'expected one line of text' })
    .max(max, { error: `expected at most ${max} characters` })

/** An empty text is as good as none: forms send them. */
const optionalText = (max: number) =>
  text(max)
    .nullish()
    .transform((value) => value || null)

const NAME_EXPECTED = 'expected the name that invoices are made out to'
const COUNTRY_EXPECTED = 'expected a country by its two letters (ISO 3166-1), such as DE'

const country = z
  .string({ error: COUNTRY_EXPECTED })
  .max(PLACE_MAX, { error: COUNTRY_EXPECTED })
  .transform((code, context) => {
    const known = canonicalCountry(code)
    if (known !== null && !PARTS_OF_SPAIN.has(known)) return known
    context.addIssue({ code: 'custom', message: COUNTRY_EXPECTED })
    return z.NEVER
  })

const EMAIL_EXPECTED = 'expected an email address, such as billing@example.com'

const email = z
  .union([z.literal('').transform(() => null), z.email({ error: EMAIL_EXPECTED }).max(EMAIL_MAX), z.null()], {
    error: EMAIL_EXPECTED,
  })
  .optional()
  .transform((value) => value ?? null)

const fields = z.strictObject({
  name: z
    .string({ error: NAME_EXPECTED })
    .pipe(text(NAME_MAX))
    .refine((name) => name !== '', { error: NAME_EXPECTED }),
  email,
  address: z.strictObject(
    {
      line1: optionalText(LINE_MAX),
      line2: optionalText(LINE_MAX),
      city: optionalText(PLACE_MAX),
      region: optionalText(PLACE_MAX),
      postalCode: optionalText(POSTAL_CODE_MAX),
      country,
    },
    { error: 'expected an address with at least its country' },
  ),
  taxId: z
    .strictObject(
      {
        type: z
          .string({ error: 'expected a type of tax id, such as eu_vat' })
          .refine(isTaxIdType, { error: 'expected a type of tax id as Stripe names it, such as eu_vat' }),
        value: text(TAX_ID_MAX),
      },
      { error: 'expected an object with type and value, or null' },
    )
    .nullish(),
})

/** A billing profile as a customer gives it: checked, and in the form that documents show. */
export const billingProfileSchema = fields.transform(({ name, email, address, taxId }, context): BillingProfile => {
  const { type: taxIdType = null, value: given = null } = taxId ?? {}
  const taxIdValue = taxIdType === null || given === null ? null : checkedValue(taxIdType, given, address.country)
  if (taxIdValue !== null && typeof taxIdValue === 'object') {
    context.addIssue({
      code: 'custom',
      path: ['taxId', 'value'],
      message: expectedOf(taxIdType as string, taxIdValue.fault),
    })
    return z.NEVER
  }
  return { name, email, ...address, taxIdType, taxIdValue }
})

/** The id in its usual form. What there is no rule for is taken as it was written. */
function checkedValue(type: string, value: string, holder: string): string | { fault: TaxIdFault } {
  const { result, normalized, reason } = checkTaxId(type, value, holder)
  if (result === 'invalid') return { fault: reason ?? 'malformed' }
  if (result === 'valid') return normalized
  return normalized === '' ? { fault: 'empty' } : value
}

const EXPECTED: Readonly<Record<TaxIdFault, (type: string) => string>> = {
  empty: (type) => `expected a tax id of type ${type}`,
  too_long: (type) => `expected a tax id of type ${type}, which is shorter`,
  prefix_missing: () => 'expected the letters of its member state in front, as in DE136695976',
  not_an_eu_prefix: () =>
    'expected a VAT ID of a member state of the EU, as in DE136695976; others have types of their own',
  malformed: (type) => `expected the length and form of a tax id of type ${type}${exampleOf(type)}`,
  check_digits: (type) => `expected a tax id of type ${type} whose check digits agree: look for a mistyped character`,
  not_checkable: (type) => `expected a tax id of type ${type}`,
}

function expectedOf(type: string, fault: TaxIdFault): string {
  return EXPECTED[fault](type)
}

function exampleOf(type: string): string {
  return type === 'eu_vat' ? ', such as DE136695976' : type === 'gb_vat' ? ', such as GB980780684' : ''
}
