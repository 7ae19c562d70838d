import { hash } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { DocumentKind, SellerParty } from './document-snapshot.ts'
import { InvoicingError } from './invoicing-error.ts'
import { type NewSeller, type SellerDetails, sellerSchema, type TaxPoint } from './seller-schema.ts'

/** Who issues documents, as the row has it. */
export interface Seller extends Omit<SellerDetails, 'invoicePattern' | 'creditNotePattern' | 'numberReset' | 'logo'> {
  readonly id: string
  /** The reseller; null = the operator. */
  readonly accountId: string | null
  /** Names the stored picture, in hex; null = none. */
  readonly logoSha256: string | null
}

interface SellerRow {
  id: string
  account_id: string | null
  legal_name: string
  line1: string
  line2: string | null
  city: string
  region: string | null
  postal_code: string
  country: string
  vat_id: string | null
  tax_number: string | null
  registration_number: string | null
  email: string | null
  phone: string | null
  website: string | null
  bank_holder: string | null
  iban: string | null
  bic: string | null
  bank_name: string | null
  logo_sha256: Buffer | null
  footer: string | null
  tax_point: TaxPoint
  small_business: boolean
  oss_registered: boolean
  time_zone: string
}

/** The operator, or a reseller; null where it was not set up. */
export async function readSeller(client: ClientBase | Pool, accountId: string | null): Promise<Seller | null> {
  const { rows } = await client.query<SellerRow>('SELECT * FROM seller WHERE account_id IS NOT DISTINCT FROM $1', [
    accountId,
  ])
  return rows[0] ? sellerOf(rows[0]) : null
}

/** Whoever it is; null where there is no such seller. */
export async function sellerById(client: ClientBase | Pool, id: string): Promise<Seller | null> {
  const { rows } = await client.query<SellerRow>('SELECT * FROM seller WHERE id = $1', [id])
  return rows[0] ? sellerOf(rows[0]) : null
}

/** Who sells to an account: its reseller, where that one is set up as a seller, else the operator. */
export async function sellerTo(client: ClientBase | Pool, accountId: string): Promise<Seller | null> {
  const { rows } = await client.query<SellerRow>({
    name: 'seller_to',
    text: `SELECT seller.* FROM account JOIN seller ON seller.account_id = account.reseller_id OR seller.account_id IS NULL
           WHERE account.id = $1 ORDER BY seller.account_id NULLS LAST LIMIT 1`,
    values: [accountId],
  })
  return rows[0] ? sellerOf(rows[0]) : null
}

/**
 * Sets a seller up, or changes it. What was issued before keeps what it said.
 * @throws InvoicingError `invalid_request` naming the field at fault.
 */
export async function writeSeller(
  client: ClientBase | Pool,
  clock: Clock,
  accountId: string | null,
  input: NewSeller,
): Promise<Seller> {
  const details = checked(input)
  const now = new Date(clock.now())
  const columns = { ...columnsOf(details), logo_sha256: await keepLogo(client, now, details.logo) }
  const names = Object.keys(columns)
  const known = await readSeller(client, accountId)
  const id = known?.id ?? uuidV7(clock)
  const values = Object.values(columns)
  if (known) {
    const sets = names.map((name, index) => `${name} = $${index + 3}`)
    await client.query(`UPDATE seller SET updated_at = $2, ${sets.join(', ')} WHERE id = $1`, [id, now, ...values])
  } else {
    const places = names.map((_, index) => `$${index + 4}`)
    await client.query(
      `INSERT INTO seller (id, account_id, created_at, updated_at, ${names.join(', ')}) VALUES ($1, $2, $3, $3, ${places.join(', ')})`,
      [id, accountId, now, ...values],
    )
  }
  await writeSeries(client, clock, id, 'INVOICE', details.invoicePattern, details.numberReset)
  await writeSeries(client, clock, id, 'CREDIT_NOTE', details.creditNotePattern, details.numberReset)
  return (await readSeller(client, accountId)) as Seller
}

