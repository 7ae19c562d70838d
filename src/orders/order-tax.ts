import type { ClientBase } from 'pg'
import { dayIn } from '../invoicing/issue-document.ts'
import { sellerTo } from '../invoicing/seller.ts'
import type { TaxPoint } from '../invoicing/seller-schema.ts'
import { readBuyer, readTaxTable, type SaleTax, taxOnTop } from '../invoicing/tax-of-sale.ts'
import type { Clock } from '../lib/clock.ts'

export interface OrderTax {
  taxMinor: bigint
  taxDecision: SaleTax | null
  taxPoint: TaxPoint
  /** Whose vouchers its credits are; null where its tax is due at its payment. */
  sellerId: string | null
}

/** What a buyer of vouchers is told before paying. */
export const VOUCHER_TEXT = 'VAT is contained and invoiced monthly as credits are used.'

const NOT_DECIDED: OrderTax = { taxMinor: 0n, taxDecision: null, taxPoint: 'PURCHASE', sellerId: null }

/**
 * The tax that comes on top of an order, decided before its buyer pays. Where nobody knows yet where the buyer is, or who
 * sells, nothing comes on top: what is paid then contains the tax, and the invoice says how much. Where the seller's tax point is
 * usage, nothing comes on top either: the buyer pays the face value, which contains the tax that falls due as credits are used.
 */
export async function taxOnOrder(
  client: ClientBase,
  clock: Clock,
  order: { accountId: string; currency: string; netMinor: bigint },
): Promise<OrderTax> {
  const seller = await sellerTo(client, order.accountId)
  if (!seller) return NOT_DECIDED
  if (seller.taxPoint === 'USAGE') return { ...NOT_DECIDED, taxPoint: 'USAGE', sellerId: seller.id }
  const buyer = await readBuyer(client, order.accountId)
  const date = dayIn(seller.timeZone, clock.now())
  const sale = { seller, buyer, currency: order.currency, date, table: await readTaxTable(client) }
  const taxed = taxOnTop(sale, order.netMinor)
  return taxed ? { ...NOT_DECIDED, taxMinor: taxed.taxMinor, taxDecision: taxed.tax } : NOT_DECIDED
}
