import { electronicFormatIBAN, friendlyFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { readRequest, writtenLine } from './read-request.ts'

/** Where it stands in the table `setting`. */
const SELLER_KEY = 'seller'

const LINE_LENGTH_MAX = 140
/** RFC 5321. */
const EMAIL_LENGTH_MAX = 320

const line = writtenLine(LINE_LENGTH_MAX)
const lineOrNone = line.nullable().default(null)

const iban = z
  .string({ error: 'must be an IBAN' })
  .transform((text) => electronicFormatIBAN(text) ?? '')
  .refine((text) => isValidIBAN(text), { error: 'must be an IBAN; its check digits do not fit' })
const bic = z
  .string({ error: 'must be a BIC' })
  .transform((text) => text.replace(/\s/g, '').toUpperCase())
  .refine((text) => isValidBIC(text), { error: 'must be a BIC of 8 or 11 characters' })

const sellerSchema = z.strictObject({
  legalName: line,
  address: z.strictObject({
    line1: line,
    line2: lineOrNone,
    postalCode: lineOrNone,
    city: line,
    region: lineOrNone,
    /** ISO 3166-1 alpha-2. */
    country: z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 code such as DE' }),
  }),
  iban,
  bic: bic.nullable().default(null),
  bankName: lineOrNone,
  taxId: lineOrNone,
  email: z.email({ error: 'must be an email address' }).max(EMAIL_LENGTH_MAX, { error: 'is too long' }),
})

/** Who sells the credits, and where a bank transfer goes. IBAN and BIC without spaces, in capitals. */
export type Seller = z.output<typeof sellerSchema>
export type NewSeller = z.input<typeof sellerSchema>

/**
 * The seller, or null where none is set up.
 * @throws OrderError `invalid_request` where what is stored is no seller.
 */
export async function readSeller(client: ClientBase | Pool): Promise<Seller | null> {
  const { rows } = await client.query<{ value: NewSeller }>('SELECT value FROM setting WHERE key = $1', [SELLER_KEY])
  return rows[0] ? readRequest(sellerSchema, rows[0].value) : null
}

/**
 * Sets the seller, in place of the one before.
 * @throws OrderError `invalid_request` naming the field at fault.
 */
export async function writeSeller(client: ClientBase | Pool, seller: NewSeller): Promise<Seller> {
  const checked = readRequest(sellerSchema, seller)
  await client.query(
    'INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    [SELLER_KEY, JSON.stringify(checked)],
  )
  return checked
}

/** Where the money goes, in the order to show it. */
export function bankDetails(seller: Seller): { label: string; value: string }[] {
  return [
    { label: 'Account holder', value: seller.legalName },
    { label: 'IBAN', value: friendlyFormatIBAN(seller.iban) ?? seller.iban },
    ...(seller.bic === null ? [] : [{ label: 'BIC', value: seller.bic }]),
    ...(seller.bankName === null ? [] : [{ label: 'Bank', value: seller.bankName }]),
  ]
}
