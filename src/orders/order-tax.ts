import type { ClientBase } from 'pg'
import { dayIn } from '../invoicing/issue-document.ts'
import { sellerTo } from '../invoicing/seller.ts'
import { readBuyer, readTaxTable, type SaleTax, taxOnTop } from '../invoicing/tax-of-sale.ts'
import type { Clock } from '../lib/clock.ts'

export interface OrderTax {
  taxMinor: bigint
  taxDecision: SaleTax | null
}

const NOT_DECIDED: OrderTax = { taxMinor: 0n, taxDecision: null }

/**
 * The tax that comes on top of an order, decided before its buyer pays. Where nobody knows yet where the buyer is, or who
 * sells, nothing comes on top: what is paid then contains the tax, and the invoice says how much.
 */
export async function taxOnOrder(
  client: ClientBase,
  clock: Clock,
  order: { accountId: string; currency: string; netMinor: bigint },
): Promise<OrderTax> {
  const seller = await sellerTo(client, order.accountId)
  if (!seller) return NOT_DECIDED
  const buyer = await readBuyer(client, order.accountId)
  const date = dayIn(seller.timeZone, clock.now())
  const sale = { seller, buyer, currency: order.currency, date, table: await readTaxTable(client) }
  const taxed = taxOnTop(sale, order.netMinor)
  return taxed ? { taxMinor: taxed.taxMinor, taxDecision: taxed.tax } : NOT_DECIDED
}
