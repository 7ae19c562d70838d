import type { CatalogModel, CatalogRoute, CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import { type PriceRule, selectPriceRule, selectVersion } from '../pricing/price-rule.ts'
import { type CompiledPricePlan, compilePricePlan, type PricePlan } from '../pricing/quote.ts'
import type { Caller } from './authenticate.ts'

/** A plan is a few hundred bytes; this many accounts × routes fit without a thought. */
const PLANS_MAX = 50_000

export interface PricePlans {
  /** The price of a route for a caller by the versions in force at `now` (milliseconds). */
  planFor(caller: Caller, model: CatalogModel, route: CatalogRoute, now: number): CompiledPricePlan
}

/**
 * Compiles each price once per catalog snapshot, and anew from the instant a version comes into force or is retired. A new
 * snapshot gets new plans.
 */
export function createPricePlans(snapshot: CatalogSnapshot, operatorFeeNano: bigint): PricePlans {
  const plans = new Map<string, CompiledPricePlan>()
  const boundaries = versionBoundaries(snapshot)
  let validUntil = Number.NEGATIVE_INFINITY

  return {
    planFor(caller, model, route, now) {
      if (now >= validUntil || plans.size >= PLANS_MAX) {
        plans.clear()
        validUntil = boundaries.find((boundary) => boundary > now) ?? Number.POSITIVE_INFINITY
      }
      const key = caller.accountId + route.id
      let plan = plans.get(key)
      if (!plan) {
        plan = compile(snapshot, operatorFeeNano, caller, model, route, now)
        plans.set(key, plan)
      }
      return plan
    },
  }
}

function versionBoundaries(snapshot: CatalogSnapshot): number[] {
  const rules = [...snapshot.operatorRules, ...[...snapshot.resellerRules.values()].flat()]
  const prices = snapshot.models.flatMap((model) => [
    ...model.listPrices,
    ...model.routes.flatMap((route) => route.costProfiles),
  ])
  const instants = [
    ...[...rules, ...prices].map(({ effectiveFrom }) => effectiveFrom),
    ...rules.flatMap(({ retiredAt }) => retiredAt ?? []),
  ]
  return instants.map((instant) => instant.getTime()).sort((left, right) => left - right)
}

function compile(
  snapshot: CatalogSnapshot,
  operatorFeeNano: bigint,
  caller: Caller,
  model: CatalogModel,
  route: CatalogRoute,
  now: number,
): CompiledPricePlan {
  const at = new Date(now)
  const target = { modelId: model.id, providerId: route.provider.id, at }
  const { reseller } = caller
  const buyer = reseller ?? { id: caller.accountId, planId: caller.planId }
  const select = (rules: readonly PriceRule[], accountId: string, planId: string | null) =>
    selectPriceRule(rules, { ...target, accountId, planId }) ?? null
  return compilePricePlan({
    cost: selectVersion(route.costProfiles, at) ?? null,
    list: selectVersion(model.listPrices, at) ?? null,
    operatorRule: select(snapshot.operatorRules, buyer.id, buyer.planId),
    operatorFeeNano,
    reseller: reseller && {
      rule: select(snapshot.resellerRules.get(reseller.id) ?? [], caller.accountId, caller.planId),
      feeNano: reseller.feeNano ?? operatorFeeNano,
    },
    ownKey: false,
  })
}

/** A route with the price it would be charged at. */
export interface PricedRoute {
  route: CatalogRoute
  plan: PricePlan
}