function checked(input: NewSeller): SellerDetails {
  const parsed = sellerSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : (issue?.path.join('.') ?? 'seller')
  const problem = issue?.code === 'unrecognized_keys' ? 'is not known here' : (issue?.message ?? 'is not valid')
  throw new InvoicingError('invalid_request', `${field} ${problem}.`, field)
}

/** The pattern may change; the numbers count on. */
async function writeSeries(
  client: ClientBase | Pool,
  clock: Clock,
  sellerId: string,
  kind: DocumentKind,
  pattern: string,
  reset: 'YEARLY' | 'NEVER',
): Promise<void> {
  await client.query(
    `INSERT INTO invoice_series (id, seller_id, kind, pattern, reset, year) VALUES ($1, $2, $3, $4, $5, 0)
     ON CONFLICT (seller_id, kind) DO UPDATE SET pattern = excluded.pattern, reset = excluded.reset`,
    [uuidV7(clock), sellerId, kind, pattern, reset],
  )
}

function columnsOf(details: SellerDetails): Record<string, unknown> {
  const { address, bank } = details
  return {
    legal_name: details.legalName,
    ...{ line1: address.line1, line2: address.line2, city: address.city, region: address.region },
    ...{ postal_code: address.postalCode, country: address.country },
    ...{ vat_id: details.vatId, tax_number: details.taxNumber, registration_number: details.registrationNumber },
    ...{ email: details.email, phone: details.phone, website: details.website },
    ...{
      bank_holder: bank?.holder ?? null,
      iban: bank?.iban ?? null,
      bic: bank?.bic ?? null,
      bank_name: bank?.name ?? null,
    },
    ...{ footer: details.footer, tax_point: details.taxPoint, small_business: details.isSmallBusiness },
    ...{ oss_registered: details.isOssRegistered, time_zone: details.timeZone },
  }
}

function sellerOf(row: SellerRow): Seller {
  const bank =
    row.iban === null
      ? null
      : { holder: row.bank_holder ?? row.legal_name, iban: row.iban, bic: row.bic, name: row.bank_name }
  return {
    id: row.id,
    accountId: row.account_id,
    legalName: row.legal_name,
    address: {
      ...{ line1: row.line1, line2: row.line2, city: row.city, region: row.region },
      ...{ postalCode: row.postal_code, country: row.country },
    },
    ...{ vatId: row.vat_id, taxNumber: row.tax_number, registrationNumber: row.registration_number },
    ...{ email: row.email, phone: row.phone, website: row.website, bank, footer: row.footer },
    logoSha256: row.logo_sha256?.toString('hex') ?? null,
    ...{ taxPoint: row.tax_point, isSmallBusiness: row.small_business, isOssRegistered: row.oss_registered },
    timeZone: row.time_zone,
  }
}

/** Documents name the picture by its hash, so every one that was ever shown is kept. */
async function keepLogo(client: ClientBase | Pool, now: Date, logo: Buffer | null): Promise<Buffer | null> {
  if (!logo) return null
  const sha256 = hash('sha256', logo, 'buffer')
  await client.query(
    'INSERT INTO seller_logo (sha256, content, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [sha256, logo, now],
  )
  return sha256
}

export async function readLogo(client: ClientBase | Pool, sha256: string | null): Promise<Buffer | null> {
  if (sha256 === null) return null
  const { rows } = await client.query<{ content: Buffer }>('SELECT content FROM seller_logo WHERE sha256 = $1', [
    Buffer.from(sha256, 'hex'),
  ])
  return rows[0]?.content ?? null
}

/** The seller as a document says it. */
export function partyOf(seller: Seller): SellerParty {
  const { logoSha256, legalName, address, vatId, taxNumber, registrationNumber, email, phone, website, bank, footer } =
    seller
  return { legalName, address, vatId, taxNumber, registrationNumber, email, phone, website, bank, footer, logoSha256 }
}
