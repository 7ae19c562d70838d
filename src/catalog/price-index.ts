import type { Nano } from '../money/nano.ts'
import { type CompiledPricePlan, compilePricePlan } from '../pricing/price-plan.ts'
import { type PriceRule, selectPriceRule, selectVersion } from '../pricing/price-rule.ts'
import { type CostProfileRow, type RouteRow, toCardVersion, toPriceRule } from './catalog-rows.ts'
import type { CardVersion } from './catalog-snapshot.ts'
import type { CatalogState } from './catalog-state.ts'
import type { Audience } from './price-audience.ts'

/** No account has it, so no rule is for it. */
const NOBODY = ''

/** Every version of every price, ready to be chosen from. */
export interface PriceIndex {
  costs: Map<string, CardVersion[]>
  lists: Map<string, CardVersion[]>
  /** The rules of a seller that may be for an account or plan: sought once, then a handful for each model. */
  rulesFor(sellerId: string | null, accountId: string | null, planId: string | null): readonly PriceRule[]
}

/** Reads the rows' figures once. Throws for a price or rule that makes no sense. */
export function indexPrices(state: CatalogState): PriceIndex {
  const costKey = (row: CostProfileRow) => `${row.provider_id}\n${row.upstream_model}`
  const versions = <K, R extends Parameters<typeof toCardVersion>[0]>(groups: Map<K, R[]>) =>
    new Map([...groups].map(([key, rows]): [K, CardVersion[]] => [key, rows.map(toCardVersion)]))
  const bySeller = Map.groupBy(state.priceRules, (row) => row.seller_id)
  const rules = new Map([...bySeller].map(([seller, rows]) => [seller, rows.map(toPriceRule)]))
  const narrowed = new Map<string, readonly PriceRule[]>()
  return {
    costs: versions(Map.groupBy(state.costProfiles, costKey)),
    lists: versions(Map.groupBy(state.listPrices, (row) => row.model_id)),
    rulesFor(sellerId, accountId, planId) {
      const key = [sellerId, accountId, planId].join()
      const found =
        narrowed.get(key) ??
        (rules.get(sellerId) ?? []).filter(
          ({ scope }) =>
            (scope.accountId === undefined || scope.accountId === accountId) &&
            (scope.planId === undefined || scope.planId === planId),
        )
      narrowed.set(key, found)
      return found
    },
  }
}

/** What sellers take for each 1,000,000 tokens, whatever the model: nano. */
export interface ProcessingFees {
  operatorFeeNano: Nano
  /** The reseller's, where one sells. */
  sellerFeeNano: Nano
}

export const NO_FEES: ProcessingFees = { operatorFeeNano: 0n, sellerFeeNano: 0n }

export interface PriceTarget {
  route: Pick<RouteRow, 'model_id' | 'provider_id' | 'upstream_model'>
  audience: Pick<Audience, 'accountId' | 'planId' | 'seller'>
  at: Date
  fees: ProcessingFees
  /** The customer brings the provider's key. */
  ownKey?: boolean
}

/** The waterfall of a route for an audience, by the versions in force at an instant. */
export function compileFor(prices: PriceIndex, { route, audience, at, fees, ownKey }: PriceTarget): CompiledPricePlan {
  const { seller, accountId, planId } = audience
  const ruleOf = (sellerId: string | null, buyerId: string | null, buyerPlanId: string | null) => {
    const buyer = { accountId: buyerId ?? NOBODY, planId: buyerPlanId }
    const place = { modelId: route.model_id, providerId: route.provider_id, at }
    return selectPriceRule(prices.rulesFor(sellerId, buyerId, buyerPlanId), { ...buyer, ...place }) ?? null
  }
  const costs = prices.costs.get(`${route.provider_id}\n${route.upstream_model}`) ?? []
  return compilePricePlan({
    cost: selectVersion(costs, at) ?? null,
    list: selectVersion(prices.lists.get(route.model_id) ?? [], at) ?? null,
    operatorRule: seller === null ? ruleOf(null, accountId, planId) : ruleOf(null, seller.id, seller.planId),
    operatorFeeNano: fees.operatorFeeNano,
    reseller: seller && { rule: ruleOf(seller.id, accountId, planId), feeNano: fees.sellerFeeNano },
    ownKey: ownKey ?? false,
  })
}
