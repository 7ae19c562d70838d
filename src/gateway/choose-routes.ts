import type { CatalogModel, CatalogRoute } from '../catalog/catalog-snapshot.ts'
import { losesMoney } from '../pricing/plane-rate.ts'
import type { PricePlan } from '../pricing/quote.ts'
import type { Caller } from './authenticate.ts'
import { GatewayError } from './gateway-error.ts'
import type { PricedRoute, PricePlans } from './price-plans.ts'

/** A request tries this many routes at most; its hold covers the dearest of them. */
const ROUTES_TRIED_MAX = 3

/**
 * The routes a request may take, in the order it will try them: by priority (lowest first), within one priority by
 * chance in proportion to weight. Routes without a price or a credential, and those that would lose money, are left out.
 * @throws GatewayError `model_not_priced` or `no_route`
 */
export function chooseRoutes(
  caller: Caller,
  model: CatalogModel,
  plans: PricePlans,
  now: number,
  random: () => number = Math.random,
): PricedRoute[] {
  const supported = model.routes.filter((route) => route.provider.protocol === 'openai')
  if (supported.length === 0) {
    throw new GatewayError('no_route', `No provider serves '${model.name}' on this endpoint at the moment.`)
  }
  const priced: PricedRoute[] = []
  for (const route of supported) {
    const compiled = plans.planFor(caller, model, route, now)
    if (compiled.ok) priced.push({ route, plan: compiled.plan })
  }
  if (priced.length === 0) {
    throw new GatewayError('model_not_priced', `The model '${model.name}' has no price yet, so it cannot be used.`, {
      param: 'model',
    })
  }
  const usable = priced.filter(isUsable)
  if (usable.length === 0) {
    throw new GatewayError('no_route', `No provider serves '${model.name}' at the moment.`, { retryAfterSeconds: 30 })
  }
  if (usable.length === 1) return usable
  return byPriorityThenWeight(usable, random).slice(0, ROUTES_TRIED_MAX)
}

/** Whether a request for the model could be sent anywhere now. */
export function isServed(caller: Caller, model: CatalogModel, plans: PricePlans, now: number): boolean {
  return model.routes.some((route) => {
    const compiled = route.provider.protocol === 'openai' ? plans.planFor(caller, model, route, now) : null
    return compiled?.ok === true && isUsable({ route, plan: compiled.plan })
  })
}

function isUsable({ route, plan }: PricedRoute): boolean {
  return route.provider.apiKey !== null && !isAtLoss(route, plan)
}

const losing = new WeakMap<PricePlan, boolean>()

function isAtLoss(route: CatalogRoute, plan: PricePlan): boolean {
  if (route.allowNegativeMargin) return false
  let loses = losing.get(plan)
  if (loses === undefined) {
    loses = losesMoney(plan)
    losing.set(plan, loses)
  }
  return loses
}

function byPriorityThenWeight(routes: readonly PricedRoute[], random: () => number): PricedRoute[] {
  // An exponential draw per route, divided by its weight, sorts in proportion to weight (Efraimidis and Spirakis, 2006).
  const drawn = routes.map((priced) => ({ priced, key: -Math.log(1 - random()) / Math.max(priced.route.weight, 0) }))
  drawn.sort((left, right) => left.priced.route.priority - right.priced.route.priority || left.key - right.key)
  return drawn.map(({ priced }) => priced)
}
