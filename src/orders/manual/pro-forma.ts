import type { Pool } from 'pg'
import { z } from 'zod'
import { formatMoney } from '../../money/format-money.ts'
import { printedReference } from '../creditor-reference.ts'
import { type PaymentOrder, readOrder } from '../order.ts'
import { orderNotFound } from '../order-error.ts'
import { id, readRequest } from '../read-request.ts'
import { epcPayload } from './epc-payload.ts'
import type { ManualOrderDeps } from './manual-order.ts'
import { bankDetails, type PayableSeller, payableSeller } from './payable-seller.ts'

/** Seller or buyer, as a document shows them. */
export interface Party {
  name: string
  addressLines: string[]
  taxId: string | null
  email: string | null
}

/**
 * What the buyer is asked for, ready to be shown: the same order gives the same pro-forma. It is a request for payment,
 * not an invoice. Amounts in minor units, days in UTC as `YYYY-MM-DD`.
 */
export interface ProForma {
  orderId: string
  orderNumber: bigint
  /** `open`: awaits a transfer, even a late one; `paid` and `canceled`: nothing is to be paid any more. */
  status: 'open' | 'paid' | 'canceled'
  createdAt: number
  issuedOn: string
  dueOn: string | null
  seller: Party
  buyer: Party
  currency: string
  lines: { description: string; netMinor: bigint }[]
  netMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
  receivedMinor: bigint
  /** What is still to be transferred. */
  openMinor: bigint
  reference: string
  /** In groups of four. */
  printedReference: string
  bankDetails: { label: string; value: string }[]
  /** For a QR code; null where the EPC standard has none: another currency than euro, or nothing to pay. */
  epcPayload: string | null
}

const request = z.strictObject({ orderId: id, accountId: id.nullable() })

/**
 * The pro-forma of a manual order.
 * @param accountId whose order it must be; null = any, for the staff
 * @throws OrderError `order_not_found`, also for somebody else's order; `invalid_request` where no seller is set up
 */
export async function proForma(
  { pool }: Pick<ManualOrderDeps, 'pool'>,
  orderId: string,
  accountId: string | null,
): Promise<ProForma> {
  const asked = readRequest(request, { orderId, accountId })
  const order = await readOrder(pool, asked.orderId)
  if (order?.kind !== 'MANUAL') throw orderNotFound()
  if (asked.accountId !== null && asked.accountId !== order.accountId) throw orderNotFound()
  const seller = await payableSeller(pool, order.accountId)
  return describe(order, seller, await readBuyer(pool, order.accountId), await readPackageName(pool, order.packageId))
}

function describe(order: PaymentOrder, seller: PayableSeller, buyer: Party, packageName: string | null): ProForma {
  const { currency, netMinor, taxMinor, totalMinor, receivedMinor, reference } = order
  const status = statusOf(order)
  const openMinor = status === 'open' && receivedMinor < totalMinor ? totalMinor - receivedMinor : 0n
  const { iban, bic } = seller
  const transfer = { beneficiary: seller.legalName, iban, bic, amountMinor: openMinor, reference }
  return {
    ...{ orderId: order.id, orderNumber: order.number, status, createdAt: order.createdAt },
    issuedOn: dayOf(order.createdAt),
    dueOn: order.expiresAt === null ? null : dayOf(order.expiresAt),
    seller: partyOf(seller),
    buyer,
    lines: linesOf(order, packageName),
    ...{ currency, netMinor, taxMinor, totalMinor, receivedMinor, openMinor },
    ...{ reference, printedReference: printedReference(reference), bankDetails: bankDetails(seller) },
    // EPC069-12 carries euro alone.
    epcPayload: currency === 'EUR' ? epcPayload(transfer) : null,
  }
}

function statusOf({ state }: PaymentOrder): ProForma['status'] {
  if (state === 'CANCELED' || state === 'FAILED') return 'canceled'
  return state === 'AWAITING_PAYMENT' || state === 'EXPIRED' ? 'open' : 'paid'
}

function linesOf({ creditNano, bonusNano, netMinor, currency }: PaymentOrder, packageName: string | null) {
  const credits = `Prepaid credits, ${formatMoney(creditNano, currency, 'balance')}`
  const lines = [{ description: packageName === null ? credits : `${packageName}: ${credits}`, netMinor }]
  if (bonusNano > 0n) {
    lines.push({ description: `Bonus credits, ${formatMoney(bonusNano, currency, 'balance')}`, netMinor: 0n })
  }
  return lines
}

function partyOf({ legalName, address, taxId, email }: PayableSeller): Party {
  return { name: legalName, addressLines: addressLines(address), taxId, email }
}

interface BuyerRow {
  account_name: string
  name: string | null
  email: string | null
  line1: string | null
  line2: string | null
  city: string | null
  region: string | null
  postal_code: string | null
  country: string | null
  tax_id_value: string | null
}

/** As the account's latest billing profile says; without one, its name is what is known. */
async function readBuyer(pool: Pool, accountId: string): Promise<Party> {
  const { rows } = await pool.query<BuyerRow>(
    `SELECT account.name AS account_name, profile.name, profile.email, profile.line1, profile.line2, profile.city,
            profile.region, profile.postal_code, profile.country, profile.tax_id_value
     FROM account LEFT JOIN billing_profile profile ON profile.account_id = account.id
     WHERE account.id = $1 ORDER BY profile.version DESC NULLS LAST LIMIT 1`,
    [accountId],
  )
  const [row] = rows
  if (!row) throw new Error(`account ${accountId} is gone`)
  const name = row.name ?? row.account_name
  const lines = addressLines({ ...row, postalCode: row.postal_code })
  return { name, addressLines: lines, taxId: row.tax_id_value, email: row.email }
}

async function readPackageName(pool: Pool, packageId: string | null): Promise<string | null> {
  if (packageId === null) return null
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM credit_package WHERE id = $1', [packageId])
  return rows[0]?.name ?? null
}

interface Address {
  line1: string | null
  line2: string | null
  postalCode: string | null
  city: string | null
  region: string | null
  country: string | null
}

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

function addressLines({ line1, line2, postalCode, city, region, country }: Address): string[] {
  const place = [postalCode, city].filter(Boolean).join(' ')
  const land = country !== null && /^[A-Z]{2}$/.test(country) ? (COUNTRIES.of(country) ?? country) : country
  return [line1, line2, place, region, land].filter((line): line is string => line !== null && line.trim() !== '')
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
