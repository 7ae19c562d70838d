import type { ClientBase, Pool } from 'pg'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { OrderError } from './order-error.ts'

/** What customers may buy. Prices in minor units, credits in nano. */
export interface CreditPackage {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly description: string
  readonly currency: string
  /** Null = the buyer names the amount and gets as many credits. */
  readonly priceMinor: bigint | null
  readonly creditNano: bigint | null
  /** Promotional credits on top. */
  readonly bonusNano: bigint
  /** The plan that a buyer is moved to, unless on a higher one; null = none. */
  readonly plan: { readonly id: string; readonly slug: string; readonly name: string } | null
}

/** Under this the fees of a card payment eat too much of it: 5.00. */
export const PURCHASE_MINIMUM_MINOR = 500n

/** What a buyer may name. In minor units of the currency. */
export interface PurchaseLimits {
  readonly currency: string
  readonly minimumMinor: bigint
  readonly maximumMinor: bigint
}

/** What an order is made out over. */
export interface Purchase {
  readonly netMinor: bigint
  readonly creditNano: bigint
  readonly bonusNano: bigint
  readonly packageId: string | null
  readonly planId: string | null
}

interface PackageRow {
  id: string
  slug: string
  name: string
  description: string
  currency: string
  price_minor: string | null
  credit_nano: string | null
  bonus_nano: string
  plan_id: string | null
  plan_slug: string
  plan_name: string
}

const READ_PACKAGES = `
  SELECT package.id, package.slug, package.name, description, currency, price_minor, credit_nano, bonus_nano,
         plan_id, plan.slug AS plan_slug, plan.name AS plan_name
  FROM credit_package package LEFT JOIN plan ON plan.id = plan_id
  WHERE disabled_at IS NULL`

/** The packages that are on sale, in their order. */
export async function listPackages(client: ClientBase | Pool): Promise<CreditPackage[]> {
  const { rows } = await client.query<PackageRow>(`${READ_PACKAGES} ORDER BY position, package.slug`)
  return rows.map(packageOf)
}

/**
 * The package on sale under this slug.
 * @throws OrderError `package_not_found` where there is none, or none any more.
 */
export async function findPackage(client: ClientBase | Pool, slug: string): Promise<CreditPackage> {
  const { rows } = await client.query<PackageRow>(`${READ_PACKAGES} AND package.slug = $1`, [slug])
  const [row] = rows
  if (!row) throw new OrderError('package_not_found', 'There is no such package.', { field: 'package' })
  return packageOf(row)
}

function packageOf(row: PackageRow): CreditPackage {
  const { id, slug, name, description, currency } = row
  return {
    ...{ id, slug, name, description, currency },
    priceMinor: row.price_minor === null ? null : BigInt(row.price_minor),
    creditNano: row.credit_nano === null ? null : BigInt(row.credit_nano),
    bonusNano: BigInt(row.bonus_nano),
    plan: row.plan_id === null ? null : { id: row.plan_id, slug: row.plan_slug, name: row.plan_name },
  }
}

/**
 * What a buyer gets for what: a package at its price, or an amount of their own. Exactly one of the two says the price,
 * so a package without one needs the amount. The limits bound what a buyer names; a package's price is the operator's.
 * @throws OrderError naming the field: `invalid_request`, `currency_not_supported`, `amount_below_minimum`,
 * `amount_above_maximum`.
 */
export function purchaseOf(chosen: CreditPackage | null, amountMinor: bigint | null, limits: PurchaseLimits): Purchase {
  if (chosen !== null && chosen.currency !== limits.currency) {
    const message = `This package is sold in ${chosen.currency}, and the account holds ${limits.currency}.`
    throw new OrderError('currency_not_supported', message, { field: 'package' })
  }
  const packageId = chosen?.id ?? null
  const planId = chosen?.plan?.id ?? null
  const bonusNano = chosen?.bonusNano ?? 0n
  if (chosen !== null && chosen.priceMinor !== null && chosen.creditNano !== null) {
    if (amountMinor !== null)
      throw amountError('invalid_request', 'This package has its price: name no amount with it.')
    return { netMinor: chosen.priceMinor, creditNano: chosen.creditNano, bonusNano, packageId, planId }
  }
  if (amountMinor === null) {
    throw amountError('invalid_request', 'Name either a package that has a price, or an amount.')
  }
  checkAmount(amountMinor, limits)
  return { netMinor: amountMinor, creditNano: amountMinor * NANO_PER_CENT, bonusNano, packageId, planId }
}

/**
 * @throws OrderError `amount_below_minimum` or `amount_above_maximum`, naming the field `amountMinor`.
 */
export function checkAmount(amountMinor: bigint, { currency, minimumMinor, maximumMinor }: PurchaseLimits): void {
  if (amountMinor < minimumMinor) {
    throw amountError('amount_below_minimum', `The least is ${inWords(minimumMinor, currency)}.`)
  }
  if (amountMinor > maximumMinor) {
    throw amountError('amount_above_maximum', `The most is ${inWords(maximumMinor, currency)}.`)
  }
}

function amountError(
  code: 'invalid_request' | 'amount_below_minimum' | 'amount_above_maximum',
  message: string,
): OrderError {
  return new OrderError(code, message, { field: 'amountMinor' })
}

function inWords(minor: bigint, currency: string): string {
  return formatMoney(minor * NANO_PER_CENT, currency, 'exact')
}
