import type { Pool } from 'pg'
import { sellerTo } from '../../invoicing/seller.ts'
import type { Clock } from '../../lib/clock.ts'
import { OrderError } from '../../orders/order-error.ts'
import { type OrderTax, taxOnOrder } from '../../orders/order-tax.ts'
import {
  type CreditPackage,
  findPackage,
  listPackages,
  type Purchase,
  type PurchaseLimits,
  purchaseOf,
} from '../../orders/packages.ts'
import { AMOUNT_EXPECTED, typedMinor } from './shown-amount.ts'

/** Stands for an amount of one's own where no package has one. */
export const OWN_AMOUNT = 'own'

export interface QuoteDeps {
  pool: Pool
  clock: Clock
  currency: string
  limits: PurchaseLimits
}

/** What somebody has chosen, as the form has it. */
export interface Choice {
  packageSlug: string
  /** As it was typed. */
  amount: string
}

/** What a purchase would come to now: nothing is written, and nothing promised beyond the moment. */
export interface PurchaseQuote extends Purchase, OrderTax {
  readonly totalMinor: bigint
  /** As the checkout wants it: null with a package that has a price. */
  readonly amountMinor: bigint | null
  readonly packageSlug: string | null
  /** Whether somebody sells who has a bank account to transfer to. */
  readonly takesTransfers: boolean
}

/** What may be bought: packages in the platform's currency, and always an amount of one's own. */
export async function offersOf({ pool, currency }: QuoteDeps): Promise<CreditPackage[]> {
  const packages = (await listPackages(pool)).filter((one) => one.currency === currency)
  return packages.some(isOwnAmount) ? packages : [...packages, ownAmountIn(currency)]
}

/** Whether its buyer names the amount. */
export const isOwnAmount = ({ priceMinor, creditNano }: CreditPackage): boolean =>
  priceMinor === null || creditNano === null

/**
 * The price of a choice with the tax on it, by the rules that the checkout applies.
 * @throws OrderError naming the field: `package` or `amountMinor`
 */
export async function quotePurchase(deps: QuoteDeps, accountId: string, choice: Choice): Promise<PurchaseQuote> {
  const client = await deps.pool.connect()
  try {
    const chosen = choice.packageSlug === OWN_AMOUNT ? null : await findPackage(client, choice.packageSlug)
    const amountMinor = chosen !== null && !isOwnAmount(chosen) ? null : amountOf(choice.amount)
    const purchase = purchaseOf(chosen, amountMinor, deps.limits)
    const { netMinor } = purchase
    const tax = await taxOnOrder(client, deps.clock, { accountId, currency: deps.currency, netMinor })
    const seller = await sellerTo(client, accountId)
    return {
      ...{ ...purchase, ...tax, amountMinor, packageSlug: chosen?.slug ?? null },
      ...{ totalMinor: netMinor + tax.taxMinor, takesTransfers: seller?.bank != null },
    }
  } finally {
    client.release()
  }
}

function amountOf(typed: string): bigint {
  const amountMinor = typedMinor(typed)
  if (amountMinor === null) throw new OrderError('invalid_request', AMOUNT_EXPECTED, { field: 'amountMinor' })
  return amountMinor
}

function ownAmountIn(currency: string): CreditPackage {
  return {
    ...{ id: OWN_AMOUNT, slug: OWN_AMOUNT, name: 'Your own amount', description: 'Credited in full.', currency },
    ...{ priceMinor: null, creditNano: null, bonusNano: 0n, plan: null },
  }
}
