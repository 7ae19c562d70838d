import type { CatalogState } from '../catalog/catalog-state.ts'
import { compileFor, indexPrices, type PriceIndex } from '../catalog/price-index.ts'
import type { Nano } from '../money/nano.ts'
import type { CompiledPricePlan } from '../pricing/price-plan.ts'
import type { SimulatedAccount } from './sql/simulated-accounts.ts'

/** A pair is some kilobytes: this many fit without a thought. */
const PAIRS_MAX = 20_000

/** The prices of one route for one kind of customer. */
export interface PricePair {
  unchanged: CompiledPricePlan
  after: CompiledPricePlan
  /** The change does not touch it. */
  isSame: boolean
}

export interface SimulatedBuyer {
  routeId: string
  account: SimulatedAccount
  /** Who sold the requests. */
  reseller: SimulatedAccount | null
  ownKey: boolean
}

/** Compiles each price once, with and without the change. */
export interface SimulationPrices {
  pairFor(buyer: SimulatedBuyer): PricePair
}

export function simulationPrices(
  before: CatalogState,
  after: CatalogState,
  { at, operatorFeeNano }: { at: Date; operatorFeeNano: Nano },
): SimulationPrices {
  const unchangedIndex = indexPrices(before)
  const afterIndex = before === after ? unchangedIndex : indexPrices(after)
  const routes = new Map(after.routes.map((route) => [route.id, route]))
  const named = new Set([...before.priceRules, ...after.priceRules].map((row) => row.account_id))
  const pairs = new Map<string, PricePair>()

  function compile(prices: PriceIndex, { routeId, account, reseller, ownKey }: SimulatedBuyer): CompiledPricePlan {
    const route = routes.get(routeId)
    if (route === undefined) throw new Error(`The usage names the route ${routeId}, which is not in the catalog.`)
    const ownFee = reseller?.seller_fee_nano ?? null
    return compileFor(prices, {
      route,
      audience: {
        // Those whom no rule names share their prices.
        accountId: named.has(account.id) ? account.id : null,
        planId: account.plan_id,
        seller: reseller && { id: reseller.id, slug: reseller.slug, planId: reseller.plan_id },
      },
      at,
      fees: { operatorFeeNano, sellerFeeNano: ownFee === null ? operatorFeeNano : BigInt(ownFee) },
      ownKey,
    })
  }

  return {
    pairFor(buyer) {
      const { routeId, account, reseller, ownKey } = buyer
      const accountId = named.has(account.id) ? account.id : ''
      const key = [routeId, accountId, account.plan_id, reseller?.id, ownKey].join()
      const known = pairs.get(key)
      if (known !== undefined) return known
      if (pairs.size >= PAIRS_MAX) pairs.clear()
      const unchanged = compile(unchangedIndex, buyer)
      const changed = unchangedIndex === afterIndex ? unchanged : compile(afterIndex, buyer)
      const isSame = unchanged.ok && changed.ok && sameVersions(unchanged.plan.versions, changed.plan.versions)
      const pair = { unchanged, after: isSame ? unchanged : changed, isSame: unchanged === changed || isSame }
      pairs.set(key, pair)
      return pair
    },
  }
}

function sameVersions(a: object, b: object): boolean {
  return Object.values(a).join() === Object.values(b).join()
}
