import type { Pool } from 'pg'
import { z } from 'zod'
import type { ProFormaDocument, ProFormaLine } from '../../invoicing/pdf/render-pro-forma.ts'
import { partyOf, readLogo, type Seller, sellerTo } from '../../invoicing/seller.ts'
import { type KnownBuyer, readBuyer } from '../../invoicing/tax-of-sale.ts'
import { centsFloor } from '../../money/nano.ts'
import { printedReference } from '../creditor-reference.ts'
import { type PaymentOrder, readOrder } from '../order.ts'
import { orderNotFound } from '../order-error.ts'
import { id, invalidField, readRequest } from '../read-request.ts'
import { epcPayload } from './epc-payload.ts'
import type { ManualOrderDeps } from './manual-order.ts'

/**
 * What the buyer is asked for, ready to be shown: the same order gives the same pro-forma. It is a request for payment,
 * not an invoice. Amounts in minor units, days in UTC as `YYYY-MM-DD`. Its QR code is null where the EPC standard has
 * none: another currency than euro, or nothing to pay.
 */
export interface ProForma extends ProFormaDocument {
  readonly orderId: string
  readonly reference: string
  readonly bank: NonNullable<ProFormaDocument['bank']>
}

/** Everything a pro-forma is made from. */
interface Known {
  order: PaymentOrder
  seller: Seller
  bank: NonNullable<Seller['bank']>
  logo: Buffer | null
  buyer: KnownBuyer
  packageName: string | null
}

const request = z.strictObject({ orderId: id, accountId: id.nullable() })

/**
 * The pro-forma of a manual order, in the language of the buyer's country.
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
  const seller = await sellerTo(pool, order.accountId)
  if (!seller?.bank) throw invalidField('seller', 'must be set up first: without its bank details nobody can pay')
  const logo = await readLogo(pool, seller.logoSha256)
  const buyer = await readBuyer(pool, order.accountId)
  const packageName = await readPackageName(pool, order.packageId)
  return describe({ order, seller, bank: seller.bank, logo, buyer, packageName })
}

function describe({ order, seller, bank, logo, buyer, packageName }: Known): ProForma {
  const { currency, netMinor, taxMinor, totalMinor, receivedMinor, reference, taxDecision: tax } = order
  const status = statusOf(order)
  const openMinor = status === 'open' && receivedMinor < totalMinor ? totalMinor - receivedMinor : 0n
  const { holder: beneficiary, iban, bic } = bank
  return {
    // What was decided for the order holds for its invoice, too: a buyer that has moved reads both in one language.
    language: tax?.language ?? buyer.language,
    ...{ orderId: order.id, orderNumber: order.number, status, createdAt: order.createdAt },
    issuedOn: dayOf(order.createdAt),
    dueOn: order.expiresAt === null ? null : dayOf(order.expiresAt),
    ...{ seller: partyOf(seller), bank, logo, buyer: buyer.party, currency, lines: linesOf(order, packageName), tax },
    ...{ netMinor, taxMinor, totalMinor, receivedMinor, openMinor },
    ...(order.taxPoint === 'USAGE' && { ofVouchers: true }),
    ...{ reference, printedReference: printedReference(reference) },
    // EPC069-12 carries euro alone.
    epcPayload: currency === 'EUR' ? epcPayload({ beneficiary, iban, bic, amountMinor: openMinor, reference }) : null,
  }
}

function statusOf({ state }: PaymentOrder): ProForma['status'] {
  if (state === 'CANCELED' || state === 'FAILED') return 'canceled'
  return state === 'AWAITING_PAYMENT' || state === 'EXPIRED' ? 'open' : 'paid'
}

/** The credits and their bonus, as a pro-forma or a receipt lists them. */
export function linesOf({ creditNano, bonusNano, netMinor }: PaymentOrder, packageName: string | null): ProFormaLine[] {
  const lines: ProFormaLine[] = [{ kind: 'CREDITS', creditMinor: centsFloor(creditNano), packageName, netMinor }]
  if (bonusNano > 0n) {
    lines.push({ kind: 'BONUS', creditMinor: centsFloor(bonusNano), packageName: null, netMinor: 0n })
  }
  return lines
}

export async function readPackageName(pool: Pool, packageId: string | null): Promise<string | null> {
  if (packageId === null) return null
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM credit_package WHERE id = $1', [packageId])
  return rows[0]?.name ?? null
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
